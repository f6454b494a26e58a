"""Who does not come: the grace to the second, and what the office can still do."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from appointments.applying import AlreadyActive, start_again
from appointments.arrival import TooLate, check_in
from appointments.enums import BY_OFFICE, MoveReason
from appointments.invariants import broken
from appointments.models import Appointment, Move
from appointments.moving import SameOfficeOnly
from appointments.moving_by_office import (
    NotToBeMoved,
    ReasonNotListed,
    SameSession,
    move_by_office,
)
from appointments.no_shows import mark_no_shows
from appointments.rescheduling import changing_of
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Notice
from quota.enums import Reserve, Role
from quota.models import Seat, Slot
from quota.seats import SlotFull
from tests.appointments.browsing import errors_of, said, signed_in, text_of
from tests.appointments.test_cancelling import not_well, paid_party, state
from tests.appointments.test_rescheduling import another, where
from tests.factories.appointments import make_awaiting, make_confirmed, make_held
from tests.factories.quota import make_office, make_officer, make_open_slot

pytestmark = pytest.mark.django_db

SECOND, GRACE = timedelta(seconds=1), timedelta(minutes=30)


def missed() -> Appointment:
    """Nobody came."""
    mine = make_confirmed()
    assert mark_no_shows(at=mine.slot.ends_at + GRACE + SECOND) == 1
    mine.refresh_from_db()
    return mine


def give(mine: Appointment, slot: Slot, **how: Any) -> list[Appointment]:
    usual: dict[str, Any] = {"why": MoveReason.ILLNESS, "by": "test", "at": clock.now()}
    return move_by_office(appointment=mine, slot_code=slot.code, **usual | how)


@pytest.mark.parametrize("second", [0, 1])
def test_grace_ends_where_check_in_ends(second: int) -> None:
    office = make_office()
    mine = make_confirmed(slot=make_open_slot(office=office))
    at = mine.slot.ends_at + GRACE + second * SECOND

    assert mark_no_shows(at=at) == (second > 0)

    if second > 0:
        assert state(mine)[:2] == ("no_show", "expired")
        with pytest.raises(Refusal):
            check_in(appointment=mine, office=office, by="test", at=at)
    else:
        assert check_in(appointment=mine, office=office, by="test", at=at).status == "checked_in"


def test_check_in_past_the_grace_before_anybody_marked_it_is_too_late() -> None:
    mine = make_confirmed()
    at = mine.slot.ends_at + GRACE + SECOND
    with pytest.raises(TooLate):
        check_in(appointment=mine, office=mine.slot.office, by="test", at=at)


def test_no_show_is_told_once_and_leaves_no_seat() -> None:
    mine = missed()
    assert mark_no_shows(at=mine.slot.ends_at + 2 * GRACE) == 0
    assert state(mine) == ("no_show", "expired", "paid", 0)
    assert Notice.objects.filter(template="notices/appointments/no_show").count() == 1
    assert not_well(at=clock.now() + timedelta(hours=1)) == []


def test_nobody_misses_a_session_that_the_office_closed() -> None:
    mine = make_confirmed()
    Slot.objects.filter(pk=mine.slot_id).update(closed_at=clock.now())
    assert mark_no_shows(at=mine.slot.ends_at + 2 * GRACE) == 0


@pytest.mark.parametrize("make", [make_held, make_awaiting])
def test_unpaid_ones_are_no_no_shows(make: Any) -> None:
    mine = make()
    assert mark_no_shows(at=mine.slot.ends_at + 2 * GRACE) == 0


def test_page_after_a_no_show_says_what_can_be_done() -> None:
    mine = missed()
    client = signed_in(mine.application.account)
    page = client.get(reverse("visit", args=[mine.application.code]), follow=True)
    assert "You did not come" in text_of(page)
    assert "it can give you another day without paying again" in text_of(page)


@pytest.mark.parametrize("why", BY_OFFICE)
@pytest.mark.parametrize("make", [make_confirmed, missed])
def test_office_gives_another_day_and_the_right_is_not_spent(make: Any, why: MoveReason) -> None:
    mine = make()
    new = another(mine)

    assert give(mine, new, why=why) == [mine]

    assert where(mine) == [new]
    assert state(mine)[:2] == ("confirmed", "scheduled")
    assert [move.why for move in Move.objects.all()] == [why]
    now = Appointment.objects.get(pk=mine.pk)
    assert changing_of(now, at=clock.now()).refusal is None
    assert list(broken(at=clock.now())) == []


def test_office_moves_a_party_together_or_one() -> None:
    party = paid_party()
    new = another(party[0])
    give(party[1], new, alone=True)
    assert where(*party) == [party[0].slot, new, party[0].slot]
    newer = another(party[0], 2)
    assert give(party[0], newer) == [party[0], party[2]]
    assert where(*party) == [newer, new, newer]


@pytest.mark.parametrize("reserve", Reserve)
def test_office_may_give_what_it_keeps_back(reserve: Reserve) -> None:
    mine = make_confirmed()
    new = another(mine, seats=1)
    Seat.objects.filter(slot=new).update(reserve=reserve)
    give(mine, new)
    assert where(mine) == [new]


def same(mine: Appointment) -> Slot:
    return mine.slot


@pytest.mark.parametrize(
    ("make_slot", "refusal"),
    [
        (lambda mine: another(mine, seats=0), SlotFull),
        (lambda _mine: make_open_slot(), SameOfficeOnly),
        (same, SameSession),
    ],
)
def test_office_gives_no_day_that_is_none(make_slot: Any, refusal: type[Refusal]) -> None:
    mine = make_confirmed()
    with pytest.raises(refusal):
        give(mine, make_slot(mine))
    assert where(mine) == [mine.slot]


@pytest.mark.parametrize("make", [make_held, make_awaiting])
def test_office_gives_no_day_to_who_has_not_paid(make: Any) -> None:
    mine = make()
    with pytest.raises(NotToBeMoved):
        give(mine, another(mine))


def test_office_gives_no_day_for_the_persons_own_reason() -> None:
    mine = make_confirmed()
    with pytest.raises(ReasonNotListed):
        give(mine, another(mine), why=MoveReason.OWN)


def test_office_gives_no_day_to_who_began_anew_after_not_coming() -> None:
    mine = missed()
    draft = start_again(application=mine.application, by="test", at=clock.now())
    make_awaiting(application=draft)
    with pytest.raises(AlreadyActive):
        give(mine, another(mine))
    assert state(mine)[0] == "no_show"


@pytest.mark.parametrize("people", [1, 2])
def test_page_of_the_office_gives_another_day(people: int) -> None:
    party = paid_party(people) if people > 1 else [make_confirmed()]
    new = another(party[0])
    client = signed_in(make_officer(Role.COUNTER, party[0].slot.office))
    url = reverse("admin:give_day", args=[party[0].code])
    assert new.code in client.get(url).content.decode()

    typed = {"slot": new.code, "why": "illness", "who": "all"}
    answer = client.post(url, typed, follow=True)

    assert said(answer) == [f"Moved and told: {people}."]
    assert where(*party) == [new] * people


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"slot": ""}, {"slot", "why"}),
        ({"slot": "NOSUCHCODE", "why": "own"}, {"slot", "why"}),
        ({"why": "\0"}, {"slot", "why"}),
    ],
)
def test_page_of_the_office_badly_filled_in_changes_nothing(
    typed: dict[str, str], fields: set[str]
) -> None:
    mine = make_confirmed()
    another(mine)
    client = signed_in(make_officer(Role.COUNTER, mine.slot.office))
    answer = client.post(reverse("admin:give_day", args=[mine.code]), typed)
    assert (answer.status_code, set(errors_of(answer))) == (200, fields)
    assert where(mine) == [mine.slot]
