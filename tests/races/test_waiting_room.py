"""The waiting room under many hands: one seed, one ticket each, nothing promised twice."""

import threading
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction

from appointments.booking import hold_seat
from appointments.invariants import broken
from appointments.models import Application
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.codes import new_code
from mpaspor.core.errors import Refusal
from payments.fees import load_fees
from quota.models import Release, Seat, Slot
from quota.release import open_release
from quota.waiting_room import calling
from quota.waiting_room.calling import Capacity, call_next, run_rooms
from quota.waiting_room.enums import TicketStatus, Turn
from quota.waiting_room.models import QueueMember, QueueTicket, Room
from quota.waiting_room.queries import tickets_of
from tests.factories import queue
from tests.factories.applicants import make_person
from tests.factories.appointments import make_application
from tests.races.crowd import DEADLINE, at_once
from tests.simulators.running import until

SEATS, PEOPLE, CONTROLLERS = 12, 36, 4

pytestmark = pytest.mark.django_db(transaction=True)


def test_opening_by_ten_at_once_fixes_one_seed_and_one_order() -> None:
    release = queue.make_announced()
    for _ in range(50):
        queue.get_in_line(release)

    opened = at_once(lambda _opener: str(open_release(release=release, at=release.publish_at)), 10)

    assert opened == {"True": 1, "False": 9}
    drawn = [entry for entry in trail.of(f"release:{release.code}") if "drawn" in entry.deed]
    assert len(drawn) == 1
    assert drawn[0].facts["seed"] == bytes(queue.room(release).seed or b"").hex()
    places = QueueTicket.objects.values_list("drawn", flat=True)
    assert sorted(place or 0 for place in places) == list(range(1, 51))


def test_joining_while_the_draw_is_made_is_in_the_list_or_behind_it() -> None:
    release = queue.make_announced()

    def come(number: int) -> str:
        if number == 0:
            return str(open_release(release=release, at=release.publish_at))
        queue.get_in_line(release)
        return "joined"

    assert at_once(come, 24) == {"True": 1, "joined": 23}
    room = queue.room(release)
    drawn = QueueTicket.objects.filter(drawn__isnull=False)
    assert drawn.count() == room.drawn_tickets == room.last_number
    queue.step(release)
    numbers = QueueTicket.objects.values_list("number", flat=True)
    assert sorted(number or 0 for number in numbers) == list(range(1, 24))


def test_join_by_one_person_in_twenty_tabs_is_one_ticket() -> None:
    release, person = queue.make_announced(), [new_code()]
    codes = at_once(lambda _tab: queue.get_in_line(release, person).code, 20)
    assert len(codes) == 1
    assert QueueMember.objects.count() == 1


def kept_and_taken(release: Release) -> int:
    """In one statement: what is promised and what is gone, at one moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM quota_queuemember WHERE turn = 'open'"
            " AND release_id = %(release)s) + (SELECT count(*) FROM quota_seat seat"
            " JOIN quota_slot slot ON slot.id = seat.slot_id"
            " WHERE slot.release_id = %(release)s AND seat.holder IS NOT NULL)",
            {"release": release.pk},
        )
        return int(cursor.fetchone()[0])


def rush(release: Release, drafts: dict[str, Application]) -> list[int]:
    """Controllers, people who book as soon as they are called, and one who watches what is gone."""
    slot, over, working = release.slots.get(), threading.Event(), threading.Semaphore(0)
    seen: list[int] = []

    def control() -> None:
        for turn in range(20):
            call_next(room=queue.room(release), at=release.publish_at + queue.STEP * turn)
        working.release()

    def watch() -> None:
        for _controller in range(CONTROLLERS):
            while not working.acquire(blocking=False):
                seen.append(kept_and_taken(release))
        over.set()

    book = partial(book_when_called, drafts, slot, over)
    hands = [control] * CONTROLLERS + [watch] + [book] * 4
    at_once(lambda number: str(hands[number]()), len(hands))
    return seen


def book_when_called(drafts: dict[str, Application], slot: Slot, over: threading.Event) -> None:
    called = QueueMember.objects.filter(turn=Turn.OPEN, identity__in=drafts).order_by("?")
    while not over.is_set():
        if (member := called.first()) is not None:
            with suppress(Refusal):
                hold(drafts[member.identity], slot)


def hold(draft: Application, slot: Slot) -> None:
    at = slot.release.publish_at
    hold_seat(application=draft, slot_code=slot.code, by="test", at=at)


def with_drafts() -> tuple[Release, dict[str, Application]]:
    load_fees()
    persons = [make_person() for _ in range(PEOPLE)]
    release, _tickets = queue.make_at_work(
        [[person.identity.code] for person in persons], seats=SEATS
    )
    return release, {person.identity.code: make_application(person=person) for person in persons}


def test_open_turns_and_taken_seats_never_exceed_the_seats() -> None:
    release, drafts = with_drafts()

    seen = rush(release, drafts)

    assert max(seen) == SEATS
    assert kept_and_taken(release) == SEATS
    assert QueueTicket.objects.filter(status=TicketStatus.WAITING).count() == PEOPLE - SEATS
    assert list(broken(at=clock.now())) == []


def test_control_calling_by_two_counts_promises_seats_that_are_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Free seats counted first and open turns later: a booking between the two is counted twice.

    The second wall stops it: PostgreSQL refuses the turn that has no seat.
    """
    release, _tickets = queue.make_at_work([1] * 4, seats=2)
    queue.step(release)
    free = Seat.objects.filter(holder=None).count()
    for member in QueueMember.objects.filter(turn=Turn.OPEN):
        with transaction.atomic():
            QueueMember.objects.filter(pk=member.pk).update(turn=Turn.USED)
            Seat.objects.filter(pk=Seat.objects.filter(holder=None)[0].pk).update(
                holder=member.identity
            )
    kept = QueueMember.objects.filter(turn=Turn.OPEN).count()
    torn = Capacity(left={"regular": free - kept}, kept=kept, is_slow=False)
    monkeypatch.setattr(calling, "capacity_of", lambda *_args, **_more: torn)

    with pytest.raises(DatabaseError, match="2 turns are open for 0 free seats"):
        queue.step(release, after=timedelta(seconds=5))


