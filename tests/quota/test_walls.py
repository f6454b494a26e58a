"""What PostgreSQL refuses whoever asks, past every deed: one row an attempt, with its wall."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, connection, transaction

from mpaspor.audit import trail
from mpaspor.audit.models import DailyRoot, Entry
from mpaspor.core import clock
from quota.enums import ReleaseStatus
from quota.models import Seat, Slot
from quota.waiting_list.models import WishMember
from quota.waiting_room.models import QueueMember, Room
from tests.database import check_deferred, sql, triggers_off
from tests.factories.applicants import make_person
from tests.factories.appointments import make_application, make_confirmed, make_held
from tests.factories.queue import make_announced, make_at_work
from tests.factories.quota import make_office, make_open_slot, make_plan, make_release
from tests.factories.waiting_list import make_offer

pytestmark = pytest.mark.django_db

Facts = dict[str, Any]


def seats() -> Facts:
    """A session with a held and a confirmed appointment and a free seat, and another session."""
    slot = make_open_slot(seats=3)
    held, confirmed = make_held(slot=slot), make_confirmed(slot=slot)
    other = make_open_slot(seats=1, office=slot.office, starts_at=slot.starts_at + timedelta(1))
    application = make_application(person=make_person())
    free = Seat.objects.free().get(slot=slot)
    return {
        "slot": slot.pk,
        "number": free.number,
        "free": free.pk,
        "taken": Seat.objects.get(holder=held.code).pk,
        "held": held.pk,
        "holder": held.code,
        "confirmed": confirmed.pk,
        "request": confirmed.application_id,
        "identity": held.identity_id,
        "another": application.pk,
        "other": other.pk,
        "elsewhere": Seat.objects.get(slot=other).pk,
    }


def releases() -> Facts:
    slot = make_open_slot(seats=1)
    plan = make_plan(make_office())
    made = {
        status.value: make_release(plan=plan, status=status, reviewed_by=None).pk
        for status in (ReleaseStatus.DRAFT, ReleaseStatus.SCHEDULED, ReleaseStatus.WITHDRAWN)
    }
    reviewed = make_plan(make_office())
    waiting = make_release(plan=reviewed, status=ReleaseStatus.REVIEWED)
    line = reviewed.lines.first()
    assert line
    facts = {"slot": slot.pk, "open": slot.release_id, "reviewed": waiting.pk, "line": line.pk}
    return facts | made | {"plan": plan.pk}


def queue() -> Facts:
    """One called nobody yet; and one that is only announced."""
    release, (ticket, second) = make_at_work([1, 1])
    member = QueueMember.objects.get(ticket=ticket)
    announced = make_announced(opens=clock.now() + timedelta(hours=1))
    return {
        "room": Room.objects.get(release=release).pk,
        "announced": Room.objects.get(release=announced).pk,
        "ticket": ticket.pk,
        "second": second.pk,
        "member": member.pk,
        "identity": member.identity,
        "release": release.pk,
    }


def waiting_list() -> Facts:
    offer = make_offer()
    member = WishMember.objects.get(wish=offer.wish)
    return {"offer": offer.pk, "wish": offer.wish_id, "member": member.pk, "slot": offer.slot_id}


def records() -> Facts:
    trail.record("test.done", subject="test:1", by="test", at=clock.now())
    trail.link()
    root = DailyRoot.objects.create(
        day=clock.now().date(), sealed_at=clock.now(), link=1, digest=b"1"
    )
    return {"entry": Entry.objects.latest("pk").pk, "root": root.pk}


Attempt = tuple[str, Callable[[], Facts], str, str]

COPY_OFFER = """
INSERT INTO quota_offer (code, wish_id, slot_id, holders, status, made_at, until)
SELECT 'ANOTHER', wish_id, slot_id, '{OTHER}', 'open', made_at, until
  FROM quota_offer WHERE id = %(offer)s
"""
COPY_SLOT = """
INSERT INTO quota_slot (code, release_id, office_id, date, starts, ends, starts_at, ends_at,
                        service, capacity)
SELECT 'ANOTHER', %(scheduled)s, office_id, date, starts, ends, starts_at, ends_at, service, 1
  FROM quota_slot WHERE id = %(slot)s
