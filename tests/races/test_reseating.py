"""Emptying a day while others act on it: everybody has one seat, and nobody is moved twice."""

from collections.abc import Callable
from typing import Any

import pytest

from appointments.booking import hold_seat
from appointments.cancelling import cancel
from appointments.enums import TO_COME
from appointments.models import Appointment, Move
from appointments.rescheduling import reschedule
from appointments.reseating.answering import accept, decline
from appointments.reseating.beginning import begin
from appointments.reseating.models import Reseated, Reseating
from appointments.reseating.working import reseat
from mpaspor.core import clock
from payments.fees import load_fees
from payments.models import Case
from quota.enums import Role
from quota.models import Seat
from tests.appointments.test_rescheduling import another
from tests.factories.appointments import make_application, make_confirmed
from tests.factories.quota import make_officer
from tests.races.test_booking import answered
from tests.races.test_changing import both, seats_of

pytestmark = pytest.mark.django_db(transaction=True)
rounds = pytest.mark.parametrize("round_", range(3))


@pytest.fixture(autouse=True)
def fees() -> None:
    load_fees()


def emptying(mine: Appointment) -> Callable[[], str]:
    head = make_officer(Role.HEAD, mine.slot.office)

    def deed() -> str:
        facts: dict[str, Any] = {
            "whole_day": True,
            "reason": "Banjir",
            "by": head,
            "at": clock.now(),
        }
        return f"empty {answered(lambda: begin(slot=mine.slot, **facts))}"

    return deed


def working_() -> str:
    while reseat(at=clock.now()):
        pass
    return "worked"


def full_session(people: int = 3) -> list[Appointment]:
    first = make_confirmed()
    return [first, *[make_confirmed(slot=first.slot) for _one in range(people - 1)]]


@rounds
def test_two_heads_and_two_workers_move_everybody_once(round_: int) -> None:
    party = full_session()
    another(party[0], seats=3)

    outcome = both(emptying(party[0]), emptying(party[0]), working_, working_)
    working_()

    assert outcome["empty done"] == 2
    assert Reseating.objects.count() == 1
    assert seats_of(*party) == [1, 1, 1]
    assert (Move.objects.count(), Reseated.objects.filter(place="moved").count()) == (3, 3)


@rounds
def test_who_books_into_the_day_at_that_moment_is_moved_too_or_finds_it_closed(round_: int) -> None:
    first, second = full_session(2)
    drafts = [make_application() for _one in range(3)]
    another(first, seats=6)

    def book(number: int) -> str:
        draft, code = drafts[number], first.slot.code
        deed = lambda: hold_seat(application=draft, slot_code=code, by="test", at=clock.now())  # noqa: E731
        return f"book {answered(deed)}"

    both(emptying(first), *[lambda number=number: book(number) for number in range(3)])
    working_()

    assert seats_of(first, second) == [1, 1]
    assert not Appointment.objects.filter(slot=first.slot, status__in=TO_COME).exists()


@rounds
def test_rescheduling_and_cancelling_against_the_worker(round_: int) -> None:
    first, second, third = full_session()
    own, _new = another(first, 3), another(first, seats=3)
    emptying(first)()

    def reschedules() -> str:
        deed = lambda: reschedule(appointment=first, slot_code=own.code, by="test", at=clock.now())  # noqa: E731
        return f"move {answered(deed)}"

    def cancels() -> str:
        return f"cancel {answered(lambda: cancel(appointment=second, by='test', at=clock.now()))}"

    outcome = both(reschedules, cancels, working_, working_)

    assert {"move done", "cancel done"} <= set(outcome)
    assert seats_of(first, second, third) == [1, 0, 1]
    first.refresh_from_db()
    assert first.slot == own
    assert not Reseated.objects.filter(place="waiting").exists()


@rounds
def test_others_who_take_the_seats_leave_nobody_without_the_old_one(round_: int) -> None:
    party = full_session()
    new = another(party[0], seats=3)
    drafts = [make_application() for _one in range(2)]
    emptying(party[0])()

    def book(number: int) -> str:
        draft = drafts[number]
        deed = lambda: hold_seat(application=draft, slot_code=new.code, by="test", at=clock.now())  # noqa: E731
        return f"book {answered(deed)}"

    both(lambda: book(0), lambda: book(1), working_)
    working_()

    assert seats_of(*party) == [1, 1, 1]
    assert Seat.objects.filter(slot=new).exclude(holder=None).count() == 3
    rows = Reseated.objects.values_list("place", flat=True)
    assert set(rows) <= {"moved", "seatless"}


@rounds
def test_accepting_declining_and_choosing_at_once_is_one_answer(round_: int) -> None:
    mine = make_confirmed()
    another(mine)
    own = another(mine, 4)
    emptying(mine)()
    working_()

    def choose() -> object:
        return reschedule(appointment=mine, slot_code=own.code, by="test", at=clock.now())

    both(
        lambda: answered(lambda: accept(appointment=mine, by="test", at=clock.now())),
        lambda: answered(lambda: decline(appointment=mine, by="test", at=clock.now())),
        lambda: answered(choose),
    )

    said = Reseated.objects.get().answer
    assert said
    mine.refresh_from_db()
    assert (mine.status == "cancelled") == (said == "declined")
    assert Case.objects.count() == int(said == "declined")
    assert seats_of(mine) == [int(mine.status == "confirmed")]
