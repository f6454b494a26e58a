"""Seats kept back when a release opens, and offered to everybody before the day."""

from datetime import timedelta

import pytest

from mpaspor.core import clock
from quota.enums import ReleaseStatus, Reserve, Service
from quota.models import PlanLine, Release, Seat, Slot
from quota.release import open_release
from quota.reserves import end_reserves, take_kept
from quota.returning import return_seats
from quota.seats import SlotFull, take_seat
from tests.factories.quota import make_office, make_open_slot, make_plan, make_release, make_terms

pytestmark = pytest.mark.django_db


def opened(*, seats: int, restoration: int, assisted: int = 0) -> Release:
    """One week of two sessions a day."""
    office = make_office()
    make_terms(
        office=office, restoration_percent=restoration, assisted_percent=assisted, reserve_days=1
    )
    plan = make_plan(office, weekdays=range(2), hours=(8, 9), seats=seats)
    first = office.local(clock.now()).date() + timedelta(days=14)
    days = {"first_day": first, "last_day": first + timedelta(days=6)}
    release = make_release(
        plan=plan, status=ReleaseStatus.SCHEDULED, publish_at=clock.now(), **days
    )
    assert open_release(release=release, at=clock.now())
    return release


def kept(release: Release, reserve: Reserve) -> list[int]:
    """How many, by session in order."""
    return [
        slot.seats.filter(reserve=reserve).count() for slot in release.slots.order_by("starts_at")
    ]


@pytest.mark.parametrize(
    ("seats", "percent", "by_session"),
    [
        (50, 3, [2, 1, 2, 1]),
        (50, 4, [2, 2, 2, 2]),
        (3, 3, [1, 0, 1, 0]),
        (3, 0, [0, 0, 0, 0]),
        (2, 50, [1, 1, 1, 1]),
    ],
)
def test_open_release_keeps_its_percentage_of_each_day_spread_over_the_sessions(
    seats: int, percent: int, by_session: list[int]
) -> None:
    assert kept(opened(seats=seats, restoration=percent), Reserve.RESTORATION) == by_session


def test_open_release_keeps_both_reserves_and_the_rest_is_free() -> None:
    release = opened(seats=50, restoration=3, assisted=10)

    assert sum(kept(release, Reserve.RESTORATION)) == 2 * 3
    assert sum(kept(release, Reserve.ASSISTED)) == 2 * 10
    assert Seat.objects.free().count() == 4 * 50 - 26


def test_open_release_counts_each_service_for_itself() -> None:
    office = make_office()
    make_terms(office=office, restoration_percent=10)
    plan = make_plan(office, weekdays=(0,), hours=(8,), seats=10)
    PlanLine.objects.create(
        plan=plan, weekday=0, starts="10:00", ends="11:00", service=Service.ACCELERATED, seats=20
    )
    release = make_release(plan=plan, status=ReleaseStatus.SCHEDULED, publish_at=clock.now())

    open_release(release=release, at=clock.now())

    assert kept(release, Reserve.RESTORATION) == [1, 2, 1, 2]


def kept_slot(*, starts_in: timedelta) -> Slot:
    """One seat, and that is kept."""
    slot = make_open_slot(seats=1, starts_at=clock.now() + starts_in)
    slot.seats.update(reserve=Reserve.RESTORATION)
    make_terms(office=slot.office, reserve_days=1)
    return slot


def test_seat_that_is_kept_is_not_free_and_only_taken_for_its_purpose() -> None:
    slot = kept_slot(starts_in=timedelta(days=5))

    with pytest.raises(SlotFull):
        take_seat(slot=slot, holder="A")
    assert Slot.objects.with_free().get(pk=slot.pk).free == 0
    assert take_kept(slot=slot, holder="A", reserve=Reserve.ASSISTED) is None
    taken = take_kept(slot=slot, holder="A", reserve=Reserve.RESTORATION)
    assert (taken, slot.seats.get().holder) == (slot.seats.get(), "A")
    assert take_kept(slot=slot, holder="B", reserve=Reserve.RESTORATION) is None


@pytest.mark.parametrize(("seconds", "ended"), [(-1, 0), (0, 1), (1, 1)])
def test_end_reserves_offers_what_is_left_when_the_day_is_near(seconds: int, ended: int) -> None:
    slot = kept_slot(starts_in=timedelta(days=5))
    at = slot.starts_at - timedelta(days=1) + timedelta(seconds=seconds)

    assert end_reserves(at=at) == ended
    assert end_reserves(at=at) == 0
    assert Slot.objects.with_free().get(pk=slot.pk).free == ended


def test_end_reserves_returns_the_seat_at_a_moment_nobody_knows() -> None:
    slot = kept_slot(starts_in=timedelta(days=5))
    make_terms(office=slot.office, returns_after_minutes=10, returns_within_minutes=120)
    at = slot.starts_at - timedelta(days=1)

    end_reserves(at=at)

    moment = slot.seats.get().returns_at
    assert moment is not None
    assert at + timedelta(minutes=10) <= moment <= at + timedelta(minutes=120)
    assert (return_seats(at=moment), take_seat(slot=slot, holder="A").number) == (1, 1)
