from datetime import timedelta

import pytest

from mpaspor.core import clock
from quota.enums import ReleaseStatus
from quota.invariants import broken
from quota.models import Release, Seat
from quota.release import open_release
from quota.waiting_room.enums import Turn
from quota.waiting_room.models import QueueMember, QueueTicket
from tests.database import triggers_off
from tests.factories.queue import make_at_work
from tests.factories.quota import make_open_slot, make_release

pytestmark = pytest.mark.django_db


def test_broken_after_an_opening_finds_nothing() -> None:
    release = make_release(
        status=ReleaseStatus.SCHEDULED, publish_at=clock.now() - timedelta(hours=1)
    )
    open_release(release=release, at=clock.now())

    assert list(broken()) == []


def test_broken_with_a_seat_too_many_or_too_few_names_the_slot() -> None:
    more, fewer = make_open_slot(seats=2), make_open_slot(seats=2)
    with triggers_off():
        Seat.objects.create(slot=more, number=3)
    fewer.seats.filter(number=1).delete()

    assert list(broken()) == [
        f"slot {more.code} for 2 has 3 seats with 3 numbers",
        f"slot {fewer.code} for 2 has 1 seats with 1 numbers",
    ]


def test_broken_with_a_number_twice_names_the_slot() -> None:
    slot = make_open_slot(seats=2)
    slot.seats.filter(number=1).update(holder="A")
    with triggers_off():
        slot.seats.filter(number=2).update(number=1)

    assert list(broken()) == [f"slot {slot.code} for 2 has 2 seats with 1 numbers"]


def test_broken_with_slots_before_the_opening_names_the_release() -> None:
    slot = make_open_slot()
    other = make_release()
    slot.release = other
    with triggers_off():
        slot.save()

    assert list(broken()) == [f"release {other.code} is draft and has slots"]


def test_broken_with_an_open_release_without_its_moment_names_it() -> None:
    slot = make_open_slot()
    Release.objects.filter(pk=slot.release_id).update(opened_at=None)

    assert list(broken()) == [f"release {slot.release.code} is open without a moment of opening"]


def test_broken_with_more_people_called_than_free_seats_names_the_release() -> None:
    release, _tickets = make_at_work([1, 1], seats=1)
    with triggers_off():
        QueueMember.objects.update(turn=Turn.OPEN)

    assert list(broken()) == [f"release {release.code} has 2 open turns for 1 free regular seats"]


def test_broken_with_a_place_that_was_not_drawn_names_the_release() -> None:
    release, [first, _second] = make_at_work([1, 1])
    with triggers_off():
        QueueTicket.objects.filter(pk=first.pk).update(drawn=7)

    assert list(broken()) == [f"release {release.code} has places that the draw did not give"]
