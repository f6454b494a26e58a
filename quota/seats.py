"""Taking seats and giving them back. A seat is a row; PostgreSQL hands it to one taker only."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.core.errors import Refusal
from quota.models import Seat, SeatQuerySet, Slot
from quota.returning import moment_of_return

# From a random number on, then from the first one: takers spread out instead of queueing at the
# lowest seat, and the partial index `free_seats` gives the order without a sort.
TAKE_ANY = """
UPDATE quota_seat SET holder = %(holder)s WHERE id = COALESCE(
    (SELECT id FROM quota_seat
      WHERE slot_id = %(slot)s AND holder IS NULL AND returns_at IS NULL AND reserve = ''
        AND number >= %(start)s
      ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED),
    (SELECT id FROM quota_seat
      WHERE slot_id = %(slot)s AND holder IS NULL AND returns_at IS NULL AND reserve = ''
        AND number < %(start)s
      ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED))
RETURNING id, slot_id, number, holder
"""


class SlotFull(Refusal):
    code = "slot-full"
    message = _("The last seat of this session was just taken.")
    remedy = _("Choose another session or another day.")
    field = "slot"


class TooFewSeats(SlotFull):
    code = "too-few-seats"
    message = _("This session has no %(count)s free seats left.")
    remedy = _("Choose another session or another day, or book in smaller groups.")


class PartyTooLarge(Refusal):
    code = "party-too-large"
    message = _("At most %(limit)s people can be booked together.")
    remedy = _("Book in smaller groups.")


def take_seat(*, slot: Slot, holder: str) -> Seat:
    """Gives one free seat of `slot` to `holder`, for good when the caller's transaction commits.

    Call it once in that transaction, and last: nothing after it may wait for anybody. Raises
    SlotFull only when no seat is free and none can become free by the rollback of another taker:
    while the last free seats are locked by others it waits for those others to end.
    """
    seat = _take_any(slot, holder)
    while seat is None:
        # Any of them, so that one slow taker does not hold up everybody.
        locked = Seat.objects.free().filter(slot=slot).order_by("?").first()
        if locked is None:
            raise SlotFull
        seat = _wait_for(locked, holder)
    return seat


def take_seats(*, slot: Slot, holders: Sequence[str]) -> list[Seat]:
    """Gives each of `holders` a free seat of `slot`, or none of them any.

    As take_seat, to be called last. Raises PartyTooLarge, TooFewSeats; the latter only when there
    are too few even after everybody who has free seats locked has ended.
    """
    if not 1 <= len(holders) <= settings.PARTY_LIMIT:
        raise PartyTooLarge(limit=settings.PARTY_LIMIT)
    seats = lock_together(Seat.objects.free().filter(slot=slot), len(holders))
    if not seats:
        raise TooFewSeats(count=len(holders))
    for seat, holder in zip(seats, holders, strict=True):
        seat.holder = holder
    Seat.objects.bulk_update(seats, ["holder"])
    return seats


def lock_together(wanted: SeatQuerySet, count: int) -> list[Seat]:
    """So many of the wanted seats, locked for the rest of the transaction; none if there are fewer.

    While others have them locked it waits for those others, with empty hands: somebody who takes
    a seat may have locks left over from seats that were taken before theirs, so waiting with a
    seat in hand would be a deadlock.
    """
    while True:
        with transaction.atomic():
            locking = wanted.order_by("number").select_for_update(skip_locked=True)
            seats = list(locking[:count])
            transaction.set_rollback(len(seats) < count)
        if len(seats) == count:
            return seats
        if wanted.count() < count:
            return []
        _wait_for_one(wanted.exclude(pk__in=[seat.pk for seat in seats]))


def give_back(*, holder: str, at: datetime) -> None:
    """The seat of `holder`, if it has one, is nobody's; repeatable.

    It can be taken again from a random moment on, so that nobody can hand a seat to somebody else.
    """
    with_room = Seat.objects.select_related("slot__office", "slot__release__room")
    seat = with_room.filter(holder=holder).first()
    if seat is not None:
        returns_at = moment_of_return(seat.slot, at=at)
        Seat.objects.filter(holder=holder).update(holder=None, returns_at=returns_at)


def _take_any(slot: Slot, holder: str) -> Seat | None:
    with connection.cursor() as cursor:
        cursor.execute(TAKE_ANY, {"slot": slot.pk, "holder": holder, "start": _start(slot)})
        row = cursor.fetchone()
    return _seat(row) if row else None


def _start(slot: Slot) -> int:
    return 1 + secrets.randbelow(max(slot.capacity, 1))


def _seat(row: tuple[int, int, int, str]) -> Seat:
    return Seat(id=row[0], slot_id=row[1], number=row[2], holder=row[3])


def _wait_for(seat: Seat, holder: str) -> Seat | None:
    """The seat itself, if the one who has it locked gives up; None if that one keeps it.

    PostgreSQL leaves us a lock on a row that it found changed after the wait. Going back to the
    savepoint drops it: waiting for several rows at once with such locks in hand is a deadlock.
    """
    with transaction.atomic():
        won = Seat.objects.free().filter(pk=seat.pk).update(holder=holder)
        transaction.set_rollback(not won)
    seat.holder = holder
    return seat if won else None


def _wait_for_one(others: SeatQuerySet) -> None:
    """Until whoever has one of them locked has ended; the lock itself is let go."""
    other = others.order_by("?").first()
    if other is not None:
        with transaction.atomic():
            Seat.objects.select_for_update().filter(pk=other.pk).first()
            transaction.set_rollback(True)
