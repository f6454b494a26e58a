"""A turn: in time, once, for one seat of its own release and service; a pause stops the clock."""

from collections.abc import Callable
from datetime import time, timedelta

import pytest
from django.db import transaction

from mpaspor.audit import trail
from quota.capacity import change_capacity
from quota.enums import Service
from quota.models import PlanLine, Release, Slot
from quota.release import open_release
from quota.seats import give_back, take_seat
from quota.waiting_room.enums import TicketStatus, Turn
from quota.waiting_room.models import QueueTicket
from quota.waiting_room.pausing import NotAtWork, PauseReasonMissing, pause_room, resume_room
from quota.waiting_room.turns import (
    AllPromised,
    AlreadyExtended,
    QueueFirst,
    SeatsPromised,
    TurnForOtherService,
    TurnOver,
    enter,
    extend,
    return_turn,
    use_turn,
)
from tests.database import check_deferred
from tests.factories.queue import fresh, get_in_line, make_announced, make_at_work, step
from tests.factories.quota import make_office, make_plan

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def called() -> tuple[Release, QueueTicket]:
    release, [ticket] = make_at_work([1])
    step(release)
    return release, fresh(ticket)


def slot_of(release: Release) -> Slot:
    return Slot.objects.select_related("release__room").get(release=release)


def identity_of(ticket: QueueTicket) -> str:
    return str(ticket.members.get().identity)


def test_enter_gives_the_time_to_choose_once() -> None:
    release, ticket = called()
    for minute in (9, 12):
        enter(ticket=ticket, by="test", at=release.publish_at + minute * MINUTE)
    until = release.publish_at + 24 * MINUTE
    assert (fresh(ticket).until, ticket.members.get().until) == (until, until)
    assert [entry.deed for entry in trail.of(f"ticket:{ticket.code}")][-1:] == ["queue.entered"]


def test_extend_before_and_after_entering_adds_that_time_and_only_once() -> None:
    release, ticket = called()
    extend(ticket=ticket, by="test", at=release.publish_at)
    assert fresh(ticket).until == release.publish_at + 20 * MINUTE
    with pytest.raises(AlreadyExtended):
        extend(ticket=ticket, by="test", at=release.publish_at)

    release, ticket = called()
    enter(ticket=ticket, by="test", at=release.publish_at)
    extend(ticket=ticket, by="test", at=release.publish_at)
    assert fresh(ticket).until == release.publish_at + 30 * MINUTE


@pytest.mark.parametrize("deed", [enter, extend])
def test_deed_on_a_turn_that_is_over_or_not_come_refuses(
    deed: Callable[..., QueueTicket],
) -> None:
    release, ticket = called()
    with pytest.raises(TurnOver):
        deed(ticket=ticket, by="test", at=release.publish_at + 10 * MINUTE)
    waiting = make_at_work([1])[1][0]
    with pytest.raises(TurnOver):
        deed(ticket=waiting, by="test", at=release.publish_at)


def test_use_turn_spends_it_once() -> None:
    release, ticket = called()
    slot, identity = slot_of(release), identity_of(ticket)
    use_turn(slot=slot, identity=identity, at=release.publish_at)
    with pytest.raises(QueueFirst):
        use_turn(slot=slot, identity=identity, at=release.publish_at)


def test_use_turn_that_ran_out_refuses_before_the_controller_has_looked() -> None:
    release, ticket = called()
    with pytest.raises(QueueFirst, match="line up again"):
        use_turn(
            slot=slot_of(release),
            identity=identity_of(ticket),
            at=release.publish_at + 10 * MINUTE,
        )


@pytest.mark.parametrize("identity", ["FORGED", "", "\x00", "x" * 10_000])
def test_use_turn_of_nobody_refuses(identity: str) -> None:
    release, _ticket = called()
    with pytest.raises(QueueFirst):
        use_turn(slot=slot_of(release), identity=identity.replace("\0", ""), at=release.publish_at)


def test_use_turn_of_another_release_refuses() -> None:
    release, _ticket = called()
    other, ticket = called()
    with pytest.raises(QueueFirst):
        use_turn(slot=slot_of(release), identity=identity_of(ticket), at=other.publish_at)


def test_use_turn_for_the_other_service_refuses_and_keeps_it() -> None:
    release, ticket = called()
    slot = slot_of(release)
    slot.service = "accelerated"
    with pytest.raises(TurnForOtherService):
        use_turn(slot=slot, identity=identity_of(ticket), at=release.publish_at)
    assert ticket.members.get().turn == Turn.OPEN


def test_return_turn_in_time_opens_it_again_and_later_does_not() -> None:
    release, ticket = called()
    slot, identity, at = slot_of(release), identity_of(ticket), release.publish_at
    use_turn(slot=slot, identity=identity, at=at)
    return_turn(slot=slot, identity=identity, at=at + 10 * MINUTE)
    assert ticket.members.get().turn == Turn.USED
    return_turn(slot=slot, identity=identity, at=at + 9 * MINUTE)
    assert ticket.members.get().turn == Turn.OPEN


# Pausing


