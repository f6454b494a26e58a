"""The counter: whose code is this, and may the person come in?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from applicants.models import User
from appointments.arrival import OtherOffice, check_in
from appointments.looks import place_facts
from appointments.models import Appointment
from appointments.visits.checking import check_letter, in_address
from appointments.visits.enums import LetterState
from appointments.visits.signing import Forged, is_signed, read
from mpaspor.audit import trail
from mpaspor.core.codes import typed_code
from mpaspor.core.errors import Refusal
from quota.access import offices_of


class UnknownCode(Refusal):
    code = "unknown-code"
    message = _("There is no appointment with this code.")
    remedy = _(
        "Compare each sign with the letter. A code has ten signs; 0, 1, 2, 5, 8, B, I, L, O, S and "
        "Z are never among them."
    )
    field = "code"
    status = 404


class ForgedLetter(Refusal):
    code = "forged-letter"
    message = _("This square does not carry our signature.")
    remedy = _(
        "Scan it once more or type the code. If it is refused again, the letter is not from us: "
        "call the head of the office."
    )
    field = "code"
    status = 422


class OldLetter(Refusal):
    code = "old-letter"
    message = _("This letter is good no more. %(why)s")
    remedy = _("Ask the person to open the newest letter under “My applications”.")
    field = "code"
    status = 409


@dataclass(frozen=True)
class Reception:
    """How it went. There is no appointment to show when the code is unknown or another office's."""

    appointment: Appointment | None = None
    refusal: Refusal | None = None
    came_before: bool = False


def receive(*, text: str, by: User, at: datetime) -> Reception:
    """Checks in whoever's code was typed, dictated or scanned; repeatable.

    At the officer's own office; an officer of all offices receives people at theirs.
    """
    try:
        found = _with_code(code_in(text))
    except Refusal as no:
        return Reception(refusal=no)
    offices = offices_of(by)
    office = offices.filter(pk=found.slot.office_id).first() or offices.get()
    try:
        arrived = check_in(appointment=found, office=office, by=by, at=at)
    except OtherOffice as no:
        return Reception(refusal=no)
    except Refusal as no:
        look([found], by=by, at=at, through="code")
        return Reception(found, no)
    look([arrived], by=by, at=at, through="code")
    return Reception(arrived, came_before=arrived.checked_in_at != at)


def look(
    appointments: Iterable[Appointment],
    *,
    by: User,
    at: datetime,
    through: str,
    program: str = "",
) -> None:
    """Notes that an officer, or a program of theirs, saw these people's data.

    In their role and office of that moment.
    """
    place, door = place_facts(by), program or by
    for appointment in appointments:
        subject = f"appointment:{appointment.code}"
        trail.record("person.look", subject=subject, by=door, at=at, through=through, **place)


def code_in(text: str) -> str:
    """The code that was typed, or that a letter's square holds under our signature.

    Raises ForgedLetter, OldLetter.
    """
    text = in_address(text)
    if not is_signed(text):
        return typed_code(text)
    try:
        code = read(text).code
    except Forged as no:
        raise ForgedLetter from no
    checked = check_letter(text)
    if checked.state == LetterState.MOVED:
        raise OldLetter(why=checked.why)
    return code


def _with_code(code: str) -> Appointment:
    """Raises UnknownCode."""
    rows = Appointment.objects.select_related("application__person__identity", "slot__office")
    found = rows.filter(code=code).first()
    if found is None:
        raise UnknownCode
    return found
