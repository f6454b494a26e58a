"""Seats kept back: for people whose payment was seen late, and for those an officer helps.

They are set aside when a release opens (quota/making.py), by the percentages of the office's terms;
what is left of them is offered to everybody shortly before the day.
"""

from datetime import datetime, timedelta

from django.db import transaction

from mpaspor.audit import trail
from quota.enums import Reserve
from quota.models import Seat, Slot
from quota.queries import terms_for
from quota.returning import moment_of_return

BATCH = 200


def take_kept(*, slot: Slot, holder: str, reserve: Reserve) -> Seat | None:
    """A seat of the slot that is kept for this; None when there is none left.

    To be called last in the caller's transaction, as quota.seats.take_seat.
    """
    seat = Seat.objects.kept(reserve).filter(slot=slot).select_for_update(skip_locked=True).first()
    if seat is not None:
        seat.holder = holder
        seat.save(update_fields=["holder"])
    return seat


def end_reserves(*, at: datetime, batch: int = BATCH) -> int:
    """Offers to everybody what is still kept for sessions that are near; returns how many seats."""
    soon = Slot.objects.filter(
        starts_at__range=(at, at + timedelta(days=8)), seats__in=Seat.objects.exclude(reserve="")
    )
    slots = soon.filter(seats__holder=None).select_related("office").distinct()[:batch]
    return sum(_end_reserve(slot, at=at) for slot in slots)


@transaction.atomic
def _end_reserve(slot: Slot, *, at: datetime) -> int:
    terms = terms_for(slot.office, slot.date)
    if slot.starts_at - timedelta(days=terms.reserve_days) > at:
        return 0
    kept = Seat.objects.exclude(reserve="").filter(slot=slot, holder=None, returns_at=None)
    seats = list(kept.select_for_update(skip_locked=True))
    for seat in seats:
        seat.reserve, seat.returns_at = "", moment_of_return(slot, at=at)
    Seat.objects.bulk_update(seats, ["reserve", "returns_at"])
    if seats:
        subject, facts = f"slot:{slot.code}", {"seats": len(seats)}
        trail.record("slot.end_reserve", subject=subject, by="timetable", at=at, **facts)
    return len(seats)
