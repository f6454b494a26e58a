"""Booking under many hands: the last seats, one person in many tabs, money and its end."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection

from appointments import booking
from appointments.applying import AlreadyActive, NotADraft
from appointments.booking import (
    SeatElsewhere,
    hold_seat,
    hold_seats,
    lapse_holds,
    release_hold,
)
from appointments.confirming import catch_up, confirm
from appointments.enums import ACTIVE_APPLICATION, LIVE_APPOINTMENT
from appointments.invariants import broken
from appointments.models import Application, Appointment
from appointments.submitting import HoldLapsed, request_payment
from benchmarks.walk import make_awaiting as make_many_awaiting
from mpaspor.audit.models import Entry
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from payments.fees import load_fees
from payments.gateway.port import Money
from payments.models import Bill, Payment
from payments.moments import end_of
from payments.polling import ask_due
from payments.settlement import settle
from quota.models import Seat, Slot
from quota.seats import SlotFull, TooFewSeats
from tests.factories.applicants import make_person, make_user, valid_nik
from tests.factories.appointments import (
    PromptGateway,
    make_application,
    make_awaiting,
    make_confirmed,
    make_held,
    make_money,
)
from tests.factories.quota import make_open_slot
from tests.races.crowd import DEADLINE, at_once

SEATS, PEOPLE, ROUNDS = 20, 48, 3
ACCOUNTS, TABS = 4, 20
# Payments that meet the end of their bill, and how many of them at once.
PAIRS, PAYERS = 1_000, 8

pytestmark = pytest.mark.django_db(transaction=True)
rounds = pytest.mark.parametrize("round_", range(ROUNDS))


@pytest.fixture(autouse=True)
def fees() -> None:
    load_fees()


def answered(deed: Callable[[], object]) -> str:
    """ "done", or the code of the refusal. Anything else is a failure of the test."""
    try:
        deed()
    except Refusal as no:
        return no.code
    return "done"


def held(draft: Application, slot: Slot) -> Appointment:
    return hold_seat(application=draft, slot_code=slot.code, by=draft.account, at=clock.now())


def paid_for(appointment: Appointment) -> None:
    request_payment(appointment=appointment, by=appointment.application.account, at=clock.now())


def holders(*slots: Slot) -> list[str]:
    return [seat.holder for seat in Seat.objects.filter(slot__in=slots) if seat.holder]


def all_is_well() -> None:
    assert list(broken(at=clock.now())) == []


def live() -> list[Appointment]:
    return list(Appointment.objects.filter(status__in=LIVE_APPOINTMENT))


# The last seats

FAMILY = 3


def family_rush() -> None:
    """Two families of three for four seats: one has three seats, the other has none."""
    slot = make_open_slot(seats=FAMILY + 1)
    families = [a_family() for _ in range(2)]

    def hold_for(family: int) -> str:
        drafts = families[family]
        by, at = drafts[0].account, clock.now()
        deed = partial(hold_seats, applications=drafts, slot_code=slot.code, by=by, at=at)
        return answered(deed)

    outcome = at_once(hold_for, 2)
    assert outcome == {"done": 1, TooFewSeats.code: 1}, "oversold"
    seated = live()
    assert sorted(holders(slot)) == sorted(appointment.code for appointment in seated)
    assert len({appointment.party for appointment in seated}) == 1
    assert len(seated) == FAMILY
    all_is_well()


def a_family() -> list[Application]:
    account = make_user()
    return [make_application(person=make_person(account=account)) for _ in range(FAMILY)]


@rounds
def test_hold_seats_by_two_families_for_too_few_seats_seats_one_of_them(round_: int) -> None:
    family_rush()


@pytest.fixture
def without_the_wall() -> Iterator[None]:
    """The database does not keep a live appointment's seat: the guard above it is what is tried."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE quota_seat DISABLE TRIGGER live_keeps_its_seat")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE quota_seat ENABLE TRIGGER live_keeps_its_seat")


