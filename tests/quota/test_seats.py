import pytest
from django.db import IntegrityError, connection

from mpaspor.core import clock
from quota.models import Seat
from quota.seats import (
    TAKE_ANY,
    PartyTooLarge,
    SlotFull,
    TooFewSeats,
    give_back,
    take_seat,
    take_seats,
)
from tests.factories.quota import make_open_slot

pytestmark = pytest.mark.django_db


def test_take_seat_of_free_slot_names_the_holder() -> None:
    slot = make_open_slot(seats=2)

    seat = take_seat(slot=slot, holder="A")

    assert Seat.objects.get(holder="A") == seat
    assert (seat.slot_id, seat.holder) == (slot.pk, "A")


def test_take_seat_until_full_gives_every_number_once() -> None:
    slot = make_open_slot(seats=12)

    taken = {take_seat(slot=slot, holder=f"H{n}").number for n in range(12)}

    assert taken == set(range(1, 13))


def test_take_seat_of_full_slot_refuses_with_a_remedy() -> None:
    slot = make_open_slot(seats=1)
    take_seat(slot=slot, holder="A")

    with pytest.raises(SlotFull) as no:
        take_seat(slot=slot, holder="B")

    assert no.value.remedy
    assert list(slot.seats.values_list("holder", flat=True)) == ["A"]


def test_take_seat_of_one_slot_leaves_the_others_alone() -> None:
    slot, other = make_open_slot(seats=1), make_open_slot(seats=1)

    take_seat(slot=slot, holder="A")

    assert other.seats.get().holder is None


def test_take_seat_twice_for_one_holder_is_stopped_by_the_database() -> None:
    slot = make_open_slot(seats=2)
    take_seat(slot=slot, holder="A")

    with pytest.raises(IntegrityError, match="one_seat_a_holder"):
        take_seat(slot=slot, holder="A")


def test_give_back_frees_the_seat_for_the_next() -> None:
    slot = make_open_slot(seats=1)
    take_seat(slot=slot, holder="A")

    give_back(holder="A", at=clock.now())

    assert take_seat(slot=slot, holder="B").number == 1


def test_give_back_twice_leaves_the_next_holder_alone() -> None:
    slot = make_open_slot(seats=1)
    take_seat(slot=slot, holder="A")
    give_back(holder="A", at=clock.now())
    take_seat(slot=slot, holder="B")

    give_back(holder="A", at=clock.now())

    assert slot.seats.get().holder == "B"


def test_take_seat_finds_free_seats_by_their_index_and_never_sorts() -> None:
    # Many, so that what other tests have left in the files of the table weighs nothing.
    slot = make_open_slot(seats=4000)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE quota_seat SET holder = 'H' || number WHERE number <= 3800")
        cursor.execute("ANALYZE quota_seat")
        cursor.execute("EXPLAIN " + TAKE_ANY, {"slot": slot.pk, "holder": "A", "start": 1})
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert plan.count("Index Scan using free_seats") == 2
    assert "Sort" not in plan


def test_take_seats_gives_each_of_a_party_a_seat_of_its_own() -> None:
    slot = make_open_slot(seats=5)

    seats = take_seats(slot=slot, holders=["A", "B", "C"])

    assert sorted(str(seat.holder) for seat in seats) == ["A", "B", "C"]
    assert {seat.pk for seat in seats} == {seat.pk for seat in slot.seats.exclude(holder=None)}


def test_take_seats_for_more_than_are_free_gives_none() -> None:
    slot = make_open_slot(seats=3)
    take_seat(slot=slot, holder="A")

    with pytest.raises(TooFewSeats):
        take_seats(slot=slot, holders=["B", "C", "D"])

    assert list(slot.seats.exclude(holder=None).values_list("holder", flat=True)) == ["A"]


@pytest.mark.parametrize("size", [0, 6])
def test_take_seats_for_a_party_of_a_wrong_size_is_refused(size: int) -> None:
    slot = make_open_slot(seats=9)

    with pytest.raises(PartyTooLarge):
        take_seats(slot=slot, holders=[f"H{n}" for n in range(size)])

    assert slot.seats.exclude(holder=None).count() == 0