def test_control_two_who_open_turns_without_the_lock_of_the_room_are_stopped() -> None:
    """Each sees one free seat and only its own turn; the trigger makes them count in turn."""
    release, tickets = queue.make_at_work([1, 1], seats=1)
    both = threading.Barrier(2)

    def open_one(number: int) -> str:
        try:
            with transaction.atomic():
                QueueMember.objects.filter(ticket=tickets[number]).update(turn=Turn.OPEN)
                both.wait(DEADLINE)
        except DatabaseError:
            return "stopped"
        return "opened"

    assert at_once(open_one, 2) == {"opened": 1, "stopped": 1}
    assert kept_and_taken(release) == 1


def test_run_rooms_by_four_workers_at_once_makes_one_step() -> None:
    release, _tickets = queue.make_at_work([1] * 40, seats=100)
    called = at_once(lambda _worker: str(run_rooms(at=release.publish_at)), CONTROLLERS)
    assert called == Counter({"0": CONTROLLERS - 1, "30": 1})


def test_call_next_waits_for_a_worker_that_came_too_late_for_the_room() -> None:
    """PostgreSQL keeps the lock on a row that no longer was due when its turn to be locked came."""
    release, _tickets = queue.make_at_work([1] * 5, seats=3)
    looking = threading.Event()

    def hands(number: int) -> str:
        if number == 0:
            with transaction.atomic():
                Room.objects.select_for_update().get(pk=queue.room(release).pk)
                looking.set()
                until(somebody_waits, seconds=DEADLINE, what="the step to wait for the row")
            return "looked"
        assert looking.wait(DEADLINE)
        return str(call_next(room=queue.room(release), at=release.publish_at))

    assert at_once(hands, 2) == {"looked": 1, "3": 1}


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone() == (1,))


def test_controller_that_dies_in_the_middle_of_a_step_changes_nothing() -> None:
    release, _tickets = queue.make_at_work([1] * 5, seats=3)

    def die() -> None:
        with transaction.atomic():
            call_next(room=queue.room(release), at=release.publish_at)
            connection.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(DatabaseError):
        die()
    connection.close()
    assert (queue.room(release).called, kept_and_taken(release)) == (0, 0)
    assert call_next(room=queue.room(release), at=release.publish_at) == 3


def test_thousand_people_on_three_devices_signed_in_five_times_see_one_place_each() -> None:
    """What the page reads at each visit, by the people alone: there is no session in it."""
    families = [[new_code() for _ in range(5)] for _ in range(200)]
    release, tickets = queue.make_at_work(families)
    places = [ticket.number for ticket in tickets]
    for _device in range(3):
        for _sign_in in range(5):
            assert [place_of(release, family) for family in families] == places


def place_of(release: Release, family: list[str]) -> int | None:
    mine = tickets_of(family).filter(room__release=release)
    return mine.values_list("number", flat=True).get()
