"""The waiting list for persons of an account: who may be on it, and who needs it no more."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applicants.models import Identity, Person, User
from appointments.accepting import persons_of_wish
from appointments.applying import refuse_if_active
from appointments.enums import IN_THE_WORKS, AppointmentStatus
from appointments.models import Appointment
from appointments.priority import refuse_party
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.enums import Service
from quota.models import Office
from quota.queries import terms_for
from quota.waiting_list.enums import Hours, WishStatus
from quota.waiting_list.models import Wish, WishMember
from quota.waiting_list.queries import free_for
from quota.waiting_list.wishing import change_wish, leave, place_wish


class SeatsFree(Refusal):
    """Its facts have the earliest `slots` that fit."""

    code = "seats-free"
    message = _("There are free seats now: nobody need wait.")
    remedy = _("Take one of them.")


def wish_for(
    *,
    account: User,
    persons: Sequence[Person],
    offices: Sequence[str],
    first_day: date,
    last_day: date,
    hours: Hours,
    service: Service,
    by: trail.By,
    at: datetime,
) -> Wish:
    """Puts these persons of the account onto the list, to be served together.

    Raises AlreadyActive, PartyWithoutNeed, SeatsFree and what
    quota.waiting_list.wishing.place_wish raises.
    """
    _refuse_party(persons, offices, service, first_day, last_day)
    for person in persons:
        refuse_if_active(person.identity_id, account_id=account.pk)
    free = free_for(
        offices=offices,
        first_day=first_day,
        last_day=last_day,
        hours=hours,
        service=service,
        size=max(len(persons), 1),
        at=at,
    )
    if free:
        raise SeatsFree(slots=free)
    return place_wish(
        account=account,
        identities=[person.identity.code for person in persons],
        offices=offices,
        first_day=first_day,
        last_day=last_day,
        hours=hours,
        service=service,
        by=by,
        at=at,
    )


def change_wish_of(
    *,
    wish: Wish,
    offices: Sequence[str],
    first_day: date,
    last_day: date,
    hours: Hours,
    service: Service,
    by: trail.By,
    at: datetime,
) -> Wish:
    """Raises PartyWithoutNeed and what quota.waiting_list.wishing.change_wish raises."""
    _refuse_party(persons_of_wish(wish), offices, service, first_day, last_day)
    return change_wish(
        wish=wish,
        offices=offices,
        first_day=first_day,
        last_day=last_day,
        hours=hours,
        service=service,
        by=by,
        at=at,
    )


def leave_list(person: Person, *, by: trail.By, at: datetime) -> None:
    """The account looks after this person no more."""
    own = WishMember.objects.filter(live=True, wish__account=person.account_id)
    for member in own.filter(identity=person.identity.code).select_related("wish"):
        _leave(member, WishStatus.WITHDRAWN, by=by, at=at)


def end_served_wishes(*, at: datetime, batch: int = 500) -> int:
    """Takes those off the list who have what they waited for; returns how many people."""
    confirmed = Appointment.objects.filter(status=AppointmentStatus.CONFIRMED)
    started = Appointment.objects.filter(application__status__in=IN_THE_WORKS)
    live = WishMember.objects.filter(live=True)
    waited = live.filter(wish__is_earlier=False, identity__in=_codes(confirmed | started))
    # Who wanted to come earlier and has nothing to come to any more.
    gone = live.filter(wish__is_earlier=True).exclude(identity__in=_codes(confirmed))
    found = [*waited.select_related("wish")[:batch], *gone.select_related("wish")[:batch]]
    for member in found:
        _leave(member, WishStatus.SERVED, by="timetable", at=at)
    return len(found)


def _codes(rows: "QuerySet[Appointment]") -> "QuerySet[Identity, str]":
    owners = Identity.objects.filter(pk__in=rows.values("identity"))
    return owners.values_list("code", flat=True)


def _leave(member: WishMember, status: WishStatus, *, by: trail.By, at: datetime) -> None:
    leave(wish=member.wish, identity=member.identity, status=status, by=by, at=at)


def _refuse_party(
    persons: Sequence[Person],
    offices: Sequence[str],
    service: Service,
    first_day: date,
    last_day: date,
) -> None:
    """By the terms of the office that lets the fewest companions in. Raises PartyWithoutNeed."""
    wished = Office.objects.filter(code__in=offices)
    companions = min((terms_for(each, first_day).companions for each in wished), default=0)
    days = (first_day, last_day)
    refuse_party(persons, service=service, days=days, companions=companions)