"""
SECOND_LIVE = """
INSERT INTO appointments_appointment
       (code, application_id, identity_id, slot_id, status, hold_until)
VALUES ('ANOTHER', %(another)s, %(identity)s, %(slot)s, 'held', now())
"""
SEATLESS = """
INSERT INTO appointments_appointment
       (code, application_id, identity_id, slot_id, status, hold_until)
SELECT 'ANOTHER', id, identity_id, %(slot)s, 'held', now()
  FROM appointments_application WHERE id = %(another)s
"""
CONFIRMED = "(SELECT code FROM appointments_appointment WHERE id = %(confirmed)s)"
MOVED = """
INSERT INTO appointments_move (appointment_id, number, why, old_slot_id, new_slot_id, moved_at)
SELECT id, 1, 'own', slot_id, %(other)s, now() FROM appointments_appointment
 WHERE id = %(confirmed)s;
UPDATE appointments_appointment SET slot_id = %(other)s, moved = 1 WHERE id = %(confirmed)s
"""
ONE_MORE = "INSERT INTO quota_seat (slot_id, number) VALUES (%(slot)s, {})"
MOVE = "UPDATE {} SET status = '{}' WHERE id = %({})s"
SEAT = "UPDATE quota_seat SET {} WHERE id = %({})s"

ATTEMPTS: list[Attempt] = [
    # Seats
    ("the same free seat twice", seats, ONE_MORE.format("%(number)s"), "free_seats"),
    ("one more seat than the session has", seats, ONE_MORE.format(9), "no_seat_too_many"),
    ("a seat with the number 0", seats, ONE_MORE.format(0), "no_seat_too_many"),
    ("a seat with a negative number", seats, ONE_MORE.format(-1), "quota_seat_number_check"),
    ("two seats of one holder", seats, SEAT.format("holder = %(holder)s", "free"),
     "one_seat_a_holder"),
    ("a seat passed over the head of its holder", seats, SEAT.format("holder = 'SLY'", "taken"),
     "live_keeps_its_seat"),
    ("a seat taken from its holder", seats, SEAT.format("holder = NULL", "taken"),
     "live_keeps_its_seat"),
    ("a seat held and on its way back", seats, SEAT.format("returns_at = now()", "taken"),
     "held_or_returning"),
    ("a seat moved to another session", seats, SEAT.format("slot_id = %(other)s", "free"),
     "seat_bound"),
    ("a seat with another number", seats, SEAT.format("number = 300", "free"), "seat_bound"),
    ("a held seat deleted", seats, "DELETE FROM quota_seat WHERE id = %(taken)s",
     "held_seat_kept"),
    # Sessions
    ("fewer seats than there are", seats,
     "UPDATE quota_slot SET capacity = 1 WHERE id = %(slot)s", "slot_has_its_seats"),
    ("more seats than there are", seats,
     "UPDATE quota_slot SET capacity = 4 WHERE id = %(slot)s", "slot_has_its_seats"),
    ("a negative number of seats", seats,
     "UPDATE quota_slot SET capacity = -1 WHERE id = %(slot)s", "quota_slot_capacity_check"),
    ("a session with seats deleted", seats, "DELETE FROM quota_slot WHERE id = %(other)s",
     "quota_seat_slot_id"),
    ("a session of another release", releases,
     "UPDATE quota_slot SET release_id = %(draft)s WHERE id = %(slot)s", "slot_bound"),
    ("the same session in two releases", releases, COPY_SLOT, "slot_once"),
    # Releases
    ("draft to open", releases, MOVE.format("quota_release", "open", "draft"), "release_moves"),
    ("open to draft", releases, MOVE.format("quota_release", "draft", "open"), "release_moves"),
    ("open to scheduled, to open it twice", releases,
     MOVE.format("quota_release", "scheduled", "open"), "release_moves"),
    ("a withdrawn release opened", releases, MOVE.format("quota_release", "open", "withdrawn"),
     "release_moves"),
    ("an announced release with other days", releases,
     "UPDATE quota_release SET last_day = last_day + 1 WHERE id = %(scheduled)s",
     "reviewed_release_stays"),
    ("a plan changed after the review", releases,
     "UPDATE quota_planline SET seats = 99 WHERE id = %(line)s", "reviewed_plan_stays"),
    ("an announced release deleted", releases,
     "DELETE FROM quota_release WHERE id = %(scheduled)s", "reviewed_release_kept"),
    ("an open release deleted", releases, "DELETE FROM quota_release WHERE id = %(open)s",
     "reviewed_release_kept"),
    # Appointments
    ("a live appointment without a seat", seats, SEATLESS, "live_owns_a_seat"),
    ("a given-back appointment with its seat", seats,
     MOVE.format("appointments_appointment", "released", "held"), "live_owns_a_seat"),
    ("an appointment in a session without its seat", seats, MOVED, "live_owns_a_seat"),
    ("a hold moved to another session", seats,
     "UPDATE appointments_appointment SET slot_id = %(other)s WHERE id = %(held)s",
     "moves_are_counted"),
    ("a second live appointment of a NIK", seats, SECOND_LIVE, "one_live_appointment"),
    ("a hold confirmed without being paid", seats,
     MOVE.format("appointments_appointment", "confirmed", "held"), "appointment_moves"),
    ("a confirmed appointment without a bill", seats,
     "UPDATE appointments_appointment SET bill_id = NULL WHERE id = %(confirmed)s",
     "appointment_has_bill_after_hold"),
    ("a confirmed appointment expired", seats,
     MOVE.format("appointments_appointment", "expired", "confirmed"), "appointment_moves"),
    ("an appointment of another person", seats,
     "UPDATE appointments_appointment SET identity_id = identity_id + 1 WHERE id = %(held)s",
     "appointment_bound"),
    ("an application back to draft", seats,
     MOVE.format("appointments_application", "draft", "request"), "application_moves"),
    # The waiting room
    ("another commitment", queue,
     "UPDATE quota_room SET commitment = sha256('x') WHERE id = %(announced)s", "room_bound"),
    ("a secret that was not committed to", queue,
     "UPDATE quota_room SET secret = 'x' WHERE id = %(announced)s",
     "secret_keeps_its_commitment"),
    ("another seed after the draw", queue,
     "UPDATE quota_room SET seed = sha256('x') WHERE id = %(room)s", "draw_stays"),
    ("the secret blanked after the draw", queue,
     "UPDATE quota_room SET secret = NULL WHERE id = %(room)s", "draw_stays"),
    ("a room at work announced again", queue, MOVE.format("quota_room", "announced", "room"),
     "room_moves"),
    ("a drawn place changed", queue,
     "UPDATE quota_queueticket SET drawn = 9 WHERE id = %(ticket)s", "drawn_place_stays"),
    ("a number given twice", queue,
     "UPDATE quota_queueticket SET number = (SELECT number FROM quota_queueticket"
     " WHERE id = %(ticket)s) WHERE id = %(second)s", "number_once"),
    ("a ticket passed to somebody else", queue,
     "UPDATE quota_queueticket SET holder = 'SLY' WHERE id = %(ticket)s", "ticket_bound"),
    ("a ticket's place sold to another NIK", queue,
     "UPDATE quota_queuemember SET identity = 'SLY' WHERE id = %(member)s", "member_bound"),
    ("a second ticket of a NIK", queue,
     "INSERT INTO quota_queuemember (ticket_id, release_id, identity, service, turn)"
     " VALUES (%(second)s, %(release)s, %(identity)s, 'regular', 'waiting')",
     "one_ticket_an_identity"),
    ("a ticket through without being called", queue,
     MOVE.format("quota_queueticket", "done", "ticket"), "ticket_moves"),
    ("a turn used before it was open", queue,
     "UPDATE quota_queuemember SET turn = 'used' WHERE id = %(member)s", "turn_moves"),
    # The waiting list
    ("a second open offer for a wish", waiting_list, COPY_OFFER, "one_open_offer"),
    ("an offer ended with its seats", waiting_list,
     "UPDATE quota_offer SET status = 'declined', ended_at = now() WHERE id = %(offer)s",
     "open_offer_owns_its_seats"),
    ("an offer with more time", waiting_list,
     "UPDATE quota_offer SET until = until + interval '1 day' WHERE id = %(offer)s",
     "offer_bound"),
    ("a place on the list sold to another NIK", waiting_list,
     "UPDATE quota_wishmember SET identity = 'SLY' WHERE id = %(member)s", "wisher_bound"),
    ("an older place on the list", waiting_list,
     "UPDATE quota_wish SET placed_at = placed_at - interval '1 day' WHERE id = %(wish)s",
     "wish_bound"),
    # What was done
    ("an audit entry rewritten", records,
     "UPDATE audit_entry SET deed = 'other' WHERE id = %(entry)s", "only_linked_once"),
    ("an audit entry deleted", records, "DELETE FROM audit_entry WHERE id = %(entry)s",
     "never_deleted"),
    ("a published root rewritten", records,
     "UPDATE audit_dailyroot SET digest = '2' WHERE id = %(root)s", "root_kept"),
]  # fmt: skip

# What is legal of the same kind, so that the walls are known to stand where they should.
LEGAL: list[tuple[Callable[[], Facts], str]] = [
    (seats, SEAT.format("holder = 'SOMEBODY'", "free")),
    (seats, "UPDATE quota_slot SET capacity = 4 WHERE id = %(slot)s;" + ONE_MORE.format(9)),
    (seats, "DELETE FROM quota_seat WHERE id = %(free)s;"
     "UPDATE quota_slot SET capacity = 2 WHERE id = %(slot)s"),
    (seats, SEAT.format("holder = NULL", "taken")
     + ";" + MOVE.format("appointments_appointment", "released", "held")),
    (seats, "UPDATE quota_seat SET holder = NULL WHERE holder = " + CONFIRMED + ";"
     + SEAT.format("holder = " + CONFIRMED, "elsewhere") + ";" + MOVED),
    (seats, MOVE.format("appointments_appointment", "checked_in", "confirmed")),
    (releases, MOVE.format("quota_release", "open", "scheduled")),
    (releases, "DELETE FROM quota_release WHERE id = %(draft)s"),
    (releases, "UPDATE quota_slot SET closed_at = now() WHERE id = %(slot)s"),
    (queue, MOVE.format("quota_room", "dormant", "room")),
    (queue, "UPDATE quota_queuemember SET turn = 'open' WHERE id = %(member)s"),
    (waiting_list, "UPDATE quota_seat SET holder = NULL WHERE slot_id = %(slot)s;"
     "UPDATE quota_offer SET status = 'declined', ended_at = now() WHERE id = %(offer)s"),
    (records, "INSERT INTO audit_dailyroot (day, sealed_at, link, digest)"
     " VALUES ('2000-01-01', now(), 1, '2')"),
]  # fmt: skip


@transaction.atomic
def attempt(statements: str, facts: Facts) -> None:
    """To the very end: what is deferred to the commit is asked at once."""
    with connection.cursor() as cursor:
        cursor.execute(statements, facts)
    check_deferred()


def wall_of(refused: Error) -> str:
    """The constraint, or the trigger's function, that PostgreSQL names."""
    told: Any = refused.__cause__
    return f"{told.diag.constraint_name} {told.diag.context}"


