"""Holds and incidents: while one goes on no hold lapses, and afterwards the time is given back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Coalesce

from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from mpaspor.audit import trail
from payments.models import Incident
from payments.stopping import NEVER, current_incident, stopped_at

MINUTE = timedelta(minutes=1)


def hold_ends(held: Appointment) -> datetime:
    """Never, while an incident that hit the hold goes on or is not made good."""
    return NEVER if stop_of_hold(held) else held.hold_until


def stop_of_hold(held: Appointment) -> datetime | None:
    return stopped_at(since=held.thawed_at or held.held_at, until=held.hold_until)


def give_holds_time_back(*, at: datetime, batch: int = 200) -> int:
    """What was left when the clock stopped runs from now on; repeatable. Returns how many."""
    last = Incident.objects.aggregate(last=Max("ended_at"))["last"]
    if last is None or current_incident():
        return 0
    with transaction.atomic():
        rows = Appointment.objects.filter(status=AppointmentStatus.HELD)
        stopped = rows.alias(since=Coalesce("thawed_at", "held_at")).filter(since__lt=last)
        locked = stopped.select_for_update(of=("self",), skip_locked=True)
        held = list(locked.order_by("hold_until")[:batch])
        for one in held:
            _thaw(one, at=at)
    return len(held)


def _thaw(held: Appointment, *, at: datetime) -> None:
    stopped = stop_of_hold(held)
    if stopped is not None:
        until = at + (held.hold_until - stopped)
        held.given_minutes += (until - held.hold_until) // MINUTE
        held.hold_until = until
        trail.record("appointment.thaw", subject=f"appointment:{held.code}", by="timetable", at=at)
    held.thawed_at = at
    held.save(update_fields=["hold_until", "given_minutes", "thawed_at"])
