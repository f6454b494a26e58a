"""A seat for people who paid in time and were believed late: their own, or an equal one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from quota.enums import Reserve
from quota.equals import equal_sessions, nearest_first
from quota.models import Seat, SeatQuerySet, Slot
from quota.seats import lock_together
from quota.waiting_room.turns import is_gated


def restore_seats(*, slot: Slot, holders: Sequence[str], at: datetime) -> Slot | None:
    """Gives all holders seats of one session and returns it; None: there are too few anywhere.

    Their own session comes first, with what is on its way back and what is kept for restorations.
    Then the same office and service: the same day at the nearest hour, then the nearest day after
    it. To be called last in the caller's transaction, as quota.seats.take_seat.
    """
    if _is_open(slot, at) and _take(_own(slot), holders):
        return slot
    return next((other for other in _equal(slot, at) if _take(_others(other), holders)), None)


def _is_open(slot: Slot, at: datetime) -> bool:
    return Slot.objects.bookable(at).filter(pk=slot.pk).exists()


def _own(slot: Slot) -> list[SeatQuerySet]:
    """Pools to take from, the one that costs nobody anything first."""
    empty = Seat.objects.filter(slot=slot, holder=None)
    for_all = Seat.objects.free().filter(slot=slot)
    return [for_all, empty.filter(reserve=""), empty.filter(_ours())]


def _others(slot: Slot) -> list[SeatQuerySet]:
    """Not what is on its way back, which the waiting list has a right to."""
    kept = Seat.objects.kept(Reserve.RESTORATION).filter(slot=slot)
    if is_gated(slot):
        return [kept]
    now = Seat.objects.filter(slot=slot, holder=None, returns_at=None)
    return [Seat.objects.free().filter(slot=slot), now.filter(_ours())]


def _ours() -> Q:
    return Q(reserve__in=["", Reserve.RESTORATION])


def _take(pools: list[SeatQuerySet], holders: Sequence[str]) -> bool:
    for pool in pools:
        seats = lock_together(pool, len(holders))
        if seats:
            for seat, holder in zip(seats, holders, strict=True):
                seat.holder, seat.returns_at = holder, None
            Seat.objects.bulk_update(seats, ["holder", "returns_at"])
            return True
    return False


def _equal(slot: Slot, at: datetime) -> list[Slot]:
    last = slot.date + timedelta(days=settings.RESTORE_DAYS)
    found = equal_sessions(slot, last=last, at=at).select_related("office", "release__room")
    return nearest_first(slot, found)
