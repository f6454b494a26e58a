"""A release day at full size: 10,000 tries by 64 threads over 20 sessions, a tenth of them undone.

No seat is sold twice, none stays unsold, and nobody hears "full" while a seat can still be had.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction

from appointments.booking import hold_seat
from appointments.invariants import broken
from appointments.models import Appointment
from benchmarks.crowd import make_applications
from mpaspor.core import clock
from quota.models import Seat, Slot
from quota.seats import SlotFull, take_seat
from tests.factories.quota import make_office, make_open_slot
from tests.races.crowd import DEADLINE, at_once

THREADS, SLOTS = 64, 20
TRIES, SEATS = 10_000, 100
FEWER_TRIES, FEWER_SEATS = 1_000, 10

Attempt = Callable[[int, Slot], None]

pytestmark = pytest.mark.django_db(transaction=True)


class ChangedMind(Exception):
    """Whatever was taken is rolled back."""


@dataclass
class Day:
    """What people were told, by session; `false` counts "full" with a free seat in sight."""

    seated: Counter[int] = field(default_factory=Counter)
    full: Counter[int] = field(default_factory=Counter)
    undone: Counter[int] = field(default_factory=Counter)
    false: Counter[int] = field(default_factory=Counter)


def release_day(attempt: Attempt, *, tries: int, seats: int) -> tuple[Day, list[Slot]]:
    office = make_office()
    hours = [clock.now() + timedelta(days=10, hours=number) for number in range(SLOTS)]
    slots = [make_open_slot(office=office, seats=seats, starts_at=hour) for hour in hours]
    fickle = set(random.Random(0).sample(range(tries), tries // 10))
    told: list[tuple[str, int]] = []

    def one_after_the_other(thread: int) -> str:
        for number in range(thread, tries, THREADS):
            slot = slots[number % SLOTS]
            answers = one_try(attempt, number, slot, changes_mind=number in fickle)
            told.extend((answer, slot.pk) for answer in answers)
        return "ended"

    assert at_once(one_after_the_other, THREADS) == {"ended": THREADS}
    heard = {name: Counter(pk for answer, pk in told if answer == name) for name in vars(Day())}
    return Day(**heard), slots


def one_try(attempt: Attempt, number: int, slot: Slot, *, changes_mind: bool) -> list[str]:
    try:
        with transaction.atomic():
            attempt(number, slot)
            if changes_mind:
                raise ChangedMind
    except ChangedMind:
        return ["undone"]
    except SlotFull:
        # Nothing is given back here: whoever was told "full" can never see a free seat again.
        is_false = Seat.objects.free().filter(slot=slot).exists()
        return ["full", "false"] if is_false else ["full"]
    return ["seated"]


def holders(slots: list[Slot]) -> list[str | None]:
    held = Seat.objects.filter(slot__in=slots).exclude(holder=None)
    return list(held.values_list("holder", flat=True))


def all_sold_once(day: Day, slots: list[Slot], *, tries: int, seats: int) -> None:
    sold = {slot.pk: seats for slot in slots}
    assert max(day.seated.values()) <= seats, "oversold"
    assert day.false == {}, "full too early"
    assert day.seated == sold, "unsold"
    assert len(set(holders(slots))) == SLOTS * seats
    assert (day.seated + day.full + day.undone).total() == tries
    assert day.full.total() > 0 < day.undone.total()


def taking(number: int, slot: Slot) -> None:
    take_seat(slot=slot, holder=f"P{number}")


def looking_first(threads: int) -> Attempt:
    """The guard off: look for a free seat, then take it. The first to come all look together."""
    together = threading.Barrier(threads)

    def attempt(number: int, slot: Slot) -> None:
        seat = Seat.objects.free().filter(slot=slot).order_by("number").first()
        if number < threads:
            together.wait(timeout=DEADLINE)
        if seat is None:
            raise SlotFull
        Seat.objects.filter(pk=seat.pk).update(holder=f"P{number}")

    return attempt


def test_take_seat_ten_thousand_times_sells_every_seat_once() -> None:
    day, slots = release_day(taking, tries=TRIES, seats=SEATS)
    all_sold_once(day, slots, tries=TRIES, seats=SEATS)


def test_control_looks_before_the_taking_oversell() -> None:
    day, slots = release_day(looking_first(THREADS), tries=FEWER_TRIES, seats=FEWER_SEATS)
    with pytest.raises(AssertionError, match="oversold"):
        all_sold_once(day, slots, tries=FEWER_TRIES, seats=FEWER_SEATS)


def giving_up_at_locked_seats() -> Attempt:
    """The other guard off: a seat that another has locked counts as taken.

    Who is first waits with its seat until somebody has come to a second try.
    """
    second = threading.Event()

    def attempt(number: int, slot: Slot) -> None:
        if number >= THREADS:
            second.set()
        free = Seat.objects.free().filter(slot=slot).order_by("number")
        seat = free.select_for_update(skip_locked=True).first()
        if seat is None:
            raise SlotFull
        Seat.objects.filter(pk=seat.pk).update(holder=f"P{number}")
        assert second.wait(timeout=DEADLINE)

    return attempt


def test_control_giving_up_at_locked_seats_says_full_too_early() -> None:
    day, slots = release_day(giving_up_at_locked_seats(), tries=FEWER_TRIES, seats=1)
    with pytest.raises(AssertionError, match="full too early"):
        all_sold_once(day, slots, tries=FEWER_TRIES, seats=1)


def test_hold_seat_a_thousand_times_seats_as_many_people_as_there_are_seats() -> None:
    people = make_applications(FEWER_TRIES, at=clock.now())

    def hold(number: int, slot: Slot) -> None:
        mine = people[number]
        hold_seat(application=mine, slot_code=slot.code, by=mine.account, at=clock.now())

    day, slots = release_day(hold, tries=FEWER_TRIES, seats=FEWER_SEATS)

    all_sold_once(day, slots, tries=FEWER_TRIES, seats=FEWER_SEATS)
    live = Appointment.objects.filter(status="held").values_list("code", flat=True)
    assert sorted(live) == sorted(str(holder) for holder in holders(slots))
    assert list(broken(at=clock.now())) == []
