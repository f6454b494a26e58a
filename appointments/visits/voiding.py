"""A letter that is good no more, because its appointment was moved or it was made anew."""

from datetime import datetime

from django.db import transaction

from appointments.models import Appointment
from appointments.visits.enums import VoidReason
from appointments.visits.models import VoidLetter
from mpaspor.audit import trail


@transaction.atomic
def void_letter(
    *, appointment: Appointment, reason: VoidReason, by: trail.By, at: datetime
) -> None:
    """The letter that was good until now is refused everywhere; the next one has the next serial.

    For whoever moves a confirmed appointment, in the same transaction. Not repeatable: each call
    voids the letter of that moment. Before the confirmation there is none and nothing is done.
    """
    locked = Appointment.objects.select_for_update(of=("self",)).get(pk=appointment.pk)
    if locked.confirmed_at is None:
        return
    serial = serial_of(locked)
    VoidLetter.objects.create(appointment=locked, serial=serial, reason=reason, voided_at=at)
    trail.record(
        "letter.void",
        subject=f"appointment:{locked.code}",
        by=by,
        at=at,
        serial=serial,
        reason=str(reason),
    )


def serial_of(appointment: Appointment) -> int:
    """Of the letter that is good now."""
    return 1 + VoidLetter.objects.filter(appointment=appointment).count()
