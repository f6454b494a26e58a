"""Another day: once, in time, at the same office; never without a seat, never with two."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import Error, transaction
from django.utils import translation
from icalendar import Calendar

from appointments.arrival import check_in
from appointments.calendars import visit_calendar
from appointments.cancelling import cancel
from appointments.invariants import broken
from appointments.letters import letter_url
from appointments.models import Appointment, Move
from appointments.moving import RoomAtWork, SameOfficeOnly
from appointments.priority import OtherService
from appointments.rescheduling import (
    NotMovable,
    RightSpent,
    TooLateToMove,
    changing_of,
    reschedule,
)
from appointments.visits.checking import check_letter
from appointments.visits.enums import LetterState
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from quota.enums import Service, Zone
from quota.models import Seat, Slot
from quota.queries import SlotGone
from quota.release import open_release
from quota.seats import SlotFull, TooFewSeats
from tests.appointments.test_cancelling import paid_party
from tests.database import check_deferred, sql
from tests.factories.appointments import make_awaiting, make_confirmed, make_held
from tests.factories.queue import get_in_line, make_announced
from tests.factories.quota import make_office, make_open_slot, make_plan, make_terms

pytestmark = pytest.mark.django_db

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def another(mine: Appointment, days: int = 1, **facts: Any) -> Slot:
    """A session of the same office so many days later."""
    starts_at = mine.slot.starts_at + days * DAY
    return make_open_slot(office=mine.slot.office, starts_at=starts_at, **facts)


def choose(mine: Appointment, slot: Slot, **how: Any) -> list[Appointment]:
    at = how.pop("at", None) or clock.now()
    return reschedule(appointment=mine, slot_code=slot.code, by="test", at=at, **how)


def where(*members: Appointment) -> list[Slot]:
    """The session of each; each has exactly one seat, and it is in that session."""
    check_deferred()
    now = [Appointment.objects.select_related("slot").get(pk=member.pk) for member in members]
    seats = [list(Seat.objects.filter(holder=member.code)) for member in now]
    assert [[seat.slot_id for seat in own] for own in seats] == [[one.slot_id] for one in now]
    return [member.slot for member in now]


def test_reschedule_moves_the_seat_and_tells_it_once() -> None:
    mine = make_confirmed()
    old, new = mine.slot, another(mine)
    Notice.objects.all().delete()

    assert choose(mine, new) == [mine]
    assert choose(mine, new) == []

    assert where(mine) == [new]
    assert old.seats.exclude(holder=None).count() == 0
    [move] = Move.objects.all()
    assert (move.number, move.why, move.old_slot, move.new_slot) == (1, "own", old, new)
    assert [n.template for n in Notice.objects.all()] == ["notices/appointments/moved"]
    deeds = list(trail.of(f"appointment:{mine.code}"))
    assert deeds[-1].deed == "appointment.move"
    assert deeds[-1].facts["slot"] == new.code
    assert list(broken(at=clock.now())) == []


def test_reschedule_makes_letter_and_calendar_new_ones() -> None:
    mine = make_confirmed()
    before = letter_url(mine)
    choose(mine, another(mine))
    now = Appointment.objects.select_related("slot__office", "application").get(pk=mine.pk)
    states = [check_letter(letter).state for letter in (before, letter_url(now))]
    assert states == [LetterState.MOVED, LetterState.VALID]
    [event] = Calendar.from_ical(visit_calendar(now, at=clock.now())).walk("VEVENT")
    assert (event["SEQUENCE"], event["UID"]) == (1, f"{mine.code}@m-paspor")
    assert event.decoded("DTSTART") == now.slot.starts_at


@pytest.mark.parametrize(("allowed", "done"), [(0, 0), (1, 1), (2, 2)])
def test_reschedule_as_often_as_the_terms_say(allowed: int, done: int) -> None:
    mine = make_confirmed()
    make_terms(office=mine.slot.office, reschedules=allowed)
    for days in range(1, done + 1):
        choose(mine, another(mine, days))
    stays = where(mine)
    with pytest.raises(RightSpent) as no:
        choose(mine, another(mine, 9))
    assert no.value.facts == {"times": allowed}
    assert where(mine) == stays
    found = changing_of(Appointment.objects.get(pk=mine.pk), at=clock.now())
    assert (found.left, type(found.refusal)) == (0, RightSpent)


@pytest.mark.parametrize(("zone", "offset"), [(Zone.WIB, 7), (Zone.WITA, 8), (Zone.WIT, 9)])
def test_reschedule_too_late_says_until_when_by_the_clock_of_the_office(
    zone: Zone, offset: int
) -> None:
    mine = make_confirmed(slot=make_open_slot(office=make_office(zone=zone)))
    day = mine.slot.date
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=offset)
    with pytest.raises(TooLateToMove) as no, translation.override("en"):
        choose(mine, another(mine, 3), at=at)
    assert no.value.facts["until"].endswith(f"23:59 {zone.label}")
    assert where(mine) == [mine.slot]


def arrived() -> Appointment:
    mine = make_confirmed()
    at = mine.slot.starts_at
    return check_in(appointment=mine, office=mine.slot.office, by="test", at=at)


def cancelled() -> Appointment:
    mine = make_confirmed()
    cancel(appointment=mine, by="test", at=clock.now())
    return mine


@pytest.mark.parametrize("make", [make_held, make_awaiting, arrived, cancelled])
def test_reschedule_of_what_is_not_confirmed_is_refused(make: Callable[[], Appointment]) -> None:
    mine = make()
    with pytest.raises(NotMovable):
        choose(mine, another(mine))
    assert Move.objects.count() == 0


def full(mine: Appointment) -> Slot:
    return another(mine, seats=0)


def elsewhere(mine: Appointment) -> Slot:
    return make_open_slot()


def accelerated(mine: Appointment) -> Slot:
    return another(mine, service=Service.ACCELERATED)


def closed(mine: Appointment) -> Slot:
    slot = another(mine)
    Slot.objects.filter(pk=slot.pk).update(closed_at=clock.now())
    return slot


def with_room_at_work(mine: Appointment) -> Slot:
    plan = make_plan(mine.slot.office, weekdays=[0], hours=[8])
    release = make_announced(plan=plan)
    get_in_line(release)
    open_release(release=release, at=release.publish_at)
    return release.slots.earliest("starts_at")


@pytest.mark.parametrize(
    ("make_slot", "refusal"),
    [
        (full, SlotFull),
        (elsewhere, SameOfficeOnly),
        (accelerated, OtherService),
        (closed, SlotGone),
        (with_room_at_work, RoomAtWork),
    ],
)
def test_reschedule_that_is_refused_leaves_the_seat_and_the_right(
    make_slot: Callable[[Appointment], Slot], refusal: type[Exception]
) -> None:
    mine = make_confirmed()
    with pytest.raises(refusal):
        choose(mine, make_slot(mine))
    assert where(mine) == [mine.slot]
    assert changing_of(mine, at=clock.now()).refusal is None


@pytest.mark.parametrize(("alone", "moved"), [(False, [1, 1, 1]), (True, [1, 0, 0])])
def test_reschedule_of_a_party_is_for_all_of_it_or_one(alone: bool, moved: list[int]) -> None:
    party = paid_party()
    old, new = party[0].slot, another(party[0])
    choose(party[0], new, alone=alone)
    assert where(*party) == [new if one else old for one in moved]


def test_reschedule_of_a_party_into_too_few_seats_moves_nobody() -> None:
    party = paid_party()
    with pytest.raises(TooFewSeats):
        choose(party[0], another(party[0], seats=2))
    assert where(*party) == [party[0].slot] * 3
    assert Move.objects.count() == 0


def test_reschedule_of_a_party_names_who_spent_the_right() -> None:
    party = paid_party()
    new = another(party[0])
    choose(party[0], new, alone=True)
    for other in party[1:]:
        choose(other, new, alone=True)
    with pytest.raises(RightSpent) as no:
        choose(party[0], another(party[0], 5))
    assert no.value.who == party[0].application.person.name


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE appointments_appointment SET slot_id = {new}", "past its count"),
        ("UPDATE appointments_appointment SET moved = moved - 1", "past its count"),
        ("UPDATE appointments_appointment SET moved = moved + 1", "not written down"),
        ("UPDATE appointments_move SET why = 'office'", "Cannot update rows"),
        ("DELETE FROM appointments_move", "a move is not forgotten"),
    ],
)
def test_moves_past_the_deed_are_refused_by_postgresql(statement: str, says: str) -> None:
    mine = make_confirmed()
    choose(mine, another(mine))
    new = another(mine, 3)
    check_deferred()
    with pytest.raises(Error, match=says):
        committed(statement.format(new=new.pk))


def committed(statement: str) -> None:
    with transaction.atomic():
        sql(statement)
        check_deferred()


@pytest.mark.parametrize("status", ["held", "awaiting_payment"])
@pytest.mark.parametrize(
    ("moved", "why", "says"),
    [
        ("0", "", "past its count"),
        ("1", "", "not written down|owns no seat"),
        ("1", "own", "only what is paid"),
    ],
)
def test_unpaid_seats_are_moved_where_the_session_is_closed_only(
    status: str, moved: str, why: str, says: str
) -> None:
    mine = make_held() if status == "held" else make_awaiting()
    facts = {"mine": mine.pk, "old": mine.slot_id, "new": another(mine).pk}
    written = """
        INSERT INTO appointments_move
        (appointment_id, number, why, old_slot_id, new_slot_id, moved_at)
        VALUES ({mine}, 1, '{why}', {old}, {new}, now());"""
    change = "UPDATE appointments_appointment SET slot_id = {new}, moved = {moved}"
    statement = (written if why else "") + change
    check_deferred()
    with pytest.raises(Error, match=says):
        committed(statement.format(**facts, moved=moved, why=why))
