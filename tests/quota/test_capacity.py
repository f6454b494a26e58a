"""More or fewer seats of an open session, and sessions that close."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from appointments.closing import PeopleBooked
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from quota.capacity import ChangeReasonMissing, SeatsTaken, SessionClosed, TooManySeats
from quota.capacity import change_capacity as change
from quota.closing import NotClosed, NothingToClose, close_day, close_session, reopen_session
from quota.enums import Role
from quota.invariants import broken
from quota.models import Slot
from quota.queries import SlotGone, slot_for_booking
from quota.seats import take_seat
from tests.factories.appointments import make_confirmed
from tests.factories.quota import make_office, make_officer, make_open_slot

pytestmark = pytest.mark.django_db


def numbers(slot: Slot) -> tuple[int, int, int]:
    """Capacity, rows of seats, seats that can be taken."""
    fresh = Slot.objects.with_free().get(pk=slot.pk)
    return fresh.capacity, fresh.seats.count(), fresh.free


def change_to(slot: Slot, seats: int, reason: str = "Loket tambahan") -> Slot:
    return change(slot=slot, seats=seats, reason=reason, by="test", at=clock.now())


@pytest.mark.parametrize(("seats", "expected"), [(5, (5, 5, 4)), (3, (3, 3, 2)), (1, (1, 1, 0))])
def test_change_capacity_up_and_down_keeps_who_has_a_seat(
    seats: int, expected: tuple[int, int, int]
) -> None:
    slot = make_open_slot(seats=3)
    mine = take_seat(slot=slot, holder="A")

    change_to(slot, seats)

    assert numbers(slot) == expected
    assert slot.seats.get(holder="A") == mine
    assert list(broken()) == []


def test_change_capacity_down_and_up_again_gives_every_seat_a_number_of_its_own() -> None:
    slot = make_open_slot(seats=4)
    take_seat(slot=slot, holder="A")

    change_to(slot, 2)
    change_to(slot, 6)

    for n in range(5):
        take_seat(slot=Slot.objects.get(pk=slot.pk), holder=f"H{n}")
    assert numbers(slot) == (6, 6, 0)
    assert list(broken()) == []


def test_change_capacity_below_what_is_taken_is_refused_and_changes_nothing() -> None:
    slot = make_open_slot(seats=3)
    take_seat(slot=slot, holder="A")
    take_seat(slot=slot, holder="B")

    with pytest.raises(SeatsTaken) as no:
        change_to(slot, 1)

    assert no.value.facts == {"taken": 2}
    assert numbers(slot) == (3, 3, 1)


@pytest.mark.parametrize(
    ("seats", "reason", "refusal"),
    [(-1, "x", TooManySeats), (501, "x", TooManySeats), (2, "  ", ChangeReasonMissing)],
)
def test_change_capacity_to_what_cannot_be_is_refused(
    seats: int, reason: str, refusal: type[Refusal]
) -> None:
    slot = make_open_slot(seats=3)

    with pytest.raises(refusal):
        change_to(slot, seats, reason)

    assert numbers(slot) == (3, 3, 3)


def test_change_capacity_leaves_a_line_with_the_reason() -> None:
    slot = make_open_slot(seats=3)

    change_to(slot, 5)

    (line,) = trail.of(f"slot:{slot.code}")
    assert (line.deed, line.facts) == (
        "slot.capacity",
        {"before": 3, "seats": 5, "reason": "Loket tambahan"},
    )


def test_close_session_gives_no_further_seat_and_keeps_those_taken() -> None:
    slot = make_open_slot(seats=3)
    take_seat(slot=slot, holder="A")

    close_session(slot=slot, reason="Listrik padam", by="test", at=clock.now())
    again = close_session(slot=slot, reason="Listrik padam", by="test", at=clock.now())

    assert again.closed_at is not None
    assert numbers(slot) == (1, 1, 0)
    with pytest.raises(SlotGone):
        slot_for_booking(code=slot.code, at=clock.now())
    with pytest.raises(SessionClosed):
        change_to(slot, 5)


def test_close_session_where_people_are_booked_is_refused_and_stays_open() -> None:
    slot = make_open_slot(seats=3)
    make_confirmed(slot=slot)

    with pytest.raises(PeopleBooked) as no:
        close_session(slot=slot, reason="Listrik padam", by="test", at=clock.now())

    assert no.value.facts == {"people": 1}
    assert numbers(slot) == (3, 3, 2)
    assert Slot.objects.get(pk=slot.pk).closed_at is None


def test_close_day_closes_that_day_of_that_office_only() -> None:
    office, at = make_office(), clock.now()
    noon = office.local(at + timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
    morning, later = (
        make_open_slot(office=office, starts_at=noon - timedelta(hours=2)),
        make_open_slot(office=office, starts_at=noon),
    )
    others = [make_open_slot(office=office, starts_at=noon + timedelta(days=1)), make_open_slot()]

    closed = close_day(office=office, day=noon.date(), reason="Banjir", by="test", at=at)

    assert closed == [morning, later]
    assert [numbers(slot)[0] for slot in (morning, later, *others)] == [0, 0, 3, 3]
    with pytest.raises(NothingToClose):
        close_day(office=office, day=noon.date(), reason="Banjir", by="test", at=at)


def test_close_day_with_one_booked_person_closes_no_session_of_it() -> None:
    office, at = make_office(), clock.now()
    noon = office.local(at + timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
    empty = make_open_slot(office=office, starts_at=noon - timedelta(hours=2))
    make_confirmed(slot=make_open_slot(office=office, starts_at=noon))

    with pytest.raises(PeopleBooked):
        close_day(office=office, day=noon.date(), reason="Banjir", by="test", at=at)

    assert numbers(empty) == (3, 3, 3)


def test_reopen_session_has_the_seats_that_are_named() -> None:
    slot = make_open_slot(seats=3)
    take_seat(slot=slot, holder="A")
    with pytest.raises(NotClosed):
        reopen_session(slot=slot, seats=3, reason="x", by="test", at=clock.now())
    close_session(slot=slot, reason="Listrik padam", by="test", at=clock.now())

    reopen_session(slot=slot, seats=4, reason="Listrik menyala", by="test", at=clock.now())

    assert numbers(slot) == (4, 4, 3)
    assert slot_for_booking(code=slot.code, at=clock.now()) == slot


def desk(role: Role, slot: Slot) -> Client:
    client = Client()
    client.force_login(make_officer(role, slot.office))
    client.cookies["django_language"] = "en"
    return client


def page_of(slot: Slot) -> str:
    return reverse("admin:quota_slot_amend", args=[slot.pk])


def test_planner_changes_seats_on_the_page_of_the_session() -> None:
    slot = make_open_slot(seats=3)
    client = desk(Role.PLANNER, slot)
    assert "Change the seats" in client.get(page_of(slot)).text

    form = {"change": "capacity", "seats": "7", "reason": "Loket tambahan"}
    answer = client.post(page_of(slot), form, follow=True)

    assert ("Done." in answer.text, numbers(slot)) == (True, (7, 7, 7))


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"change": "capacity", "seats": "x", "reason": "y"}, "seats"),
        ({"change": "capacity", "seats": "", "reason": "y"}, "seats"),
        ({"change": "capacity", "seats": "-1", "reason": "y"}, "seats"),
        ({"change": "capacity", "seats": "9223372036854775808", "reason": "y"}, "seats"),
        ({"change": "capacity", "seats": "4", "reason": ""}, "reason"),
        ({"change": "close", "reason": "\x00"}, "reason"),
        ({"change": "burn", "reason": "y"}, "change"),
    ],
)
def test_page_of_the_session_with_bad_input_names_the_field_and_changes_nothing(
    form: dict[str, str], field: str
) -> None:
    slot = make_open_slot(seats=3)

    answer = desk(Role.PLANNER, slot).post(page_of(slot), form)

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, [field])
    assert numbers(slot) == (3, 3, 3)


def test_planner_elsewhere_cannot_change_the_session() -> None:
    slot = make_open_slot(seats=3)
    client = Client()
    client.force_login(make_officer(Role.PLANNER, make_office()))

    answer = client.post(page_of(slot), {"change": "close", "reason": "x"})

    assert (answer.status_code, numbers(slot)) == (404, (3, 3, 3))