@pytest.mark.parametrize(
    ("scene", "statement", "wall"),
    [case[1:] for case in ATTEMPTS],
    ids=[case[0] for case in ATTEMPTS],
)
def test_direct_attempt_is_refused_by_its_wall(
    scene: Callable[[], Facts], statement: str, wall: str
) -> None:
    facts = scene()
    check_deferred()

    with pytest.raises(Error) as refused:
        attempt(statement, facts)

    assert wall in wall_of(refused.value)


@pytest.mark.parametrize(("scene", "statements"), LEGAL)
def test_legal_counterpart_of_an_attempt_passes(
    scene: Callable[[], Facts], statements: str
) -> None:
    facts = scene()
    check_deferred()

    attempt(statements, facts)


def test_attempt_succeeds_where_the_walls_are_off() -> None:
    """The control: it is the wall that refuses, and nothing else."""
    facts = seats()
    check_deferred()
    moved = facts["other"], facts["free"]

    with triggers_off():
        sql("UPDATE quota_seat SET slot_id = %s, number = 9 WHERE id = %s", *moved)
        sql("UPDATE quota_slot SET capacity = 1 WHERE id = %s", facts["slot"])

    assert Seat.objects.get(pk=facts["free"]).slot_id == facts["other"]
    assert Slot.objects.get(pk=facts["slot"]).capacity == 1
