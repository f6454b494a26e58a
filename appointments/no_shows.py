"""Who has not come when the office closes the session, with its grace, is not expected any more."""

from datetime import datetime, timedelta

from django.db import transaction

from appointments.enums import ApplicationStatus, AppointmentStatus
from appointments.models import Appointment
from appointments.notices import tell
from mpaspor.audit import trail
from quota.models import Slot
from quota.queries import terms_for
from quota.seats import give_back


def mark_no_shows(*, at: datetime) -> int:
    """Ends the appointments of people who did not come; returns how many. Repeatable.

    Nobody missed a session that the office closed.
    """
    waiting = Appointment.objects.filter(status=AppointmentStatus.CONFIRMED, slot__ends_at__lt=at)
    slots = Slot.objects.filter(pk__in=waiting.values("slot"), closed_at=None)
    over = [slot for slot in slots.select_related("office") if closes(slot) < at]
    return sum(_end(slot, at=at) for slot in over)


def closes(slot: Slot) -> datetime:
    """The last moment at which somebody who is late is received."""
    minutes = terms_for(office=slot.office, day=slot.date).late_minutes
    return slot.ends_at + timedelta(minutes=minutes)


@transaction.atomic
def _end(slot: Slot, *, at: datetime) -> int:
    """Who is being checked in at this moment is left to the next run."""
    rows = Appointment.objects.filter(slot=slot, status=AppointmentStatus.CONFIRMED)
    locked = rows.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    missing = list(
        locked.select_related("application__account", "application__person", "slot__office")
    )
    for appointment in missing:
        appointment.status = AppointmentStatus.NO_SHOW
        appointment.save(update_fields=["status"])
        appointment.application.status = ApplicationStatus.EXPIRED
        appointment.application.save(update_fields=["status"])
        subject = f"appointment:{appointment.code}"
        trail.record("appointment.no_show", subject=subject, by="timetable", at=at)
        tell(appointment, "no_show", at=at)
        give_back(holder=appointment.code, at=at)
    return len(missing)
