"""One place for each person, however and however often one asks."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError

from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.codes import new_code
from quota.models import Release
from quota.release import open_release, withdraw_release
from quota.waiting_room.enums import TicketStatus, Turn
from quota.waiting_room.joining import (
    AlreadyInLine,
    JoinsLater,
    MemberTwice,
    NobodyChosen,
    NoRoom,
    NotInLine,
    ServiceUnknown,
    TicketTooLarge,
    leave,
    line_up_again,
)
from quota.waiting_room.models import QueueMember, QueueTicket
from tests.database import sql
from tests.factories.queue import fresh, get_in_line, make_announced, make_at_work, room, step
from tests.factories.quota import make_release

pytestmark = pytest.mark.django_db


def test_join_makes_one_ticket_of_the_size_of_the_party() -> None:
    release = make_announced()
    ticket = get_in_line(release, 5)
    assert (ticket.size, ticket.number, ticket.status) == (5, None, TicketStatus.WAITING)
    assert ticket.members.count() == 5
    assert [entry.deed for entry in trail.of(f"ticket:{ticket.code}")] == ["queue.joined"]


def test_join_again_by_the_same_people_in_any_order_and_account_gives_the_same_ticket() -> None:
    release, people = make_announced(), [new_code(), new_code()]
    first = get_in_line(release, people)
    again = get_in_line(release, people[::-1], holder=new_code())
    assert again == first
    assert (QueueTicket.objects.count(), QueueMember.objects.count()) == (1, 2)


@pytest.mark.parametrize("others", [[], ["SOMEBODY"]])
def test_join_by_somebody_of_a_party_with_others_refuses_and_changes_nothing(
    others: list[str],
) -> None:
    release, people = make_announced(), [new_code(), new_code()]
    get_in_line(release, people)
    with pytest.raises(AlreadyInLine):
        get_in_line(release, [people[0], *others])
    assert (QueueTicket.objects.count(), QueueMember.objects.count()) == (1, 2)


def test_join_for_another_opening_is_another_place() -> None:
    person = [new_code()]
    get_in_line(make_announced(), person)
    get_in_line(make_announced(), person)
    assert QueueTicket.objects.count() == 2


@pytest.mark.parametrize(
    ("people", "service", "refusal", "words"),
    [
        (["A"] * 2, "regular", MemberTwice, "Choose each person once."),
        ([], "regular", NobodyChosen, "Choose who needs a seat."),
        (["A", "B", "C", "D", "E", "F"], "regular", TicketTooLarge, "At most 5 people"),
        (["A"], "express\x00", ServiceUnknown, "Choose one of the list."),
    ],
)
def test_join_with_a_wrong_party_refuses_in_words(
    people: list[str], service: str, refusal: type[Exception], words: str
) -> None:
    release = make_announced()
    with pytest.raises(refusal, match=words):
        get_in_line(release, people, service=service)
    assert not QueueTicket.objects.exists()


def test_join_before_the_hour_refuses() -> None:
    release = make_announced()
    with pytest.raises(JoinsLater):
        get_in_line(release, at=release.publish_at - timedelta(minutes=61))


def test_join_of_a_release_without_room_refuses() -> None:
    with pytest.raises(NoRoom):
        get_in_line(make_release())


def test_join_of_a_withdrawn_release_refuses() -> None:
    release = make_announced(opens=clock.now() + timedelta(hours=1))
    withdraw_release(release=release, by="test", at=clock.now(), reason="Flood")
    with pytest.raises(NoRoom):
        get_in_line(release)


def test_join_when_everybody_passes_refuses_with_the_way_on() -> None:
    release = make_announced()
    open_release(release=release, at=release.publish_at)
    with pytest.raises(NoRoom, match="Choose a seat directly"):
        get_in_line(release)


def test_join_after_the_opening_follows_in_order_of_arrival() -> None:
    release, drawn = make_at_work([1, 1, 1], seats=1)
    late = [
        get_in_line(release, at=release.publish_at + timedelta(seconds=seconds))
        for seconds in (3, 2, 4)
    ]
    step(release)
    assert sorted(fresh(ticket).number or 0 for ticket in drawn) == [1, 2, 3]
    assert [fresh(ticket).number for ticket in late] == [5, 4, 6]
    assert [fresh(ticket).drawn for ticket in late] == [None, None, None]


def test_leave_frees_the_people_to_join_anew() -> None:
    release = make_announced()
    ticket = get_in_line(release, people := [new_code(), new_code()])
    for _ in range(2):
        leave(ticket=ticket, by="test", at=clock.now())
    assert fresh(ticket).status == TicketStatus.LEFT
    assert get_in_line(release, people[:1]) != ticket


def test_leave_when_called_frees_the_seat_for_the_next() -> None:
    release, _tickets = make_at_work([1, 1], seats=1)
    step(release)
    called = QueueTicket.objects.get(status=TicketStatus.CALLED)
    assert step(release, after=timedelta(seconds=5)) == 0
    leave(ticket=called, by="test", at=release.publish_at)
    assert step(release, after=timedelta(seconds=10)) == 1


def test_leave_with_a_seat_chosen_refuses() -> None:
    release, [ticket] = make_at_work([2])
    step(release)
    QueueMember.objects.filter(pk=ticket.members.all()[0].pk).update(turn=Turn.USED)
    with pytest.raises(NotInLine):
        leave(ticket=ticket, by="test", at=clock.now())


def test_line_up_again_after_a_lapse_is_at_the_end_and_keeps_the_drawn_place() -> None:
    release, _tickets = make_at_work([1] * 3, seats=1)
    step(release)
    step(release, after=timedelta(minutes=11))
    lapsed = QueueTicket.objects.get(status=TicketStatus.LAPSED)
    for _ in range(2):
        line_up_again(ticket=lapsed, by="test", at=release.publish_at + timedelta(minutes=12))
    step(release, after=timedelta(minutes=12))
    again = fresh(lapsed)
    assert (again.status, again.drawn, again.number) == (TicketStatus.WAITING, lapsed.drawn, 4)


@pytest.mark.parametrize("status", [TicketStatus.CALLED, TicketStatus.LEFT])
def test_line_up_again_without_a_lapse_refuses(status: str) -> None:
    release, [ticket] = make_at_work([1])
    step(release)
    if status == TicketStatus.LEFT:
        leave(ticket=ticket, by="test", at=clock.now())
    with pytest.raises(NotInLine):
        line_up_again(ticket=ticket, by="test", at=clock.now())


def test_second_ticket_of_an_identity_is_refused_by_the_database() -> None:
    release = make_announced()
    member = get_in_line(release).members.get()
    other = get_in_line(release)
    with pytest.raises(IntegrityError, match="one_ticket_an_identity"):
        sql(
            "INSERT INTO quota_queuemember (ticket_id, release_id, identity, service, turn)"
            " VALUES (%s, %s, %s, 'regular', 'waiting')",
            other.pk,
            release.pk,
            member.identity,
        )


def test_called_number_and_drawn_place_never_change_in_the_database() -> None:
    release, [ticket] = make_at_work([1])
    step(release)
    for statement in (
        "UPDATE quota_room SET called = 0",
        "UPDATE quota_room SET seed = commitment",
        "UPDATE quota_queueticket SET drawn = 7",
        "UPDATE quota_room SET commitment = seed",
    ):
        with pytest.raises(DatabaseError, match="Cannot update"):
            sql(statement)
    assert (room(release).called, fresh(ticket).drawn) == (1, 1)


def test_join_at_the_very_opening_before_the_draw_stands_behind_it() -> None:
    release: Release = make_announced(seats=1)
    late = get_in_line(release, at=release.publish_at)
    early = get_in_line(release)
    open_release(release=release, at=release.publish_at)
    step(release)
    assert (fresh(early).number, fresh(late).number) == (1, 2)
