"""Calling at the same moment: nobody is called twice, no number is left out."""

from collections import Counter as Count
from collections.abc import Callable
from typing import Any

import pytest

from appointments.calls import calling
from appointments.calls.calling import NobodyWaits, call_next_number, close_counter
from appointments.calls.models import Call, Counter, QueueNumber
from appointments.calls.numbering import WalkInsSpent, give_walk_in_number
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from quota.models import Office
from tests.factories.calls import make_counter, make_number
from tests.factories.quota import make_office, make_terms
from tests.races.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True)
rounds = pytest.mark.parametrize("round_", range(2))
COUNTERS, WAITING = 8, 6


@pytest.fixture
def office() -> Office:
    office = make_office()
    make_terms(office=office, walk_ins=WAITING)
    return office


def said(deed: Callable[..., object], **told: Any) -> str:
    try:
        return str(deed(by="test", at=clock.now(), **told))
    except Refusal as no:
        return no.code


def counters_with_people(office: Office) -> list[Counter]:
    for _one in range(WAITING):
        make_number(office, clock.now())
    return [make_counter(office, number=number) for number in range(COUNTERS)]


@rounds
def test_counters_at_once_call_everybody_and_nobody_twice(office: Office, round_: int) -> None:
    counters = counters_with_people(office)
    called = at_once(lambda number: said(call_next_number, counter=counters[number]), COUNTERS)
    everybody = [f"P{number:03}" for number in range(1, WAITING + 1)]
    assert called == Count({NobodyWaits.code: COUNTERS - WAITING} | dict.fromkeys(everybody, 1))
    assert Call.objects.count() == WAITING


def test_without_the_lock_the_wall_still_lets_nobody_be_called_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: read without a lock, counters choose the same number."""
    counters = counters_with_people(office)
    whole = calling._waiting

    class Unlocked:
        def __init__(self, rows: Any) -> None:
            self.rows = rows

        def select_for_update(self, **_how: object) -> Any:
            return self.rows

    monkeypatch.setattr(calling, "_waiting", lambda *told: Unlocked(whole(*told)))

    def call(number: int) -> str:
        try:
            return said(call_next_number, counter=counters[number])
        except Exception as wall:
            return "wall" if "is at another counter" in str(wall) else repr(wall)

    called = at_once(call, COUNTERS)
    assert called["wall"] > 0
    assert [name for name, times in called.items() if times > 1 and name.startswith("P")] == []


@rounds
def test_presses_at_one_counter_at_once_call_one(office: Office, round_: int) -> None:
    counter = counters_with_people(office)[0]
    called = at_once(lambda _number: said(call_next_number, counter=counter), 4)
    assert called == {"P001": 1, "somebody-there": 3}


@rounds
def test_closing_against_calling_leaves_nobody_at_a_closed_counter(
    office: Office, round_: int
) -> None:
    counter = counters_with_people(office)[0]
    deeds = (call_next_number, close_counter)
    at_once(lambda number: said(deeds[number], counter=counter), 2)
    counter.refresh_from_db()
    assert counter.is_open == QueueNumber.objects.filter(counter=counter).exists()


@rounds
def test_doors_at_once_give_each_number_once_and_no_more_than_there_are(
    office: Office, round_: int
) -> None:
    given = at_once(lambda _number: said(give_walk_in_number, office=office), COUNTERS)
    everybody = [f"P{number:03}" for number in range(1, WAITING + 1)]
    spent = {WalkInsSpent.code: COUNTERS - WAITING}
    assert given == Count(spent | dict.fromkeys(everybody, 1))
