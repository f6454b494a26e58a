"""A seat that was given back can be taken again at a moment nobody knows."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from mpaspor.core import clock
from quota.models import Seat, Slot
from quota.returning import moment_of_return, return_seats
from quota.seats import SlotFull, give_back, take_seat
from tests.factories.quota import make_office, make_open_slot, make_terms

pytestmark = pytest.mark.django_db


def slot_in(hours: float, *, after: int = 10, within: int = 120) -> Slot:
    office = make_office()
    make_terms(office=office, returns_after_minutes=after, returns_within_minutes=within)
    return make_open_slot(seats=1, office=office, starts_at=clock.now() + timedelta(hours=hours))


def given_back(slot: Slot, *, at: datetime) -> Seat:
    take_seat(slot=slot, holder="A")
    give_back(holder="A", at=at)
    return slot.seats.get()


def test_give_back_returns_at_a_moment_within_the_terms_that_differs_each_time() -> None:
    slot, at = slot_in(240), clock.now()

    waits = {moment_of_return(slot, at=at) for _again in range(200)}

    minutes = [(wait - at) / timedelta(minutes=1) for wait in waits if wait]
    assert len(minutes) == len(waits) > 100
    assert (min(minutes) >= 10, max(minutes) <= 120) == (True, True)
    assert max(minutes) - min(minutes) > 60


def test_give_back_shortly_before_the_session_returns_in_half_the_time_that_is_left() -> None:
    slot = slot_in(0.1)
    at = slot.starts_at - timedelta(minutes=6)

    assert moment_of_return(slot, at=at) == at + timedelta(minutes=3)


@pytest.mark.parametrize("seconds", [0, 1])
def test_give_back_after_the_session_began_is_free_at_once(seconds: int) -> None:
    slot = slot_in(1)

    assert moment_of_return(slot, at=slot.starts_at + timedelta(seconds=seconds)) is None


def test_give_back_with_zero_in_the_terms_is_free_at_once() -> None:
    slot, at = slot_in(240, after=0, within=0), clock.now()

    assert given_back(slot, at=at).returns_at is None
    assert take_seat(slot=slot, holder="B").number == 1


def test_given_back_seat_is_not_free_until_its_moment_and_then_it_is() -> None:
    slot, at = slot_in(240), clock.now()
    moment = given_back(slot, at=at).returns_at
    assert moment is not None

    with pytest.raises(SlotFull):
        take_seat(slot=slot, holder="B")
    assert Slot.objects.with_free().get(pk=slot.pk).free == 0
    assert return_seats(at=moment - timedelta(microseconds=1)) == 0
    assert return_seats(at=moment) == 1
    assert return_seats(at=moment) == 0
    assert Slot.objects.with_free().get(pk=slot.pk).free == 1
    assert take_seat(slot=slot, holder="B").number == 1


def test_give_back_again_does_not_move_the_moment() -> None:
    slot, at = slot_in(240), clock.now()
    moment = given_back(slot, at=at).returns_at

    give_back(holder="A", at=at + timedelta(minutes=5))

    assert slot.seats.get().returns_at == moment


def test_seat_both_held_and_returning_is_stopped_by_the_database() -> None:
    slot = slot_in(240)
    take_seat(slot=slot, holder="A")

    with pytest.raises(IntegrityError, match="held_or_returning"):
        slot.seats.update(returns_at=clock.now())


def test_terms_that_return_before_they_may_are_stopped_by_the_database() -> None:
    with pytest.raises(IntegrityError, match="terms_return_in_order"):
        slot_in(240, after=30, within=20)
