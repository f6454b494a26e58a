"""Changes of one appointment at the same moment: never two seats, never none."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from appointments.accepting import accept_offer
from appointments.cancelling import PaidMeanwhile, cancel
from appointments.confirming import catch_up
from appointments.earlier import ask_earlier
from appointments.invariants import broken
from appointments.models import Appointment, Move
from appointments.rescheduling import NotMovable, RightSpent, reschedule
from appointments.visits.models import Reminder
from appointments.visits.reminding import plan_reminders, remind
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from payments.fees import load_fees
from payments.models import Bill
from payments.settlement import settle
from quota.models import Seat, Slot
from quota.seats import SlotFull
from tests.appointments.test_cancelling import paid_party
from tests.appointments.test_earlier import full_before, offered
from tests.appointments.test_rescheduling import another
from tests.factories.appointments import make_awaiting, make_confirmed, make_money
from tests.races.crowd import at_once
from tests.races.test_booking import answered

pytestmark = pytest.mark.django_db(transaction=True)
rounds = pytest.mark.parametrize("round_", range(3))


@pytest.fixture(autouse=True)
def fees() -> None:
    load_fees()


def bill_of(mine: Appointment) -> Bill:
    assert mine.bill is not None
    return mine.bill


def moved(mine: Appointment, slot: Slot) -> str:
    def deed() -> object:
        return reschedule(appointment=mine, slot_code=slot.code, by="test", at=clock.now())

    return f"move {answered(deed)}"


def cancelled(mine: Appointment) -> str:
    return f"cancel {answered(lambda: cancel(appointment=mine, by='test', at=clock.now()))}"


def both(*deeds: Callable[[], str]) -> Counter[str]:
    return at_once(lambda number: deeds[number](), len(deeds))


def seats_of(*members: Appointment) -> list[int]:
    """Of each; and all is well otherwise."""
    assert list(broken(at=clock.now())) == []
    return [Seat.objects.filter(holder=member.code).count() for member in members]


@rounds
def test_two_tabs_that_choose_different_sessions_move_once(round_: int) -> None:
    mine = make_confirmed()
    slots = [another(mine, days) for days in (1, 2)]

    outcome = both(*(lambda slot=slot: moved(mine, slot) for slot in slots))

    assert outcome == {"move done": 1, f"move {RightSpent.code}": 1}
    assert (seats_of(mine), Move.objects.count()) == ([1], 1)


@rounds
def test_two_tabs_that_choose_the_same_session_move_once(round_: int) -> None:
    mine = make_confirmed()
    slot = another(mine)

    assert both(*[lambda: moved(mine, slot)] * 2) == {"move done": 2}

    assert (seats_of(mine), Move.objects.count()) == ([1], 1)


@rounds
def test_rescheduling_against_cancelling_leaves_no_seat(round_: int) -> None:
    mine = make_confirmed()
    slot = another(mine)

    outcome = both(lambda: moved(mine, slot), lambda: cancelled(mine))

    assert outcome["cancel done"] == 1
    assert set(outcome) <= {"cancel done", "move done", f"move {NotMovable.code}"}
    assert seats_of(mine) == [0]
    assert Seat.objects.exclude(holder=None).count() == 0


@rounds
def test_rescheduling_against_the_payment_moves_what_is_confirmed_or_nothing(round_: int) -> None:
    mine = make_awaiting()
    slot, bill = another(mine), bill_of(mine)

    def paid() -> str:
        settle(bill_code=bill.code, money=make_money(bill), by="test", at=clock.now())
        return "paid"

    outcome = both(lambda: moved(mine, slot), paid)

    assert outcome["paid"] == 1
    catch_up(at=clock.now())
    assert seats_of(mine) == [1]
    mine.refresh_from_db()
    assert mine.status == "confirmed"


@rounds
def test_cancelling_against_the_payment_does_one_of_the_two(round_: int) -> None:
    mine = make_awaiting()
    bill = bill_of(mine)

    def paid() -> str:
        return settle(
            bill_code=bill.code, money=make_money(bill), by="test", at=clock.now()
        ).outcome

    outcome = both(lambda: cancelled(mine), paid)

    catch_up(at=clock.now())
    mine.refresh_from_db()
    by_money = {"cancel done": 1, "case": 1}
    too_late = {f"cancel {PaidMeanwhile.code}": 1, "bill_paid": 1}
    confirmed = {"cancel done": 1, "bill_paid": 1}
    assert outcome in (by_money, too_late, confirmed)
    assert seats_of(mine) == [int(mine.status == "confirmed")]
    assert (mine.status == "confirmed") == (outcome == too_late)


@rounds
def test_two_people_for_the_last_seat_of_a_day_move_one_of_them(round_: int) -> None:
    first = make_confirmed()
    second = make_confirmed(slot=first.slot)
    slot = another(first, seats=1)

    outcome = both(lambda: moved(first, slot), lambda: moved(second, slot))

    assert outcome == {"move done": 1, f"move {SlotFull.code}": 1}
    assert seats_of(first, second) == [1, 1]


@rounds
def test_two_people_who_change_places_wait_for_nobody_for_ever(round_: int) -> None:
    """Each wants the session the other is leaving: there is one free seat in each."""
    first = make_confirmed()
    second = make_confirmed(slot=another(first))

    outcome = both(lambda: moved(first, second.slot), lambda: moved(second, first.slot))

    assert outcome == {"move done": 2}
    assert seats_of(first, second) == [1, 1]


@rounds
def test_members_of_a_party_who_move_each_alone_and_together_have_one_seat_each(
    round_: int,
) -> None:
    party = paid_party()
    slots = [another(party[0], days) for days in (1, 2)]

    def alone() -> str:
        at, code = clock.now(), slots[0].code
        return answered(
            lambda: reschedule(appointment=party[1], slot_code=code, alone=True, by="test", at=at)
        )

    both(alone, lambda: moved(party[0], slots[1]))

    assert seats_of(*party) == [1, 1, 1]


@rounds
def test_an_earlier_seat_taken_against_another_day_and_cancelling_is_one_of_them(
    round_: int,
) -> None:
    mine = make_confirmed()
    slot, own = full_before(mine), another(mine, 3)
    ask_earlier(appointment=mine, by="test", at=clock.now())
    offer = offered(slot)

    def taken() -> str:
        return f"take {answered(lambda: accept_offer(offer=offer, by='test', at=clock.now()))}"

    outcome = both(taken, taken, lambda: moved(mine, own), lambda: cancelled(mine))

    assert outcome["cancel done"] == 1
    assert seats_of(mine) == [0]
    assert Seat.objects.filter(slot=own).exclude(holder=None).count() == 0


@rounds
def test_a_reminder_against_a_move_never_speaks_of_the_old_session_afterwards(round_: int) -> None:
    mine = make_confirmed()
    new, at = another(mine), mine.slot.starts_at - timedelta(days=3) + timedelta(minutes=1)
    plan_reminders(at=at - timedelta(hours=2))

    def moves() -> str:
        deed = partial(reschedule, appointment=mine, slot_code=new.code, by="test", at=at)
        return f"move {answered(deed)}"

    outcome = both(moves, *[lambda: f"remind {answered(lambda: remind(at=at))}"] * 2)

    assert outcome == {"move done": 1, "remind done": 2}
    told = [n.template.rpartition("/")[2] for n in Notice.objects.order_by("pk")]
    assert told in (["confirmed", "moved"], ["confirmed", "reminder", "moved"])
    assert not Reminder.objects.filter(starts_at=mine.slot.starts_at, next_at__lte=at).exists()
    assert seats_of(mine) == [1]
