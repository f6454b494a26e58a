"""What only the API reads."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from quota.enums import ReleaseStatus
from quota.models import Office, Release, Slot


@dataclass(frozen=True)
class Availability:
    """An office's sessions that can still be booked, with `free` (0 where all seats are taken)."""

    office: Office
    sessions: "QuerySet[Slot]"


def availability(
    *, office: Office, first: date, last: date, service: str | None, at: datetime
) -> Availability:
    slots = Slot.objects.bookable(at).filter(office=office, date__range=(first, last))
    if service:
        slots = slots.filter(service=service)
    return Availability(office, slots.with_free().order_by("starts_at", "service"))


def announced(*, at: datetime) -> "QuerySet[Release]":
    """Releases that will open or are open, but for those whose days are over."""
    public = [ReleaseStatus.SCHEDULED, ReleaseStatus.OPEN]
    yesterday = at.date() - timedelta(days=1)
    rows = Release.objects.filter(status__in=public, last_day__gte=yesterday)
    return rows.select_related("office")