def test_control_families_seated_after_a_look_before_the_taking_oversell(
    monkeypatch: pytest.MonkeyPatch, without_the_wall: None
) -> None:
    """The same rush with the guard off."""
    both_looked = threading.Barrier(2)

    def take_unguarded(*, slot: Slot, holders: Sequence[str]) -> None:
        seats = list(Seat.objects.filter(slot=slot, holder=None).order_by("number"))
        both_looked.wait(timeout=DEADLINE)
        for seat, holder in zip(seats, holders, strict=False):
            Seat.objects.filter(pk=seat.pk).update(holder=holder)

    monkeypatch.setattr(booking, "take_seats", take_unguarded)
    with pytest.raises(AssertionError, match="oversold"):
        family_rush()


@rounds
def test_hold_seats_by_one_family_in_many_tabs_leaves_one_party(round_: int) -> None:
    slots = [make_open_slot(seats=FAMILY * 2) for _ in range(2)]
    drafts = a_family()

    def hold_in(tab: int) -> str:
        chosen = drafts if tab % 3 else drafts[::-1]
        by, at = drafts[0].account, clock.now()
        slot = slots[tab % 2]
        deed = partial(hold_seats, applications=chosen, slot_code=slot.code, by=by, at=at)
        return answered(deed)

    at_once(hold_in, 6)
    assert (len(live()), len({one.party for one in live()})) == (FAMILY, 1)
    all_is_well()


@rounds
def test_request_payment_of_a_family_in_many_tabs_makes_one_bill(round_: int) -> None:
    load_fees()
    drafts = a_family()
    slot = make_open_slot(seats=FAMILY)
    party = hold_seats(applications=drafts, slot_code=slot.code, by="test", at=clock.now())
    outcome = at_once(lambda tab: answered(lambda: paid_for(party[tab % FAMILY])), 6)
    assert (outcome, Bill.objects.count()) == ({"done": 6}, 1)
    all_is_well()


def rush() -> None:
    """What must hold whoever is first: nobody without a seat, and no seat without somebody."""
    slot = make_open_slot(seats=SEATS)
    drafts = [make_application() for _ in range(PEOPLE)]
    outcome = at_once(lambda person: answered(lambda: held(drafts[person], slot)), PEOPLE)
    assert outcome["done"] <= SEATS, "oversold"
    assert outcome == {"done": SEATS, SlotFull.code: PEOPLE - SEATS}
    assert sorted(holders(slot)) == sorted(appointment.code for appointment in live())
    assert len(live()) == SEATS
    all_is_well()


@rounds
def test_hold_seat_by_more_people_than_seats_sells_each_seat_once(round_: int) -> None:
    rush()


def test_control_holding_with_a_look_before_the_taking_oversells(
    monkeypatch: pytest.MonkeyPatch, without_the_wall: None
) -> None:
    """The same rush with the guard off. The invariants see what happened."""
    all_looked = threading.Barrier(PEOPLE)

    def take_unguarded(*, slot: Slot, holder: str) -> Seat:
        seat = Seat.objects.filter(slot=slot, holder=None).order_by("?").first()
        all_looked.wait(timeout=DEADLINE)
        if seat is None:
            raise SlotFull
        Seat.objects.filter(pk=seat.pk).update(holder=holder)
        return seat

    monkeypatch.setattr(booking, "take_seat", take_unguarded)
    with pytest.raises(AssertionError, match="oversold"):
        rush()
    seatless = [line for line in broken(at=clock.now()) if "without its seat" in line]
    assert len(seatless) == PEOPLE - len(holders(Slot.objects.get())) >= PEOPLE - SEATS


