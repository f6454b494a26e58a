"""The counter: whose code is this, and may the person come in?"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from applicants.models import User
from appointments.arrival import OtherOffice, check_in
from appointments.looks import place_facts
from appointments.models import Appointment
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
    found = _with_code(code_in(text))
    if found is None:
        return Reception(refusal=UnknownCode())
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


def look(appointments: Iterable[Appointment], *, by: User, at: datetime, through: str) -> None:
    """Notes that an officer, in their role and office of that moment, saw these people's data."""
    place = place_facts(by)
    for appointment in appointments:
        subject = f"appointment:{appointment.code}"
        trail.record("person.look", subject=subject, by=by, at=at, through=through, **place)


def code_in(text: str) -> str:
    """The code in what was typed, or in the address that a scanner reads from a letter's QR."""
    address = re.search(r"/verify/([^/?#\s]+)", text, re.IGNORECASE)
    return typed_code(address[1] if address else text)


def _with_code(code: str) -> Appointment | None:
    rows = Appointment.objects.select_related("application__person__identity", "slot__office")
    return rows.filter(code=code).first()
