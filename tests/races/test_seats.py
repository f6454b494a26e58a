"""Forty-eight people for the last twenty seats. Threads with their own connections, real locks."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection

import pytest
from django.db import connection, transaction

from mpaspor.core import clock
from quota.capacity import SeatsTaken, change_capacity
from quota.closing import close_session
from quota.models import Seat, Slot
from quota.seats import SlotFull, give_back, take_seat, take_seats
from tests.factories.quota import make_open_slot
from tests.races.crowd import DEADLINE, at_once

SEATS, PEOPLE, ROUNDS = 20, 48, 5

Take = Callable[..., Seat]

pytestmark = pytest.mark.django_db(transaction=True)


class ChangedMind(Exception):
    """The transaction is rolled back after it had taken its seat."""


def taking(
    slot: Slot, *, take: Take = take_seat, changes_mind: Collection[int] = ()
) -> Callable[[int], str]:
    def deed(person: int) -> str:
        try:
            with transaction.atomic():
                take(slot=slot, holder=f"P{person}")
                if person in changes_mind:
                    raise ChangedMind
        except SlotFull:
            return "full"
        except ChangedMind:
            return "rolled back"
        return "seated"

    return deed


def wait_until_somebody_waits_for_us() -> None:
    waiting = (
        """SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"""
    )
    deadline = time.monotonic() + DEADLINE
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
    pytest.fail("nobody waits")


def holders(slot: Slot) -> list[str | None]:
    return list(slot.seats.exclude(holder=None).values_list("holder", flat=True))


def rush(take: Take) -> None:
    """What must hold, whoever is first: no seat is sold twice, and none stays unsold."""
    slot = make_open_slot(seats=SEATS)
    outcome = at_once(taking(slot, take=take), PEOPLE)
    assert outcome["seated"] <= SEATS, "oversold"
    assert outcome == {"seated": SEATS, "full": PEOPLE - SEATS}
    assert len(set(holders(slot))) == SEATS == slot.seats.count()


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_take_seat_by_more_people_than_seats_sells_each_seat_once(round_: int) -> None:
    rush(take_seat)


def test_control_taking_without_the_lock_oversells() -> None:
    """The same rush with the guard off: look for a free seat, then take it."""
    all_looked = threading.Barrier(PEOPLE)

    def take_unguarded(*, slot: Slot, holder: str) -> Seat:
        seat = Seat.objects.filter(slot=slot, holder=None).order_by("?").first()
        all_looked.wait(timeout=DEADLINE)
        if seat is None:
            raise SlotFull
        Seat.objects.filter(pk=seat.pk).update(holder=holder)
        return seat

    with pytest.raises(AssertionError, match="oversold"):
        rush(take_unguarded)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_take_seat_while_others_roll_back_leaves_no_seat_unsold(round_: int) -> None:
    slot = make_open_slot(seats=SEATS)
    fickle = set(random.Random(round_).sample(range(PEOPLE), 28))

    outcome = at_once(taking(slot, changes_mind=fickle), PEOPLE)

    assert outcome["seated"] == PEOPLE - len(fickle) == SEATS
    assert len(holders(slot)) == SEATS


def test_take_seat_of_last_seat_held_by_another_waits_for_its_rollback() -> None:
    slot = make_open_slot(seats=1)
    waiting = threading.Thread(target=lambda: at_once(taking(slot), 1))

    with transaction.atomic():
        take_seat(slot=slot, holder="FIRST")
        waiting.start()
        wait_until_somebody_waits_for_us()
        transaction.set_rollback(True)
    waiting.join(timeout=DEADLINE)

    assert holders(slot) == ["P0"]


def test_take_seat_of_last_seat_held_by_another_is_full_after_its_commit() -> None:
    slot = make_open_slot(seats=1)
    outcome: Counter[str] = Counter()
    waiting = threading.Thread(target=lambda: outcome.update(at_once(taking(slot), 1)))

    with transaction.atomic():
        take_seat(slot=slot, holder="FIRST")
        waiting.start()
        wait_until_somebody_waits_for_us()
    waiting.join(timeout=DEADLINE)

    assert outcome == {"full": 1}
    assert holders(slot) == ["FIRST"]


def test_take_seat_among_givers_back_never_counts_a_seat_twice() -> None:
    slot = make_open_slot(seats=SEATS)

    def come_and_go(person: int) -> str:
        for _turn in range(10):
            taking(slot)(person)
            with transaction.atomic():
                give_back(holder=f"P{person}", at=clock.now())
        return taking(slot)(person)

    outcome = at_once(come_and_go, PEOPLE)

    assert outcome == {"seated": SEATS, "full": PEOPLE - SEATS}
    assert len(set(holders(slot))) == SEATS


# Parties


def rush_of_parties(slot: Slot, *, size: int, parties: int) -> Counter[str]:
    def deed(party: int) -> str:
        try:
            with transaction.atomic():
                take_seats(slot=slot, holders=[f"P{party}-{n}" for n in range(size)])
        except SlotFull:
            return "full"
        return "seated"

    return at_once(deed, parties)


@pytest.mark.parametrize(("size", "seats"), [(2, 20), (3, 20), (5, 20), (4, 3)])
def test_take_seats_by_more_parties_than_fit_seats_whole_parties_and_as_many_as_fit(
    size: int, seats: int
) -> None:
    slot = make_open_slot(seats=seats)

    outcome = rush_of_parties(slot, size=size, parties=16)

    fit = seats // size
    assert outcome == {name: n for name, n in {"seated": fit, "full": 16 - fit}.items() if n}
    parties = Counter(str(holder).partition("-")[0] for holder in holders(slot))
    assert set(parties.values()) <= {size}
    assert len(holders(slot)) == fit * size


def test_take_seats_beside_single_takers_sells_every_seat_and_splits_no_party() -> None:
    slot = make_open_slot(seats=SEATS)

    def deed(person: int) -> str:
        try:
            with transaction.atomic():
                if person % 3:
                    take_seat(slot=slot, holder=f"S{person}")
                else:
                    take_seats(slot=slot, holders=[f"P{person}-{n}" for n in range(3)])
        except SlotFull:
            return "full"
        return "seated"

    at_once(deed, PEOPLE)

    parties = Counter(
        str(holder).partition("-")[0] for holder in holders(slot) if "-" in str(holder)
    )
    assert set(parties.values()) <= {3}
    assert len(holders(slot)) == SEATS


def test_take_seats_while_another_may_roll_back_waits_for_it() -> None:
    slot = make_open_slot(seats=2)
    outcome: Counter[str] = Counter()
    waiting = threading.Thread(
        target=lambda: outcome.update(rush_of_parties(slot, size=2, parties=1))
    )

    with transaction.atomic():
        take_seat(slot=slot, holder="FIRST")
        waiting.start()
        wait_until_somebody_waits_for_us()
        transaction.set_rollback(True)
    waiting.join(timeout=DEADLINE)

    assert (outcome, len(holders(slot))) == ({"seated": 1}, 2)


def test_change_capacity_down_while_seats_are_taken_never_takes_one_away() -> None:
    slot = make_open_slot(seats=SEATS)

    def deed(person: int) -> str:
        if person % 4:
            return taking(slot)(person)
        try:
            change_capacity(
                slot=slot, seats=SEATS - person // 4, reason="x", by="test", at=clock.now()
            )
        except SeatsTaken:
            return "refused"
        return "changed"

    outcome = at_once(deed, PEOPLE)

    fresh = Slot.objects.get(pk=slot.pk)
    assert len(holders(slot)) == outcome["seated"] <= fresh.capacity == fresh.seats.count()


def test_close_session_while_seats_are_taken_leaves_no_free_seat() -> None:
    slot = make_open_slot(seats=SEATS)

    def deed(person: int) -> str:
        if person:
            return taking(slot)(person)
        close_session(slot=slot, reason="x", by="test", at=clock.now())
        return "closed"

    outcome = at_once(deed, PEOPLE)

    fresh = Slot.objects.get(pk=slot.pk)
    assert len(holders(slot)) == outcome["seated"] == fresh.capacity == fresh.seats.count()
