"""Seats that come free are offered to the waiting list: to the oldest wish that fits, or the next.

The order of locks: the returning seats (SKIP LOCKED), the list, the wish. Who answers an offer
locks the wish and then the seats that the offer owns, which no returning seat is.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from mpaspor.audit import trail
from mpaspor.core.codes import new_code
from quota.models import Seat, Slot
from quota.signals import seats_offered
from quota.waiting_list.enums import OfferStatus
from quota.waiting_list.models import Offer, Wish
from quota.waiting_list.queries import answer_until, fitting, is_awaited

LIST = 7_210_004


def offer_seats(seats: Sequence[Seat], *, at: datetime) -> list[Seat]:
    """Offers those of `seats` that somebody waits for; returns them, with their holder.

    The caller has them locked, each with its slot and office, and gives away the rest. A party gets
    seats of one session, or the next wish that fits does. Offers are made by one transaction at a
    time until its end: whoever is next sees all that were made before.
    """
    by_slot = groupby(sorted(seats, key=lambda seat: seat.slot_id), lambda seat: seat.slot)
    awaited = [(slot, list(its)) for slot, its in by_slot if is_awaited(slot, at=at)]
    if awaited:
        serve_alone()
    return [seat for slot, its in awaited for seat in _offer_of(slot, its, at=at)]


def serve_alone() -> None:
    """Waits for whoever is making offers, and keeps others waiting until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LIST])


def _offer_of(slot: Slot, seats: list[Seat], *, at: datetime) -> list[Seat]:
    given = 0
    while wish := _next_in_line(slot, len(seats) - given):
        _offer(wish, slot, seats[given : given + wish.size], at=at)
        given += wish.size
    return seats[:given]


def _next_in_line(slot: Slot, seats: int) -> Wish | None:
    """The oldest wish that fits; not one that is being asked, or was asked about this session."""
    asked = Offer.objects.filter(Q(status=OfferStatus.OPEN) | Q(slot=slot), wish=OuterRef("pk"))
    line = fitting(slot).filter(~Exists(asked), size__lte=seats)
    return line.select_for_update().first()


def _offer(wish: Wish, slot: Slot, seats: list[Seat], *, at: datetime) -> None:
    for seat in seats:
        seat.holder, seat.returns_at = new_code(), None
    Seat.objects.bulk_update(seats, ["holder", "returns_at"])
    until = answer_until(slot, at=at)
    assert until is not None  # is_awaited looked
    offer = Offer.objects.create(
        wish=wish,
        slot=slot,
        holders=[seat.holder for seat in seats],
        made_at=at,
        until=until,
    )
    subject = f"offer:{offer.code}"
    trail.record("offer.make", subject=subject, by="timetable", at=at, wish=wish.code)
    seats_offered.send(sender=Offer, offer=offer, at=at)
