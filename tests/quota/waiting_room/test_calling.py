"""The controller: it calls in order, keeps a seat for each it calls, and never goes back."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from pytest_django.fixtures import Settings

from mpaspor.audit import trail
from quota.enums import Service
from quota.models import PlanLine, Release, Seat, Slot
from quota.release import open_release, withdraw_release
from quota.seats import take_seat
from quota.waiting_room import calling, pace
from quota.waiting_room.calling import run_rooms
from quota.waiting_room.enums import RoomStatus, TicketStatus, Turn
from quota.waiting_room.models import QueueMember, QueueTicket, Room
from quota.waiting_room.status import band, publish, status_of
from quota.waiting_room.turns import use_turn
from tests.database import check_deferred, sql
from tests.factories.queue import (
    STEP,
    fresh,
    get_in_line,
    make_announced,
    make_at_work,
    room,
    step,
)
from tests.factories.quota import make_office, make_plan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.QUEUE_FOLDER = str(tmp_path / "queue")
    return tmp_path / "queue"


def numbers(status: str) -> list[int]:
    tickets = QueueTicket.objects.filter(status=status).order_by("number")
    return [ticket.number or 0 for ticket in tickets]


def take(release: Release, identity: str, *, at: datetime) -> None:
    slot = Slot.objects.select_related("release__room").get(release=release)
    use_turn(slot=slot, identity=identity, at=at)
    take_seat(slot=slot, holder=identity)


def test_call_next_calls_the_first_in_line_as_many_as_there_are_seats() -> None:
    release, _tickets = make_at_work([1] * 6, seats=4)
    assert step(release) == 4
    assert (numbers(TicketStatus.CALLED), numbers(TicketStatus.WAITING)) == ([1, 2, 3, 4], [5, 6])
    assert room(release).called == 4
    check_deferred()


def test_call_next_opens_a_turn_for_each_member_until_the_same_moment() -> None:
    release, [ticket] = make_at_work([3])
    step(release)
    until = release.publish_at + timedelta(minutes=10)
    assert fresh(ticket).until == until
    turns = set(ticket.members.values_list("turn", "until"))
    assert turns == {(Turn.OPEN, until)}


def test_call_next_with_every_seat_promised_calls_nobody() -> None:
    release, _tickets = make_at_work([1] * 3, seats=2)
    assert [step(release, after=STEP * turn) for turn in range(3)] == [2, 0, 0]


def test_call_next_never_calls_in_vain_while_people_take_their_seats() -> None:
    release, _tickets = make_at_work([1] * 30, seats=12)
    for turn in range(30):
        at = release.publish_at + STEP * turn
        step(release, after=STEP * turn)
        check_deferred()
        for member in QueueMember.objects.filter(turn=Turn.OPEN)[:2]:
            take(release, member.identity, at=at)
    assert Seat.objects.exclude(holder=None).count() == 12
    assert QueueMember.objects.filter(turn=Turn.OPEN).count() == 0


def test_call_next_looks_past_a_party_too_large_for_what_is_left_and_keeps_its_place() -> None:
    release = make_announced(seats=3)
    for _ in range(6):
        get_in_line(release, 2)
    single = get_in_line(release)
    open_release(release=release, at=release.publish_at)
    step(release)
    called = QueueTicket.objects.filter(status=TicketStatus.CALLED)
    assert sorted(ticket.size for ticket in called) == [1, 2]
    assert fresh(single).status == TicketStatus.CALLED


def test_call_next_counts_seats_by_service() -> None:
    plan = make_plan(make_office(), weekdays=[0], hours=[8], seats=2)
    line = plan.lines.get()
    PlanLine.objects.create(
        plan=plan,
        weekday=0,
        starts=line.starts,
        ends=line.ends,
        service=Service.ACCELERATED,
        seats=1,
    )
    release = make_announced(plan=plan)
    for service in (Service.ACCELERATED,) * 3 + (Service.REGULAR,) * 3:
        get_in_line(release, service=service)
    open_release(release=release, at=release.publish_at)
    assert step(release) == 3
    called = QueueTicket.objects.filter(status=TicketStatus.CALLED).order_by("service")
    assert [ticket.service for ticket in called] == ["accelerated", "regular", "regular"]


def test_lapse_gives_the_seat_to_the_next_and_called_does_not_fall() -> None:
    release, _tickets = make_at_work([1] * 3, seats=1)
    step(release)
    assert step(release, after=timedelta(minutes=9)) == 0
    assert step(release, after=timedelta(minutes=10)) == 1
    assert numbers(TicketStatus.LAPSED) == [1]
    assert numbers(TicketStatus.CALLED) == [2]
    assert (room(release).called, room(release).lapsed_people) == (2, 1)


def test_lapse_of_a_party_of_which_one_has_chosen_ends_the_others_turn_only() -> None:
    release, [ticket] = make_at_work([2])
    step(release)
    first = ticket.members.all()[0]
    take(release, first.identity, at=release.publish_at)
    step(release, after=timedelta(minutes=11))
    turns = sorted(ticket.members.values_list("turn", flat=True))
    assert (fresh(ticket).status, turns) == (TicketStatus.LAPSED, [Turn.USED, Turn.WAITING])


def test_ticket_whose_people_all_have_a_seat_is_done_when_its_time_is_over() -> None:
    release, [ticket] = make_at_work([1])
    step(release)
    take(release, ticket.members.get().identity, at=release.publish_at)
    step(release, after=timedelta(minutes=11))
    assert (fresh(ticket).status, room(release).status) == ("done", RoomStatus.DORMANT)


def test_room_rests_only_when_nobody_waits_and_no_turn_is_open() -> None:
    release, _tickets = make_at_work([1])
    step(release)
    assert room(release).status == RoomStatus.ACTIVE
    step(release, after=timedelta(minutes=11))
    assert room(release).status == RoomStatus.DORMANT
    assert trail.of(f"release:{release.code}")[-1].facts == {"rests": True}


def test_room_rests_when_the_last_session_has_begun() -> None:
    release, _tickets = make_at_work([1] * 3, seats=1)
    begun = Slot.objects.get().starts_at - release.publish_at
    assert step(release, after=begun) == 0
    assert room(release).status == RoomStatus.DORMANT


def test_call_next_promises_no_seat_of_a_session_that_begins_before_the_time_to_choose_ends() -> (
    None
):
    release, _tickets = make_at_work([1])
    begins = Slot.objects.get().starts_at - release.publish_at
    assert step(release, after=begins - timedelta(minutes=24)) == 0


def test_call_next_of_more_than_the_rate_allows_calls_the_rate(settings: Settings) -> None:
    settings.QUEUE_RATE_START, settings.QUEUE_RATE_STEP, settings.QUEUE_RATE_MAX = 1, 1, 3
    release, _tickets = make_at_work([1] * 60, seats=100)
    steps = [step(release, after=STEP * turn) for turn in range(4)]
    assert steps == [2 * 5, 3 * 5, 3 * 5, 3 * 5]


def test_call_next_while_the_database_is_slow_halves_the_rate(settings: Settings) -> None:
    settings.QUEUE_SLOW_MS = 0
    release, _tickets = make_at_work([1] * 30, seats=100)
    before = room(release).rate
    step(release)
    assert room(release).rate == before / 2


def test_run_rooms_with_one_that_fails_halves_its_rate_and_serves_the_others(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    broken, _tickets = make_at_work([1])
    well, _tickets = make_at_work([1], opens=broken.publish_at)
    Release.objects.filter(pk=broken.pk).update(code="BROKEN")

    def trip(*, room: Room, at: datetime) -> None:
        if room.release.code == "BROKEN":
            raise OSError("disk full")
        publish(room=room, at=at)

    monkeypatch.setattr(calling, "publish", trip)
    run_rooms(at=broken.publish_at)
    assert room(broken).rate < room(well).rate
    assert [path.name for path in folder.iterdir()] == [f"{well.code}.json"]


def test_run_rooms_again_within_the_lease_makes_no_step() -> None:
    release, _tickets = make_at_work([1] * 3, seats=9)
    assert run_rooms(at=release.publish_at) == 3
    get_in_line(release, at=release.publish_at)
    assert run_rooms(at=release.publish_at + timedelta(seconds=1)) == 0
    assert run_rooms(at=release.publish_at + STEP) == 1


def test_run_rooms_of_more_than_a_batch_serves_them_all() -> None:
    opens = make_at_work([1])[0].publish_at
    for _ in range(2):
        make_at_work([1], opens=opens)
    assert run_rooms(at=opens, batch=1) == 3


def test_run_rooms_leaves_a_withdrawn_release_alone(folder: Path) -> None:
    release = make_announced()
    at = release.publish_at - timedelta(minutes=30)
    withdraw_release(release=release, by="test", at=at, reason="Flood")
    run_rooms(at=at)
    assert not folder.exists()


def test_open_turn_without_a_free_seat_is_refused_by_the_database() -> None:
    release, _tickets = make_at_work([1] * 3, seats=1)
    step(release)
    check_deferred()
    with pytest.raises(DatabaseError, match="3 turns are open for 1 free seats"):
        open_all_turns()


@transaction.atomic
def open_all_turns() -> None:
    sql("UPDATE quota_queuemember SET turn = 'open' WHERE turn = 'waiting'")
    check_deferred()


# The file that everybody reads


def test_status_file_is_small_complete_and_left_whole(folder: Path) -> None:
    release, _tickets = make_at_work([1] * 3, seats=2)
    run_rooms(at=release.publish_at)
    [file] = folder.iterdir()
    text = file.read_text()
    assert len(text) <= 300
    assert json.loads(text) == {
        "state": "active",
        "called": 2,
        "pace": 360,
        "waiting": 1,
        "seats": {"regular": "none"},
        "at": int(release.publish_at.timestamp()),
    }
    assert file.stat().st_mode & 0o777 == 0o644


def test_status_of_a_room_not_open_yet_is_written_from_the_hour_before_on(folder: Path) -> None:
    release = make_announced()
    run_rooms(at=release.publish_at - timedelta(minutes=61))
    assert not folder.exists()
    run_rooms(at=release.publish_at - timedelta(minutes=59))
    assert json.loads((folder / f"{release.code}.json").read_text())["state"] == "announced"


def test_status_of_parties_says_places_a_minute() -> None:
    release, _tickets = make_at_work([5] * 4, seats=5)
    step(release)
    made = room(release)
    assert status_of(made, at=release.publish_at)["pace"] == round(made.rate * 60 / 5)


@pytest.mark.parametrize(
    ("left", "total", "said"),
    [(0, 10, "none"), (-1, 10, "none"), (1, 10, "few"), (5, 10, "some"), (6, 10, "many")],
)
def test_band_of_seats(left: int, total: int, said: str) -> None:
    assert band(left, total) == said


# The arithmetic


def test_next_rate_grows_by_steps_halves_and_keeps_its_limits() -> None:
    limits = pace.Limits(step=1, most=10)
    assert pace.next_rate(4, slow=False, limits=limits) == 5
    assert pace.next_rate(10, slow=False, limits=limits) == 10
    assert pace.next_rate(4, slow=True, limits=limits) == 2
    assert pace.next_rate(pace.FLOOR, slow=True, limits=limits) == pace.FLOOR


def test_people_to_call_makes_up_for_those_who_do_not_come() -> None:
    assert pace.people_to_call(2, seconds=5, absent=0) == 10
    assert pace.people_to_call(2, seconds=5, absent=0.5) == 20
    assert pace.people_to_call(0.2, seconds=1, absent=0) == 1
    assert pace.absent_share(finished=19, lapsed=19) == 0
    assert pace.absent_share(finished=40, lapsed=10) == 0.25
    assert pace.absent_share(finished=40, lapsed=40) == pace.MOST_ABSENT