@rounds
def test_hold_seat_while_others_give_back_leaves_no_seat_to_two_people(round_: int) -> None:
    slot = make_open_slot(seats=SEATS)
    drafts = [make_application() for _ in range(PEOPLE)]

    def come_and_go(person: int) -> str:
        for _turn in range(3):
            if answered(lambda: held(drafts[person], slot)) == "done":
                mine = Appointment.objects.get(application=drafts[person], status="held")
                release_hold(appointment=mine, by="test", at=clock.now())
        return answered(lambda: held(drafts[person], slot))

    outcome = at_once(come_and_go, PEOPLE)

    assert outcome == {"done": SEATS, SlotFull.code: PEOPLE - SEATS}
    all_is_well()


# One person in many tabs


def tabs() -> tuple[list[Application], list[Slot]]:
    """One person in four accounts with five tabs each, every tab at another session."""
    nik = valid_nik()
    drafts = [make_application(person=make_person(nik=nik)) for _ in range(ACCOUNTS)]
    return drafts, [make_open_slot() for _ in range(TABS // ACCOUNTS)]


@rounds
def test_hold_seat_for_one_nik_in_twenty_tabs_leaves_one_live_appointment(round_: int) -> None:
    drafts, slots = tabs()

    def tab(number: int) -> str:
        draft, slot = drafts[number % ACCOUNTS], slots[number // ACCOUNTS]
        return answered(lambda: held(draft, slot))

    outcome = at_once(tab, TABS)

    [winner] = live()
    assert outcome == {"done": TABS // ACCOUNTS, SeatElsewhere.code: TABS - TABS // ACCOUNTS}
    assert holders(*slots) == [winner.code]
    all_is_well()


@rounds
def test_booking_for_one_nik_in_twenty_tabs_leaves_one_bill(round_: int) -> None:
    """Each tab goes the whole way to the bill, as quick as it can."""
    drafts, slots = tabs()

    def tab(number: int) -> str:
        draft, slot = drafts[number % ACCOUNTS], slots[number // ACCOUNTS]
        return answered(lambda: paid_for(held(draft, slot)))

    outcome = at_once(tab, TABS)

    refused = {SeatElsewhere.code, AlreadyActive.code, NotADraft.code, HoldLapsed.code}
    assert set(outcome) <= {"done"} | refused
    assert outcome["done"] >= 1
    assert Application.objects.filter(status__in=ACTIVE_APPLICATION).count() == 1
    assert (Bill.objects.count(), len(live()), len(holders(*slots))) == (1, 1, 1)
    all_is_well()


@pytest.mark.parametrize("round_", range(10))
def test_moving_the_hold_while_asking_for_the_bill_does_one_of_the_two(round_: int) -> None:
    """Two tabs of one draft: whoever is first, the other is told, and nobody waits for ever."""
    mine, other = make_held(), make_open_slot()
    draft = mine.application

    def tab(number: int) -> str:
        deed = (lambda: held(draft, other)) if number else (lambda: paid_for(mine))
        return f"{'move' if number else 'pay'} {answered(deed)}"

    outcome = at_once(tab, 2)

    first_moved = Counter({"move done": 1, f"pay {HoldLapsed.code}": 1})
    first_paid = Counter({f"move {NotADraft.code}": 1, "pay done": 1})
    paid_meanwhile = Counter({f"move {AlreadyActive.code}": 1, "pay done": 1})
    assert outcome in (first_moved, first_paid, paid_meanwhile)
    assert len(live()) == 1
    all_is_well()


@pytest.mark.parametrize("round_", range(5))
def test_lapsing_while_asking_for_the_bill_does_one_of_the_two(round_: int) -> None:
    mine = make_held()
    over = mine.hold_until

    def hand(number: int) -> str:
        if number:
            return f"lapsed {lapse_holds(at=over)}"
        return answered(lambda: paid_for(mine))

    outcome = at_once(hand, 2)

    assert outcome in (
        Counter({"done": 1, "lapsed 0": 1}),
        Counter({HoldLapsed.code: 1, "lapsed 1": 1}),
    )
    all_is_well()


# Money


def test_settle_of_one_payment_by_sixteen_at_once_books_it_once() -> None:
    bill = make_awaiting().bill
    assert bill is not None
    money = make_money(bill)

    outcome = at_once(
        lambda _n: settle(bill_code=bill.code, money=money, by="test", at=clock.now()).outcome, 16
    )

    assert outcome == {"bill_paid": 16}
    assert Payment.objects.count() == 1
    assert Appointment.objects.get().status == "confirmed"
    all_is_well()


def test_settle_of_sixteen_payments_for_one_bill_pays_it_once_and_opens_cases() -> None:
    bill = make_awaiting().bill
    assert bill is not None

    def pay(_number: int) -> str:
        at = clock.now()
        settled = settle(bill_code=bill.code, money=make_money(bill), by="test", at=at)
        return settled.case or settled.outcome

    assert at_once(pay, 16) == {"bill_paid": 1, "duplicate": 15}
    all_is_well()


def test_confirm_by_sixteen_at_once_confirms_and_tells_once() -> None:
    awaiting = make_awaiting()
    bill = awaiting.bill
    assert bill is not None
    Bill.objects.filter(pk=bill.pk).update(next_at=None)
    settle(bill_code=bill.code, money=make_money(bill), by="test", at=clock.now())

    def again(number: int) -> str:
        at = clock.now()
        if number % 3 == 0:
            catch_up(at=at)
        elif number % 3 == 1:
            confirm(bill_code=bill.code, at=at)
        else:
            paid_for(awaiting)
        return "done"

    assert at_once(again, 16) == {"done": 16}
    awaiting.refresh_from_db()
    assert awaiting.status == "confirmed"
    all_is_well()


def test_payment_and_expiry_at_the_same_moment_a_thousand_times_is_always_an_appointment() -> None:
    """The gateway said "not paid" after the end, and the money is told in the same instant."""
    bills = make_many_awaiting(PAIRS, issued_at=clock.now() - timedelta(hours=3))
    batches = [bills[first : first + PAYERS] for first in range(0, PAIRS, PAYERS)]
    over = clock.now()
    said_no = threading.Barrier(PAYERS + 1)

    class Unhearing(PromptGateway):
        def inquire(self, billing_codes: Iterable[str]) -> dict[str, list[Money]]:
            said_no.wait(DEADLINE)
            return super().inquire(billing_codes)

    def hand(number: int) -> str:
        outcomes = []
        for batch in batches:
            if number == PAYERS:
                Bill.objects.filter(pk__in=[bill.pk for bill in batch]).update(next_at=over)
                outcomes.append(str(ask_due(gateway=Unhearing(), at=over)))
                continue
            said_no.wait(DEADLINE)
            money = make_money(batch[number], at=end_of(batch[number]))
            bill = batch[number].code
            outcomes.append(settle(bill_code=bill, money=money, by="test", at=over).outcome)
        return " ".join(sorted(set(outcomes)))

    outcome = at_once(hand, PAYERS + 1)

    expired = Entry.objects.filter(deed="bill.expire").count()
    assert 0 < expired < PAIRS, "they never met"
    assert outcome == {"bill_paid": PAYERS, str(PAYERS): 1}
    statuses = Appointment.objects.values_list("bill__status", "status")
    assert Counter(statuses) == {("paid", "confirmed"): PAIRS}
    assert Seat.objects.exclude(holder=None).count() == PAIRS
    all_is_well()


def test_people_who_are_checked_in_keep_their_seat_while_others_rush() -> None:
    slot = make_open_slot(seats=SEATS + 1)
    confirmed = make_confirmed(slot=slot)
    drafts = [make_application() for _ in range(PEOPLE)]
    at_once(lambda person: answered(lambda: held(drafts[person], slot)), PEOPLE)
    assert confirmed.code in holders(slot)
    assert len(holders(slot)) == SEATS + 1
    all_is_well()
