"""What a release leaves over goes to the waiting list first, and stays free for everybody else."""

from datetime import datetime, timedelta

import pytest

from mpaspor.audit import trail
from mpaspor.core import clock
from quota.leftovers import offer_leftovers
from quota.models import Release, Seat, Slot
from quota.waiting_list.answering import decline_offer
from quota.waiting_list.models import Offer
from quota.waiting_room.enums import RoomStatus
from quota.waiting_room.models import Room
from tests.factories.quota import make_office, make_open_slot, make_terms
from tests.factories.waiting_list import full_slot, make_wish

pytestmark = pytest.mark.django_db

DAY = timedelta(hours=24)


@pytest.fixture
def at() -> datetime:
    return clock.now()


def left_over(*, seats: int, wishes: int, at: datetime, people: int = 1) -> Slot:
    """A session of a release that opened at `at`, with free seats and people who wait."""
    slot = full_slot(seats=seats)
    for number in range(wishes):
        make_wish(slot, people=people, at=at - timedelta(minutes=wishes - number))
    Seat.objects.filter(slot=slot).update(holder=None)
    Release.objects.filter(pk=slot.release_id).update(opened_at=at)
    return slot


def free(slot: Slot) -> int:
    return Slot.objects.with_free().get(pk=slot.pk).free


def test_leftovers_are_offered_a_day_after_the_opening_and_not_before(at: datetime) -> None:
    slot = left_over(seats=5, wishes=2, at=at)

    assert offer_leftovers(at=at + DAY - timedelta(microseconds=1)) == 0
    assert offer_leftovers(at=at + DAY) == 2

    assert (Offer.objects.count(), free(slot)) == (2, 3)
    [entry] = trail.of(f"slot:{slot.code}")
    assert (entry.deed, entry.facts) == ("slot.offer_leftovers", {"seats": 2})


def test_leftovers_go_to_the_oldest_wishes_when_there_are_too_few(at: datetime) -> None:
    slot = left_over(seats=2, wishes=3, at=at)

    assert offer_leftovers(at=at + DAY) == 2

    oldest = list(Offer.objects.order_by("wish__placed_at").values_list("wish__placed_at"))
    assert oldest == [(at - timedelta(minutes=3),), (at - timedelta(minutes=2),)]
    assert free(slot) == 0


def test_leftovers_too_few_for_a_party_stay_free(at: datetime) -> None:
    slot = left_over(seats=2, wishes=1, people=3, at=at)

    assert offer_leftovers(at=at + DAY) == 0

    assert (free(slot), trail.of(f"slot:{slot.code}")) == (2, [])


def test_leftovers_that_nobody_waits_for_stay_free_and_are_offered_once(at: datetime) -> None:
    slot = left_over(seats=3, wishes=0, at=at)

    assert offer_leftovers(at=at + DAY) == 0
    assert Release.objects.get().leftovers_offered_at == at + DAY
    Seat.objects.filter(slot=slot).update(holder=None)

    assert offer_leftovers(at=at + 2 * DAY) == 0
    assert (free(slot), Release.objects.get().leftovers_offered_at) == (3, at + DAY)


def test_leftovers_again_ask_nobody_twice(at: datetime) -> None:
    slot = left_over(seats=5, wishes=1, at=at)
    offer_leftovers(at=at + DAY)
    decline_offer(offer=Offer.objects.get(), by="test", at=at + DAY)
    Release.objects.update(leftovers_offered_at=None)  # as if killed before the note

    assert offer_leftovers(at=at + DAY) == 0
    assert (Offer.objects.count(), free(slot)) == (1, 4)


def test_leftovers_wait_as_long_as_the_terms_of_the_office_say(at: datetime) -> None:
    slot = left_over(seats=1, wishes=1, at=at)
    make_terms(office=slot.office, leftover_hours=3)

    assert offer_leftovers(at=at + timedelta(hours=3) - timedelta(seconds=1)) == 0
    assert offer_leftovers(at=at + timedelta(hours=3)) == 1


def test_leftovers_wait_until_the_waiting_room_rests(at: datetime) -> None:
    slot = left_over(seats=1, wishes=1, at=at)
    room = Room.objects.create(
        release=slot.release,
        status=RoomStatus.ACTIVE,
        join_from=at,
        committed_at=at,
        commitment=b"c",
        secret_sealed=b"s",
        seed=b"seed",
        rate=1,
        next_at=at,
    )
    assert offer_leftovers(at=at + DAY) == 0
    assert Release.objects.get().leftovers_offered_at is None

    Room.objects.filter(pk=room.pk).update(status=RoomStatus.DORMANT)
    assert offer_leftovers(at=at + DAY) == 1


def test_leftovers_of_a_closed_session_are_not_offered(at: datetime) -> None:
    slot = left_over(seats=1, wishes=1, at=at)
    Slot.objects.filter(pk=slot.pk).update(closed_at=at)

    assert offer_leftovers(at=at + DAY) == 0


def test_leftovers_leave_taken_returning_and_kept_seats_alone(at: datetime) -> None:
    slot = left_over(seats=4, wishes=4, at=at)
    first, second, third, _free = slot.seats.order_by("number")
    Seat.objects.filter(pk=first.pk).update(holder="A")
    Seat.objects.filter(pk=second.pk).update(returns_at=at + 2 * DAY)
    Seat.objects.filter(pk=third.pk).update(reserve="assisted")

    assert offer_leftovers(at=at + DAY) == 1
    assert Seat.objects.get(pk=first.pk).holder == "A"


def test_leftovers_of_many_sessions_ask_one_wish_once(at: datetime) -> None:
    office = make_office()
    start = office.local(at + timedelta(days=10)).replace(hour=9, minute=0, second=0)
    slot = full_slot(office=office, starts_at=start)
    other = full_slot(office=office, starts_at=start + timedelta(hours=1))
    make_wish(slot, at=at)
    Seat.objects.update(holder=None)
    Release.objects.update(opened_at=at)

    assert offer_leftovers(at=at + DAY) == 1
    assert (free(slot) + free(other), Offer.objects.get().slot) == (1, slot)


def test_leftovers_pass_over_releases_that_are_not_open(at: datetime) -> None:
    make_open_slot()
    Release.objects.update(status="closed")

    assert offer_leftovers(at=at + DAY) == 0
    assert Release.objects.get().leftovers_offered_at is None
