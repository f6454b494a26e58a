"""Whatever people, banks and workers do, in any order: money is an appointment or an open case.

A machine walks at random over hold, bill, code, money (in time, late, twice, too little, too
much, before the code, told late, told again), expiry, withdrawal and restoration, with a gateway
that goes away or loses its answers. After every step all rules of the service must hold.
"""

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from inspect import signature
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from appointments.booking import hold_seat, lapse_holds
from appointments.confirming import catch_up
from appointments.enums import ApplicationStatus, AppointmentStatus
from appointments.invariants import broken
from appointments.models import Application, Appointment
from appointments.restoring import choose_paid
from appointments.submitting import request_payment
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from payments.fees import load_fees
from payments.gateway.port import GatewayUnknown, Issued, Money, Order
from payments.issuing import issue_requested
from payments.models import Bill, Payment
from payments.moments import end_of
from payments.polling import ask_due
from payments.settlement import match_orphans, settle, settle_by_code
from payments.voiding import BillPaid, void_bill
from tests.database import check_deferred
from tests.factories.applicants import make_person
from tests.factories.appointments import make_application
from tests.factories.quota import make_open_slot

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "10"))
STEPS = 12
PEOPLE, SEATS = 3, 2
MINUTE = timedelta(minutes=1)
# Said of what this machine leaves to others: nobody sends notices here, and its gateway is away.
NEIGHBOURS = ("outbox: ", "has waited for its code")

DRAWN: dict[str, st.SearchStrategy[Any]] = {
    "person": st.integers(0, PEOPLE - 1),
    "slot": st.integers(0, 20),
    "number": st.integers(0, 20),
    "minutes": st.sampled_from([2, 10, 138, 400]),
    "seconds": st.sampled_from([-7200, -60, -1, 0, 1, 3600]),
    "off": st.sampled_from([0, 0, 0, -1, 1]),
    "is_told": st.booleans(),
    "is_away": st.booleans(),
    "loses_answers": st.booleans(),
    "hours": st.sampled_from([1, 24, 24 * 30]),
}
# Who draws one rule of many seldom comes to where money and time cross: the steps are weighted.
STEPS_TO_DRAW = [
    *["pay_in_time_and_be_known_later"] * 5,
    *["book"] * 4,
    *["pay"] * 2,
    *["work"] * 2,
    "tell_again",
    "pay_before_we_know_the_code",
    "gateway",
    "withdraw",
    "open_another_session",
    "choose_again",
]


class Bank:
    """The truth about codes and money, which the gateway tells when it can."""

    def __init__(self) -> None:
        self.codes: dict[str, Issued] = {}
        self.money: dict[str, list[Money]] = {}
        self.untold: set[str] = set()
        self.is_away = self.loses_answers = False

    def create(self, order: Order) -> Issued:
        if self.is_away:
            raise GatewayUnknown("away")
        code = str(10**14 + secrets.randbelow(9 * 10**14))
        made = Issued(code, order.expires_at, order.expires_at)
        issued = self.codes.setdefault(order.request_key, made)
        if self.loses_answers:
            raise GatewayUnknown("answer lost")
        return issued

    def inquire(self, billing_codes: Iterable[str]) -> dict[str, list[Money]]:
        if self.is_away:
            raise GatewayUnknown("away")
        return {code: self.told(code) for code in billing_codes}

    def told(self, code: str) -> list[Money]:
        return [money for money in self.money.get(code, []) if money.ntpn not in self.untold]