def test_pause_stops_the_calls_and_the_clock_and_is_audited() -> None:
    release, tickets = make_at_work([1] * 5, seats=3)
    step(release)
    at = release.publish_at
    pause_room(release=release, by="head", at=at + 4 * MINUTE, reason=" Power cut ")
    assert step(release, after=60 * MINUTE) == 0
    ticket = QueueTicket.objects.filter(status=TicketStatus.CALLED).first()
    assert ticket is not None
    use_turn(slot=slot_of(release), identity=identity_of(ticket), at=at + 59 * MINUTE)
    entry = trail.of(f"release:{release.code}")[-1]
    assert (entry.deed, entry.facts) == ("queue.paused", {"reason": "Power cut"})

    resume_room(release=release, by="head", at=at + 64 * MINUTE, reason="Power is back")
    assert fresh(ticket).until == at + 70 * MINUTE
    assert ticket.members.get().until == at + 70 * MINUTE
    assert trail.of(f"release:{release.code}")[-1].deed == "queue.resumed"
    assert len(tickets) == 5


def test_pause_twice_and_resume_twice_do_it_once() -> None:
    release, ticket = called()
    at = release.publish_at
    for minute in (1, 5):
        pause_room(release=release, by="head", at=at + minute * MINUTE, reason="x")
    for minute in (6, 9):
        resume_room(release=release, by="head", at=at + minute * MINUTE, reason="x")
    assert fresh(ticket).until == at + 15 * MINUTE


@pytest.mark.parametrize("deed", [pause_room, resume_room])
def test_pausing_without_a_reason_or_a_room_at_work_refuses(deed: Callable[..., None]) -> None:
    release, _ticket = called()
    with pytest.raises(PauseReasonMissing):
        deed(release=release, by="head", at=release.publish_at, reason=" ")
    with pytest.raises(NotAtWork):
        deed(release=make_announced(), by="head", at=release.publish_at, reason="x")


def test_seats_that_are_promised_are_not_taken_away_and_others_are() -> None:
    release, _tickets = make_at_work([1, 1], seats=3)
    step(release)
    slot = slot_of(release)
    with pytest.raises(SeatsPromised, match="2 people are called"), transaction.atomic():
        change_capacity(slot=slot, seats=1, reason="x", by="head", at=release.publish_at)
    assert change_capacity(slot=slot, seats=2, reason="x", by="head", at=release.publish_at)


def test_seat_given_back_goes_to_the_next_in_line_at_once() -> None:
    release, tickets = make_at_work([1, 1], seats=1)
    step(release)
    slot = slot_of(release)
    [first] = [ticket for ticket in tickets if fresh(ticket).status == TicketStatus.CALLED]
    use_turn(slot=slot, identity=identity_of(first), at=release.publish_at)
    take_seat(slot=slot, holder="SOMEBODY")
    give_back(holder="SOMEBODY", at=release.publish_at)
    assert step(release, after=MINUTE) == 1


def with_priority(*parties: str) -> tuple[Release, list[QueueTicket]]:
    """One regular and one priority seat; a ticket called for each service named."""
    plan = make_plan(make_office(), weekdays=[0], hours=[8], seats=1)
    PlanLine.objects.create(
        plan=plan, weekday=0, starts=time(9), ends=time(10), service=Service.PRIORITY, seats=1
    )
    release = make_announced(plan=plan)
    tickets = [get_in_line(release, service=service) for service in parties]
    open_release(release=release, at=release.publish_at)
    release.refresh_from_db()
    step(release)
    return release, [fresh(ticket) for ticket in tickets]


def session_of(release: Release, service: str) -> Slot:
    return Slot.objects.select_related("release__room").get(release=release, service=service)


@pytest.mark.parametrize(
    ("lined_up_for", "chosen"),
    [(Service.REGULAR, Service.PRIORITY), (Service.PRIORITY, Service.REGULAR)],
)
def test_use_turn_for_the_other_of_regular_and_priority_and_give_it_back(
    lined_up_for: Service, chosen: Service
) -> None:
    release, [ticket] = with_priority(lined_up_for)
    slot, identity, at = session_of(release, chosen), identity_of(ticket), release.publish_at
    use_turn(slot=slot, identity=identity, at=at)
    member = ticket.members.get()
    assert (member.turn, member.service) == (Turn.USED, chosen)
    return_turn(slot=slot, identity=identity, at=at)
    check_deferred()
    step(release, after=11 * MINUTE)
    member.refresh_from_db()
    assert (member.turn, member.service) == (Turn.WAITING, lined_up_for)


def test_use_turn_for_a_seat_of_the_other_kind_that_was_promised_refuses_and_keeps_it() -> None:
    release, [ticket, other] = with_priority(Service.REGULAR, Service.PRIORITY)
    slot, at = session_of(release, Service.PRIORITY), release.publish_at
    with pytest.raises(AllPromised):
        use_turn(slot=slot, identity=identity_of(ticket), at=at)
    assert ticket.members.get().turn == Turn.OPEN
    use_turn(slot=slot, identity=identity_of(other), at=at)
    assert other.members.get().turn == Turn.USED
