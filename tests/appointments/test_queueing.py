"""Booking in an opening with a waiting room: by turn, at every door; elsewhere nothing changes."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from applicants.models import Person
from appointments.booking import hold_seat, lapse_holds, release_hold
from appointments.invariants import broken
from appointments.models import Application, Appointment
from appointments.notices import tell_turns
from appointments.queueing import MemberBooked, get_in_line
from appointments.submitting import request_payment
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from mpaspor.notifications.outbox import opened
from quota.enums import Service
from quota.models import Release, Seat, Slot
from quota.release import open_release
from quota.waiting_room.enums import Turn
from quota.waiting_room.joining import AlreadyInLine
from quota.waiting_room.models import QueueMember, QueueTicket
from quota.waiting_room.turns import QueueFirst, enter
from tests.database import check_deferred
from tests.factories import queue
from tests.factories.applicants import make_person, make_user, valid_nik
from tests.factories.appointments import make_application, make_awaiting, make_held
from tests.factories.quota import make_office, make_open_slot, make_plan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with override("en"):
        yield


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def in_line(
    release: Release, *persons: Person, at: datetime | None = None, service: str = Service.REGULAR
) -> QueueTicket:
    account = persons[0].account
    at = at or release.publish_at - timedelta(minutes=5)
    return get_in_line(
        account=account, persons=persons, release=release, service=service, by=account, at=at
    )


def opened_with(*persons: Person, seats: int = 3, hours: tuple[int, ...] = (8,)) -> Release:
    """Open, drawn, and the first step made; a ticket for each of these people."""
    plan = make_plan(make_office(), weekdays=[0], hours=hours, seats=seats)
    release = queue.make_announced(plan=plan)
    for person in persons:
        in_line(release, person)
    open_release(release=release, at=release.publish_at)
    queue.step(release)
    return release


def hold(draft: Application, slot: Slot, *, at: datetime | None = None) -> Appointment:
    at = at or slot.release.publish_at
    return hold_seat(application=draft, slot_code=slot.code, by=draft.account, at=at)


def turn_of(person: Person) -> str:
    return str(QueueMember.objects.get(identity=person.identity.code).turn)


# Getting in line


def test_get_in_line_with_a_family_is_one_place() -> None:
    account = make_user()
    family = [make_person(account) for _ in range(5)]
    ticket = in_line(queue.make_announced(), *family)
    assert (ticket.size, ticket.holder) == (5, account.code)
    codes = {person.identity.code for person in family}
    assert set(ticket.members.values_list("identity", flat=True)) == codes


@pytest.mark.parametrize("make", [make_held, make_awaiting])
def test_get_in_line_with_somebody_who_has_a_seat_refuses_by_name(make: object) -> None:
    person = make_person(name="Rina Booked")
    make(person=person)  # type: ignore[operator]
    with pytest.raises(MemberBooked, match="Rina Booked already has a seat"):
        in_line(queue.make_announced(), make_person(person.account), person)
    assert not QueueTicket.objects.exists()


def test_get_in_line_with_one_nik_in_two_accounts_is_one_place() -> None:
    nik, release = valid_nik(), queue.make_announced()
    first, second = make_person(nik=nik), make_person(nik=nik)
    assert in_line(release, first) == in_line(release, second)
    with pytest.raises(AlreadyInLine):
        in_line(release, second, make_person(second.account))


# Booking


def test_hold_seat_with_an_open_turn_takes_the_seat_and_spends_the_turn() -> None:
    person = make_person()
    slot = opened_with(person).slots.get()
    held = hold(make_application(person=person), slot)
    assert (held.slot, turn_of(person)) == (slot, Turn.USED)
    assert Seat.objects.filter(holder=held.code).count() == 1
    check_deferred()


def test_hold_seat_without_a_place_refuses_and_holds_nothing() -> None:
    slot = opened_with(make_person()).slots.get()
    with pytest.raises(QueueFirst, match="Get in line there"):
        hold(make_application(), slot)
    assert not Appointment.objects.exists()
    assert not Seat.objects.exclude(holder=None).exists()


def test_hold_seat_before_the_turn_comes_refuses() -> None:
    people = [make_person(), make_person()]
    slot = opened_with(*people, seats=1).slots.get()
    [waiting] = [person for person in people if turn_of(person) == Turn.WAITING]
    with pytest.raises(QueueFirst):
        hold(make_application(person=waiting), slot)


def test_hold_seat_after_the_turn_ran_out_refuses() -> None:
    person = make_person()
    slot = opened_with(person).slots.get()
    with pytest.raises(QueueFirst):
        hold(make_application(person=person), slot, at=slot.release.publish_at + minutes(10))


def test_hold_seat_elsewhere_needs_no_turn() -> None:
    opened_with(make_person())
    held = make_held()
    assert held.slot == Slot.objects.get(pk=held.slot_id)


def test_hold_seat_when_the_room_rests_needs_no_turn() -> None:
    release = queue.make_announced()
    open_release(release=release, at=release.publish_at)
    assert hold(make_application(), release.slots.get())


def test_moving_the_hold_within_the_opening_needs_no_second_turn() -> None:
    person = make_person()
    first, second = opened_with(person, hours=(8, 9)).slots.order_by("starts")
    draft = make_application(person=person)
    hold(draft, first)
    moved = hold(draft, second)
    assert (moved.slot, turn_of(person)) == (second, Turn.USED)
    assert Seat.objects.exclude(holder=None).count() == 1


def test_moving_the_hold_in_from_another_opening_needs_a_turn_and_keeps_the_old_seat() -> None:
    slot = opened_with(make_person()).slots.get()
    held = make_held()
    with pytest.raises(QueueFirst):
        hold(held.application, slot)
    held.refresh_from_db()
    assert held.status == "held"


def test_giving_the_seat_back_in_time_gives_the_turn_back() -> None:
    person = make_person()
    slot = opened_with(person).slots.get()
    draft, at = make_application(person=person), slot.release.publish_at
    held = hold(draft, slot)
    release_hold(appointment=held, by="test", at=at + minutes(5))
    check_deferred()
    assert turn_of(person) == Turn.OPEN
    assert hold(draft, slot, at=at + minutes(6))


def test_giving_the_seat_back_too_late_leaves_the_turn_spent() -> None:
    person = make_person()
    slot = opened_with(person).slots.get()
    held = hold(make_application(person=person), slot)
    release_hold(appointment=held, by="test", at=slot.release.publish_at + minutes(11))
    assert turn_of(person) == Turn.USED


def test_hold_that_lapses_frees_the_seat_for_the_next_in_line() -> None:
    people = [make_person(), make_person()]
    release = opened_with(*people, seats=1)
    [called] = [person for person in people if turn_of(person) == Turn.OPEN]
    hold(make_application(person=called), release.slots.get())
    assert queue.step(release, after=minutes(1)) == 0
    lapse_holds(at=release.publish_at + minutes(16))
    assert queue.step(release, after=minutes(16)) == 1


def test_whole_way_from_the_draw_to_the_bill_keeps_every_rule() -> None:
    person = make_person()
    release = opened_with(person)
    enter(ticket=QueueTicket.objects.get(), by=person.account, at=release.publish_at)
    held = hold(make_application(person=person), release.slots.get())
    request_payment(appointment=held, by=person.account, at=release.publish_at)
    check_deferred()
    assert list(broken(at=clock.now())) == []


def test_hold_seat_costs_no_query_more_where_no_room_is_at_work() -> None:
    plain = make_open_slot()
    resting = queue.make_announced()
    open_release(release=resting, at=resting.publish_at)

    def queries(slot: Slot) -> int:
        draft = make_application()
        with CaptureQueriesContext(connection) as seen:
            hold_seat(application=draft, slot_code=slot.code, by=draft.account, at=clock.now())
        return len(seen)

    assert queries(plain) == queries(resting.slots.get())


# Being told


def told() -> list[tuple[str, str]]:
    return [
        (notice.template.rpartition("/")[2], opened(notice)[0])
        for notice in Notice.objects.filter(template__contains="turn_").order_by("pk")
    ]


def test_who_is_called_is_told_once_by_the_confirmed_contact() -> None:
    account = make_user("0812-3456-7890")
    release = opened_with(make_person(account))
    for _ in range(3):
        tell_turns(at=release.publish_at)
    assert told() == [("turn_called", "+6281234567890")]


def test_whose_turn_is_soon_is_told_before_and_again_when_called() -> None:
    people = [make_person(), make_person()]
    release = opened_with(*people, seats=1)
    tell_turns(at=release.publish_at)
    tell_turns(at=release.publish_at)
    assert sorted(name for name, _to in told()) == ["turn_called", "turn_soon"]
    queue.step(release, after=minutes(11))
    tell_turns(at=release.publish_at + minutes(11))
    assert sorted(name for name, _to in told()) == ["turn_called", "turn_called", "turn_soon"]


def test_who_is_far_back_is_told_nothing_yet() -> None:
    release, _tickets = queue.make_at_work([1] * 3, seats=1)
    queue.step(release)
    QueueTicket.objects.filter(number=3).update(number=1_000_000)
    tell_turns(at=release.publish_at)
    assert QueueTicket.objects.get(number=1_000_000).told == ""


def test_account_that_cannot_be_reached_holds_nobody_up() -> None:
    silent = make_user(confirmed=False)
    people = [make_person(silent), make_person()]
    release = opened_with(*people)
    assert tell_turns(at=release.publish_at) == 2
    assert len(told()) == 1
