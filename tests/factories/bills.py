"""An appointment's bill in each of the cases that its owner may meet."""

from collections.abc import Callable
from datetime import timedelta

from appointments.confirming import confirm, expire, follow_paid
from appointments.models import Appointment
from mpaspor.core import clock
from payments.claiming import claim_paid
from payments.enums import IncidentKind
from payments.incidents import open_incident
from payments.models import Bill
from payments.moments import end_of
from payments.polling import ask_due
from payments.settlement import settle
from payments.voiding import void_bill
from tests.factories.appointments import (
    PromptGateway,
    make_awaiting,
    make_billed_party,
    make_confirmed,
    make_money,
)
from tests.factories.quota import make_open_slot

HOUR = timedelta(hours=1)


def bill_of(appointment: Appointment) -> Bill:
    assert appointment.bill is not None
    return appointment.bill


def requested() -> Appointment:
    return make_awaiting(issued=False)


def waiting_long() -> Appointment:
    """The gateway is away."""
    awaiting = make_awaiting(issued=False)
    Bill.objects.filter(pk=bill_of(awaiting).pk).update(trouble="ConnectionError")
    return awaiting


def opened() -> Appointment:
    return make_awaiting()


def asked() -> Appointment:
    """And claimed; the bank says "not paid"."""
    awaiting = make_awaiting()
    bill = bill_of(awaiting)
    at = clock.now()
    claim_paid(bill_code=bill.code, ntpn="A1B2C3D4E5F6G7H8", by="test", at=at)
    ask_due(gateway=PromptGateway(), at=at)
    return awaiting


def paid() -> Appointment:
    """Not confirmed yet."""
    awaiting = make_awaiting()
    settle_(awaiting)
    return awaiting


def over() -> Appointment:
    """Its time is over, and the bank has not said its last word."""
    return make_awaiting(at=clock.now() - 2 * HOUR - timedelta(minutes=1))


def undecided() -> Appointment:
    awaiting = over()
    Bill.objects.filter(pk=bill_of(awaiting).pk).update(undecided_at=clock.now())
    return awaiting


def expired() -> Appointment:
    awaiting = make_awaiting()
    Bill.objects.filter(pk=bill_of(awaiting).pk).update(status="expired", closed_at=clock.now())
    expire(bill_code=bill_of(awaiting).code, at=clock.now())
    return awaiting


def void() -> Appointment:
    awaiting = make_awaiting()
    void_bill(bill_code=bill_of(awaiting).code, by="test", at=clock.now())
    expire(bill_code=bill_of(awaiting).code, at=clock.now())
    return awaiting


def frozen() -> Appointment:
    awaiting = make_awaiting()
    reason = "Pembayaran di semua bank sedang terganggu."
    open_incident(what=IncidentKind.GATEWAY, reason=reason, by="test", at=clock.now())
    return awaiting


def given_back() -> Appointment:
    """After an outage, with a new code."""
    awaiting = make_awaiting()
    Bill.objects.filter(pk=bill_of(awaiting).pk).update(given_minutes=55, thawed_at=clock.now())
    return awaiting


def late() -> Appointment:
    awaiting = expired()
    bill = Bill.objects.get(pk=bill_of(awaiting).pk)
    money = make_money(bill, at=end_of(bill) + timedelta(seconds=1))
    settle(bill_code=bill.code, money=money, by="test", at=clock.now())
    return awaiting


def duplicate() -> Appointment:
    confirmed = make_confirmed()
    settle_(confirmed)
    return confirmed


def wrong_amount() -> Appointment:
    awaiting = make_awaiting()
    settle_(awaiting, amount=350_000)
    return awaiting


def choose_again() -> Appointment:
    """Paid in time and known late, when no equal seat was left."""
    awaiting = make_awaiting(slot=make_open_slot(seats=1))
    code = bill_of(awaiting).code
    Bill.objects.filter(code=code).update(status="expired", closed_at=clock.now())
    expire(bill_code=code, at=clock.now())
    make_awaiting(slot=awaiting.slot)
    settle_(awaiting)
    follow_paid(bill_code=code, at=clock.now())
    return awaiting


def party() -> Appointment:
    return make_billed_party()[0]


def party_paid() -> Appointment:
    first = make_billed_party()[0]
    settle_(first)
    confirm(bill_code=bill_of(first).code, at=clock.now())
    return first


def settle_(appointment: Appointment, *, amount: int | None = None) -> None:
    bill = bill_of(appointment)
    money = make_money(bill, amount=amount or bill.amount)
    settle(bill_code=bill.code, money=money, by="simponi", at=clock.now())


# Each with what its owner reads first.
CASES: dict[Callable[[], Appointment], str] = {
    requested: "Your billing code is on its way",
    waiting_long: "The payment gateway is slow or away",
    opened: "Pay to confirm your appointment",
    asked: "it does not know this payment yet",
    paid: "We are confirming your appointment",
    make_confirmed: "Paid. Your appointment is confirmed.",
    over: "We are asking the bank for its last word",
    undecided: "Our treasurer decides now",
    expired: "This billing code has expired",
    void: "This bill was withdrawn",
    frozen: "Your time stands still",
    given_back: "You got 55 minutes back",
    late: "this money came after the time to pay was over",
    duplicate: "You paid twice for one person",
    wrong_amount: "This bill is not paid yet: the amount was another one",
    choose_again: "Paid. Please choose a session",
    party: "Pay to confirm your appointment",
    party_paid: "Everybody has a letter of their own",
}
