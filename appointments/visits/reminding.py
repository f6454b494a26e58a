"""Reminding of a visit: three days before, the day before, and in the morning of the day.

By the clocks of the office, never at night, each once for each session that an appointment has.
"""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from appointments.notices import tell_reminder
from appointments.visits.declining import decline_token
from appointments.visits.enums import ReminderKind
from appointments.visits.models import Reminder, VoidLetter
from mpaspor.core.claim import claim
from quota.followers.quiet_hours import after_quiet_hours
from quota.models import Slot

BATCH = 200
LEASE = timedelta(minutes=2)
MORNING = time(7)
DAYS_BEFORE = {ReminderKind.THREE_DAYS: 3, ReminderKind.DAY_BEFORE: 1}
# A day more than the first reminder needs, so that its row is there in time.
AHEAD = timedelta(days=4)


def moment_of(kind: ReminderKind, slot: Slot) -> datetime:
    """When it is to be told of this session: at the session's hour, or in the morning."""
    local = slot.office.local(slot.starts_at)
    if kind == ReminderKind.MORNING:
        return datetime.combine(local.date(), MORNING, tzinfo=local.tzinfo)
    earlier = local - timedelta(days=DAYS_BEFORE[kind])
    return after_quiet_hours(earlier, office=slot.office, before=slot.starts_at)


def plan_reminders(*, at: datetime, batch: int = BATCH) -> int:
    """Makes the rows of confirmed visits that come near; returns how many visits. By many at once.

    A reminder of before the appointment was known, or moved, is passed over.
    """
    visits = list(_unplanned(at)[:batch])
    rows = [
        Reminder(
            appointment=visit,
            kind=kind,
            starts_at=visit.slot.starts_at,
            next_at=moment if _known_since(visit) < moment < visit.slot.starts_at else None,
        )
        for visit in visits
        for kind in ReminderKind
        for moment in [moment_of(kind, visit.slot)]
    ]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    return len(visits)


def remind(*, at: datetime, batch: int = BATCH) -> int:
    """Tells what is due; returns how many were. By many at once."""
    waiting = Reminder.objects.filter(next_at__isnull=False)
    due = claim(waiting, at=at, batch=batch, lease=LEASE)
    for reminder in due:
        _remind(reminder, at=at)
    return len(due)


@transaction.atomic
def _remind(reminder: Reminder, *, at: datetime) -> None:
    # Locked first and read afterwards: joined to its session, one that is moved meanwhile is lost.
    Appointment.objects.select_for_update().get(pk=reminder.appointment_id)
    visits = Appointment.objects.select_related(
        "application__account", "application__person", "slot__office"
    )
    visit = visits.get(pk=reminder.appointment_id)
    row = Reminder.objects.select_for_update().filter(pk=reminder.pk, next_at__isnull=False)
    if not row.exists():
        return
    if _is_still_true(reminder, visit, at=at):
        tell_reminder(visit, reminder.kind, decline_token(visit), at=at)
        row.update(next_at=None, told_at=at)
    else:
        row.update(next_at=None)


def _is_still_true(reminder: Reminder, visit: Appointment, *, at: datetime) -> bool:
    """Not cancelled, moved or arrived, the session not closed, and the next reminder not due."""
    slot = visit.slot
    if visit.status != AppointmentStatus.CONFIRMED or slot.starts_at != reminder.starts_at:
        return False
    if slot.closed_at:
        return False
    later = [*ReminderKind][[*ReminderKind].index(ReminderKind(reminder.kind)) + 1 :]
    ends = [moment_of(kind, visit.slot) for kind in later] + [visit.slot.starts_at]
    return all(at < end for end in ends)


def _unplanned(at: datetime) -> "QuerySet[Appointment]":
    planned = Reminder.objects.filter(
        appointment=OuterRef("pk"), starts_at=OuterRef("slot__starts_at")
    )
    moved = VoidLetter.objects.filter(appointment=OuterRef("pk")).order_by("-serial")
    near = Appointment.objects.filter(
        status=AppointmentStatus.CONFIRMED,
        slot__starts_at__gt=at,
        slot__starts_at__lte=at + AHEAD,
    )
    return (
        near.exclude(Exists(planned))
        .annotate(moved_at=moved.values("voided_at")[:1])
        .select_related("slot__office")
        .order_by("slot__starts_at", "pk")
    )


def _known_since(visit: Appointment) -> datetime:
    """Since when the person knows of this session."""
    assert visit.confirmed_at is not None
    moved_at: datetime | None = getattr(visit, "moved_at", None)
    return max(visit.confirmed_at, moved_at) if moved_at else visit.confirmed_at
