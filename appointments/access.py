"""The one door to each row: whose it is decides who sees it."""

from datetime import date

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from applicants.models import Person, User
from appointments.enums import ApplicationStatus, AppointmentStatus
from appointments.models import Application, Appointment
from appointments.reseating.models import Reseating
from mpaspor.core.codes import typed_code
from quota.access import officer_may, offices_of
from quota.enums import Role
from quota.models import Office, Slot
from quota.waiting_list.models import Offer, Wish

Account = AbstractBaseUser | AnonymousUser


def applications_of(user: Account) -> "QuerySet[Application]":
    rows = Application.objects.filter(account_id=user.pk)
    people = ("person__identity", "person__verification", "account")
    return rows.select_related(*people).order_by("-created_at")


def application_for(user: Account, code: str) -> Application:
    return get_object_or_404(applications_of(user), code=typed_code(code))


def applications_for(user: Account, codes: str) -> list[Application]:
    """Those of an address, whose codes are joined by a dash: one, or a party's in its order."""
    return [application_for(user, code) for code in codes.split("-")[: settings.PARTY_LIMIT + 1]]


def drafts_of(user: Account) -> "QuerySet[Application]":
    return applications_of(user).filter(status=ApplicationStatus.DRAFT).order_by("person__name")


def application_to_change(user: Account, code: str) -> Application:
    """The same row for a deed, without what only pages show."""
    return get_object_or_404(Application, account_id=user.pk, code=typed_code(code))


def locked_application_for(user: Account, code: str) -> Application:
    """The same row, so that what is not said anew stays as it is. Only within a transaction."""
    return get_object_or_404(
        Application.objects.select_for_update().filter(account_id=user.pk), code=typed_code(code)
    )


def draft_of(user: Account, person: Person) -> Application | None:
    rows = Application.objects.filter(account_id=user.pk, person=person)
    return rows.filter(status=ApplicationStatus.DRAFT).first()


def appointments_of(user: Account) -> "QuerySet[Appointment]":
    """Those of the account's own applications."""
    return with_all(Appointment.objects.filter(application__account_id=user.pk))


def appointment_for(user: Account, code: str) -> Appointment:
    return get_object_or_404(appointments_of(user), code=typed_code(code))


def latest_appointment(application: Application) -> Appointment | None:
    rows = Appointment.objects.filter(application=application)
    return with_all(rows).order_by("-held_at", "-pk").first()


def appointment_to_change(user: Account, code: str) -> Appointment | None:
    """The latest appointment of the account's application, without what only pages show."""
    rows = Appointment.objects.filter(
        application__account_id=user.pk, application__code=typed_code(code)
    )
    return rows.order_by("-held_at", "-pk").first()


def wishes_of(user: Account) -> "QuerySet[Wish]":
    """The latest first."""
    return Wish.objects.filter(account_id=user.pk).order_by("-placed_at")


def wish_for_account(user: Account, code: str) -> Wish:
    return get_object_or_404(wishes_of(user), code=typed_code(code))


def offers_of(user: Account) -> "QuerySet[Offer]":
    """Those made to the account's own wishes."""
    rows = Offer.objects.filter(wish__account_id=user.pk)
    return rows.select_related("wish", "slot__office")


def offer_for(user: Account, code: str) -> Offer:
    return get_object_or_404(offers_of(user), code=typed_code(code))


def receives_people(user: Account) -> bool:
    """Who plans quota needs numbers, no names."""
    return officer_may(user, Role.HEAD, Role.COUNTER, Role.CENTRE)


def may_reseat(user: Account) -> bool:
    """Who empties a session or a day: heads of office, who see names and answer for the day."""
    return officer_may(user, Role.HEAD)


def session_to_empty(user: Account, code: str) -> Slot:
    slots = Slot.objects.filter(office__in=offices_of(user)).select_related("office")
    return get_object_or_404(slots if may_reseat(user) else slots.none(), code=typed_code(code))


def reseating_at(user: Account, code: str) -> Reseating:
    acts = Reseating.objects.filter(office__in=offices_of(user)).select_related("office")
    return get_object_or_404(acts if may_reseat(user) else acts.none(), code=typed_code(code))


def appointments_at(user: Account) -> "QuerySet[Appointment]":
    """Those at the offices where the user receives people."""
    if not receives_people(user):
        return Appointment.objects.none()
    return with_all(Appointment.objects.filter(slot__office__in=offices_of(user)))


def applications_at(user: Account) -> "QuerySet[Application]":
    """Those that have or had a seat at the offices where the user receives people."""
    seated = appointments_at(user).values("application")
    rows = Application.objects.filter(pk__in=seated)
    return rows.select_related("person__identity", "account").order_by("-created_at")


def application_at(user: User, code: str) -> Application:
    return get_object_or_404(applications_at(user), code=typed_code(code))


def visit_made(application: Application) -> Appointment | None:
    """The one to which its person has come, if they have."""
    rows = Appointment.objects.filter(application=application, status=AppointmentStatus.CHECKED_IN)
    return rows.select_related("slot__office").order_by("-pk").first()


def roster(user: Account, *, office: Office, day: date) -> "QuerySet[Appointment]":
    """The day's appointments at one of the officer's offices, by session."""
    rows = appointments_at(user).filter(slot__office=office, slot__date=day)
    return rows.order_by("slot__starts", "application__person__name")


def with_all(rows: "QuerySet[Appointment]") -> "QuerySet[Appointment]":
    return rows.select_related(
        "application__person__identity",
        "application__person__verification",
        "application__account",
        "slot__office",
        "bill",
    )


def account_to_reset(user: Account, code: str) -> User:
    """The account whose second step this user may reset.

    Superusers anybody's, the centre that of officers who are no superusers. Raises Http404.
    """
    accounts = User.objects.all() if getattr(user, "is_superuser", False) else User.objects.none()
    if officer_may(user, Role.CENTRE):
        accounts |= User.objects.filter(officer__isnull=False, is_superuser=False)
    return get_object_or_404(accounts, code=code)
