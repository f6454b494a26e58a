"""Which other sessions are as good as one: same office and service, not sooner."""

from collections.abc import Iterable
from datetime import date, datetime

from quota.models import Slot, SlotQuerySet


def equal_sessions(slot: Slot, *, last: date, at: datetime) -> SlotQuerySet:
    """That can be booked from its day on until the day `last`."""
    others = Slot.objects.bookable(at).filter(
        office=slot.office_id, service=slot.service, date__range=(slot.date, last)
    )
    return others.exclude(pk=slot.pk)


def nearest_first(slot: Slot, others: Iterable[Slot]) -> list[Slot]:
    """The nearest day, and on it the nearest hour."""
    return sorted(others, key=lambda other: (other.date, _hours_apart(slot, other)))


def _hours_apart(slot: Slot, other: Slot) -> tuple[int, int]:
    """As the clock on the wall shows it; of two equally near the earlier one."""
    apart = _minute(other) - _minute(slot)
    return abs(apart), apart


def _minute(slot: Slot) -> int:
    return slot.starts.hour * 60 + slot.starts.minute
