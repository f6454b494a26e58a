"""When a seat that was given back can be taken again: at a moment that nobody can know.

Who gives a seat back to sell the moment of its return, or stands by to catch it, gains nothing.
"""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from quota.models import Seat, Slot
from quota.queries import terms_for
from quota.waiting_list.offering import offer_seats
from quota.waiting_list.queries import is_awaited
from quota.waiting_room.turns import is_gated

RETURN = "quota.return_seats"


def moment_of_return(slot: Slot, *, at: datetime) -> datetime | None:
    """Random within the office's terms; None: at once, for everybody.

    Never later than half of the time that is left until the session; and at once where the next in
    line of a waiting room gets it, whom nobody can choose. Of a closed session when it is over.
    """
    if slot.closed_at:
        return max(slot.ends_at, at)
    if is_gated(slot):
        return None
    terms = terms_for(slot.office, slot.date)
    latest = min(timedelta(minutes=terms.returns_within_minutes), (slot.starts_at - at) / 2)
    if latest <= timedelta(0):
        return moment_of_release(slot, at=at)
    earliest = min(timedelta(minutes=terms.returns_after_minutes), latest)
    seconds = int((latest - earliest).total_seconds())
    return at + earliest + timedelta(seconds=secrets.randbelow(seconds + 1))


def moment_of_release(slot: Slot, *, at: datetime) -> datetime | None:
    """For seats that need not be away: now where somebody waits for them, by `return_seats`."""
    return at if is_awaited(slot, at=at) else None


@transaction.atomic
def return_seats(*, at: datetime, batch: int = 500) -> int:
    """Offers the seats whose moment has come to the waiting list, and frees the rest for everybody.

    Returns how many came back. Repeatable, by many at once.
    """
    due = Seat.objects.filter(returns_at__lte=at).order_by("returns_at")
    due = due.select_for_update(skip_locked=True, of=("self",)).select_related("slot__office")
    seats = list(due[:batch])
    offered = {seat.pk for seat in offer_seats(seats, at=at)}
    freed = [seat.pk for seat in seats if seat.pk not in offered]
    Seat.objects.filter(pk__in=freed).update(returns_at=None)
    return len(seats)