class Payments(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.all = transaction.atomic()
        self.all.__enter__()
        load_fees()
        self.at = clock.now()
        self.bank = Bank()
        self.persons = [make_person() for _ in range(PEOPLE)]
        self.slots = [make_open_slot(seats=SEATS)]

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.all.__exit__(None, None, None)

    def bill(self, number: int) -> Bill | None:
        bills = list(Bill.objects.order_by("pk"))
        return bills[number % len(bills)] if bills else None

    def latest(self, person: int) -> Application | None:
        rows = Application.objects.filter(person=self.persons[person])
        return rows.order_by("-pk").first()

    @initialize()
    def everybody_asks_for_a_bill(self) -> None:
        """So that few steps lead to where money and time cross; one person finds it full."""
        for person in range(PEOPLE):
            self.book(person=person, slot=0)

    def hold(self, person: int, slot: int) -> None:
        application = self.latest(person)
        with suppress(Refusal):
            if application is None or application.status == ApplicationStatus.EXPIRED:
                application = make_application(person=self.persons[person], at=self.at)
            chosen = self.slots[slot % len(self.slots)].code
            hold_seat(application=application, slot_code=chosen, by="test", at=self.at)

    def ask_for_a_bill(self, person: int) -> None:
        held = Appointment.objects.filter(
            application__person=self.persons[person], status=AppointmentStatus.HELD
        ).first()
        if held is not None:
            with suppress(Refusal):
                request_payment(appointment=held, by="test", at=self.at)

    def work(self, minutes: int) -> None:
        """Time goes by, then the workers do whatever is due."""
        self.at += minutes * MINUTE
        for _ in range(3):
            issue_requested(gateway=self.bank, at=self.at)
            ask_due(gateway=self.bank, at=self.at)
        match_orphans(at=self.at)
        lapse_holds(at=self.at)
        catch_up(at=self.at)

    def pay(self, number: int, seconds: int, off: int, is_told: bool) -> None:
        """At the bank, around the end of the bill; the gateway may learn of it later."""
        bill = self.bill(number)
        if bill is not None and bill.billing_code:
            paid_at = min(end_of(bill) + timedelta(seconds=seconds), self.at)
            money = Money(secrets.token_hex(8).upper(), "1", bill.amount + off, paid_at, "atm")
            self.bank.money.setdefault(bill.billing_code, []).append(money)
            if not is_told:
                self.bank.untold.add(money.ntpn)

    def pay_in_time_and_be_known_later(self, number: int, off: int, minutes: int) -> None:
        """The crossing this is all about: the seat may be gone, and taken, when the news comes."""
        self.bank.is_away = False
        self.pay(number=number, seconds=0, off=off, is_told=False)
        self.work(minutes=minutes)
        self.bank_tells_all()
        self.work(minutes=2)

    def bank_tells_all(self) -> None:
        """Late news of the bank reaches the gateway, and the gateway calls us."""
        self.bank.untold.clear()
        Bill.objects.filter(billing_code__isnull=False).update(next_at=self.at)

    def tell_again(self, number: int) -> None:
        payments = list(Payment.objects.filter(bill__isnull=False).order_by("pk"))
        if not payments:
            return
        again = payments[number % len(payments)]
        assert again.bill is not None  # as asked for
        money = Money(again.ntpn, again.ntb, again.amount, again.paid_at, again.channel)
        booked = settle(bill_code=again.bill.code, money=money, by="test", at=self.at)
        assert booked.payment_id == again.pk

    def pay_before_we_know_the_code(self, number: int) -> None:
        """The gateway made the bill and its answer was lost; somebody pays all the same."""
        known = set(Bill.objects.values_list("billing_code", flat=True))
        lost = [made for made in self.bank.codes.values() if made.billing_code not in known]
        if lost:
            code = lost[number % len(lost)].billing_code
            money = Money(secrets.token_hex(8).upper(), "1", 650_000, self.at, "atm")
            self.bank.money.setdefault(code, []).append(money)
            settle_by_code(billing_code=code, money=money, by="reconciliation", at=self.at)

    def gateway(self, is_away: bool, loses_answers: bool) -> None:
        self.bank.is_away, self.bank.loses_answers = is_away, loses_answers

    def withdraw(self, number: int) -> None:
        bill = self.bill(number)
        if bill is not None:
            with suppress(BillPaid):
                void_bill(bill_code=bill.code, by="test", at=self.at)

    def open_another_session(self, hours: int) -> None:
        first = self.slots[0]
        if len(self.slots) == PEOPLE:
            return
        starts_at = first.starts_at + timedelta(hours=hours)
        if not any(slot.starts_at == starts_at for slot in self.slots):
            self.slots.append(make_open_slot(office=first.office, starts_at=starts_at, seats=1))

    def choose_again(self, person: int, slot: int) -> None:
        application = self.latest(person)
        chosen = self.slots[slot % len(self.slots)].code
        if application is not None:
            with suppress(Refusal):
                choose_paid(application=application, slot_code=chosen, by="test", at=self.at)

    def book(self, person: int, slot: int) -> None:
        self.hold(person=person, slot=slot)
        self.ask_for_a_bill(person=person)
        issue_requested(gateway=self.bank, at=self.at)

    @rule(step=st.sampled_from(STEPS_TO_DRAW), data=st.data())
    def step(self, step: str, data: st.DataObject) -> None:
        deed = getattr(self, step)
        deed(**{name: data.draw(DRAWN[name], label=name) for name in signature(deed).parameters})

    @invariant()
    def all_rules_hold(self) -> None:
        check_deferred()
        lines = [line for line in broken(at=self.at) if not any(n in line for n in NEIGHBOURS)]
        assert lines == []

    @invariant()
    def money_of_the_bank_is_booked_at_most_once(self) -> None:
        numbers = [money.ntpn for paid in self.bank.money.values() for money in paid]
        assert Payment.objects.exclude(ntpn__in=numbers).count() == 0


@pytest.mark.django_db
def test_money_is_an_appointment_or_an_open_case_whatever_happens() -> None:
    """MACHINE_EXAMPLES=500 walks for longer."""
    walk = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Payments, settings=walk)
