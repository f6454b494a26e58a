"""Moving people to seats of another session: the new ones are sure before the old ones go back."""

from collections.abc import Sequence
from datetime import datetime

from quota.models import Seat, SeatQuerySet, Slot
from quota.seats import SlotFull, TooFewSeats, give_back, lock_together
from quota.waiting_list.answering import hand_over
from quota.waiting_room.turns import is_gated


def move_seats(
    *, slot: Slot, holders: Sequence[str], at: datetime, with_kept: bool = False
) -> None:
    """Gives each of `holders` a seat of `slot` for the one they have, or none of them any.

    `with_kept`: an office that moves people may use what it keeps back as well. To be called last
    in the caller's transaction, as quota.seats.take_seat. Raises SlotFull, TooFewSeats.
    """
    count = len(holders)
    pools = [] if is_gated(slot) else [Seat.objects.free().filter(slot=slot)]
    if with_kept:
        pools.append(_kept_too(slot))
    seats = next((seats for pool in pools if (seats := lock_together(pool, count))), None)
    if not seats:
        raise SlotFull if count == 1 else TooFewSeats(count=count)
    for holder in holders:
        give_back(holder=holder, at=at)
    for seat, holder in zip(seats, holders, strict=True):
        seat.holder = holder
    Seat.objects.bulk_update(seats, ["holder"])


def take_offered(
    *, slot: Slot, holders: Sequence[str], offered: Sequence[str], at: datetime
) -> None:
    """As move_seats, with seats that the waiting list offered by these codes. Raises OfferOver."""
    for holder in holders:
        give_back(holder=holder, at=at)
    for holder, code in zip(holders, offered, strict=True):
        hand_over(slot=slot, holder=holder, offered=code)


def _kept_too(slot: Slot) -> SeatQuerySet:
    """Where a waiting room is at work its free seats are others'."""
    seats = Seat.objects.filter(slot=slot, holder=None, returns_at=None)
    return seats.exclude(reserve="") if is_gated(slot) else seats
