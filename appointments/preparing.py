"""What is said of the journey and of whom to call, until the person stands at the counter."""

import unicodedata
from datetime import date, datetime, timedelta

import phonenumbers
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applicants.names import NameNotValid, clean_name
from appointments.details import EmergencyContact, Journey
from appointments.enums import ApplicationStatus, Tie
from appointments.models import Application
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal

# From the draft until the visit.
OPEN = (
    ApplicationStatus.DRAFT,
    ApplicationStatus.SUBMITTED,
    ApplicationStatus.PAID,
    ApplicationStatus.SCHEDULED,
)
# As far ahead as somebody may plan a journey.
AHEAD = timedelta(days=2 * 366)
PHONE_LENGTH = 40


class DetailsClosed(Refusal):
    code = "details-closed"
    message = _("This application is over or the visit has begun; this is no longer asked for.")
    remedy = _("Tell the officer at the counter, or start a new application.")


class DepartureNotValid(Refusal):
    code = "departure-not-valid"
    message = _("The day of departure must be after today and within two years.")
    remedy = _("Choose another day, or leave it empty if you do not know it yet.")
    field = "departure"
    status = 422


class ContactNameNotValid(NameNotValid):
    code = "contact-name-not-valid"
    remedy = _("Type the name of the person in letters.")
    field = "contact_name"


class ContactPhoneNotValid(Refusal):
    code = "contact-phone-not-valid"
    message = _("This is no phone number that can be called.")
    remedy = _("Type it like 0812-3456-7890, 021-345-6789 or +60 12-345 6789.")
    field = "contact_phone"
    status = 422


@transaction.atomic
def plan_journey(
    *, application: Application, journey: Journey, by: trail.By, at: datetime
) -> Application:
    """Repeatable. Raises DetailsClosed, DepartureNotValid."""
    locked = _locked(application)
    if locked.journey == journey:
        return locked
    refuse_departure(journey.departure, at=at)
    locked.journey = journey
    locked.save(update_fields=["journey_sealed"])
    _record("application.journey", locked, by=by, at=at)
    return locked


@transaction.atomic
def name_contact(
    *, application: Application, contact: EmergencyContact, by: trail.By, at: datetime
) -> Application:
    """In place of the one before; repeatable. Raises DetailsClosed."""
    locked = _locked(application)
    if locked.contact == contact:
        return locked
    locked.contact = contact
    locked.save(update_fields=["contact_sealed"])
    _record("application.contact", locked, by=by, at=at)
    return locked


def refuse_departure(departure: date | None, *, at: datetime) -> None:
    """Raises DepartureNotValid."""
    today = timezone.localdate(at)
    if departure and not today < departure <= today + AHEAD:
        raise DepartureNotValid


def still_to_come(journey: Journey | None, *, at: datetime) -> Journey | None:
    """The same for a new application: a day of departure that is over counts no more."""
    if journey is None or journey.departure is None or journey.departure > timezone.localdate(at):
        return journey
    return Journey(journey.purpose)


def contact_of(*, name: str, relation: str, phone: str) -> EmergencyContact:
    """As people type it. Raises ContactNameNotValid, ContactPhoneNotValid."""
    try:
        clean = clean_name(name)
    except NameNotValid as no:
        raise ContactNameNotValid(**no.facts) from no
    return EmergencyContact(clean, Tie(relation), read_number(phone))


def read_number(text: str) -> str:
    """Any number that can be called, in E.164: a landline, too, or one abroad.

    Raises ContactPhoneNotValid.
    """
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    try:
        number = phonenumbers.parse(seen[:PHONE_LENGTH], "ID")
    except phonenumbers.NumberParseException as no:
        raise ContactPhoneNotValid from no
    if len(seen) > PHONE_LENGTH or not phonenumbers.is_valid_number(number):
        raise ContactPhoneNotValid
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _locked(application: Application) -> Application:
    """Raises DetailsClosed."""
    locked = Application.objects.select_for_update().get(pk=application.pk)
    if locked.status not in OPEN:
        raise DetailsClosed
    return locked


def _record(deed: str, application: Application, *, by: trail.By, at: datetime) -> None:
    """The ledger knows who said something and when, never what."""
    trail.record(deed, subject=f"application:{application.code}", by=by, at=at)
