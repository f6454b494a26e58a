"""The whole way of money while the gateway or its callbacks fail: from the bill to the seat.

The gateway's simulator is a process of its own, and its callbacks come to a running web server.
What workers do is called here, at the moments at which the timetable would.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from appointments.invariants import broken
from appointments.models import Appointment
from mpaspor.core import clock
from payments.enums import CaseStatus
from payments.gateway.simponi import gateway
from payments.incidents import watch_gateway
from payments.issuing import issue_requested
from payments.models import Bill, CallbackEvent, Case, Incident, Payment
from payments.moments import end_of
from payments.polling import ask_due
from payments.renewing import renew_codes
from payments.tasks import ask, request_bills
from quota.models import Seat
from tests.factories.appointments import make_awaiting
from tests.factories.bills import bill_of
from tests.simulators.running import Simponi, start_simponi, until

pytestmark = pytest.mark.django_db(transaction=True)

# Seconds a call to the gateway may take here; what the service allows is asked below.
PATIENCE = 0.5
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, live_server: LiveServer) -> Iterator[Simponi]:
    url = f"{live_server.url}/api/v1/payments/callbacks/simponi/"
    simponi = start_simponi(tmp_path_factory.mktemp("bank"), url, callback_pauses="0.1,0.1")
    yield simponi
    assert simponi.stop() == 0
    assert simponi.failures() == []


@pytest.fixture
def simponi(bank: Simponi, settings: Settings, transactional_db: None) -> Iterator[Simponi]:
    assert settings.SIMPONI_TIMEOUT < 28  # as slow as the gateway may be
    bank.reset()
    settings.SIMPONI_URL, settings.SIMPONI_KEY = bank.url, bank.key
    settings.SIMPONI_TIMEOUT = PATIENCE
    yield bank
    assert list(broken(at=clock.now())) == []


@pytest.fixture
def waiting(simponi: Simponi) -> Appointment:
    """For the payment, with a code of the gateway."""
    appointment = make_awaiting(issued=False)
    request_bills()
    return appointment


def when_due(bill: Bill, task: Callable[[], None]) -> None:
    Bill.objects.filter(pk=bill.pk).update(next_at=clock.now())
    task()


def pay(simponi: Simponi, bill: Bill, *, events: int = 1) -> None:
    """At the bank, until so many callbacks have come; they make the bill due, nothing else."""
    bill.refresh_from_db()
    simponi.pay(str(bill.billing_code))
    wait_for(events)


def wait_for(events: int) -> None:
    until(lambda: CallbackEvent.objects.count() == events, seconds=20, what="the callbacks")


# Bill, appointment, seats, open cases.
State = tuple[str, str, int, list[str]]


def became(appointment: Appointment) -> State:
    appointment.refresh_from_db()
    bill = Bill.objects.get(pk=bill_of(appointment).pk)
    seats = Seat.objects.filter(holder=appointment.code).count()
    cases = Case.objects.exclude(status=CaseStatus.CLOSED).values_list("kind", flat=True)
    return bill.status, appointment.status, seats, sorted(cases)


REQUESTED: State = ("requested", "awaiting_payment", 1, [])
ISSUED: State = ("issued", "awaiting_payment", 1, [])
CONFIRMED: State = ("paid", "confirmed", 1, [])


def bills_at_the_gateway(simponi: Simponi, bill: Bill) -> int:
    with closing(sqlite3.connect(simponi.data / "simponi.sqlite3")) as store:
        count = "SELECT count(*) FROM bills WHERE request_key LIKE ?"
        return int(store.execute(count, [f"{bill.code}%"]).fetchone()[0])


@pytest.mark.parametrize("fail", ["500", "html", "empty", "types", "down", "timeout_after", "slow"])
def test_gateway_that_fails_once_at_each_question_gives_one_code_and_confirms_once(
    simponi: Simponi, fail: str
) -> None:
    waiting = make_awaiting(issued=False)
    bill, began = bill_of(waiting), time.monotonic()
    simponi.control(fail=fail, fail_count=1)
    request_bills()
    assert (became(waiting), trouble_of(bill) != "") == (REQUESTED, True)
    when_due(bill, request_bills)
    assert (became(waiting), bills_at_the_gateway(simponi, bill)) == (ISSUED, 1)

    simponi.control(fail=fail, fail_count=1)
    pay(simponi, bill)
    ask()
    assert (became(waiting), trouble_of(bill) != "") == (ISSUED, True)
    when_due(bill, ask)
    assert (became(waiting), Payment.objects.count()) == (CONFIRMED, 1)
    assert time.monotonic() - began < 28


def trouble_of(bill: Bill) -> str:
    bill.refresh_from_db()
    return bill.trouble


def test_gateway_down_for_half_an_hour_costs_nobody_a_seat_or_time(simponi: Simponi) -> None:
    paid, unpaid = make_awaiting(issued=False), make_awaiting(issued=False)
    request_bills()
    codeless = make_awaiting(issued=False)
    simponi.kill()
    at = clock.now()
    for _half_minute in range(60):
        at += 30 * SECOND
        timetable(at)
    assert [became(each) for each in (paid, unpaid, codeless)] == [ISSUED, ISSUED, REQUESTED]
    incident = Incident.objects.get()
    assert (incident.ended_at, at - incident.began_at > 25 * MINUTE) == (None, True)

    simponi.start()
    pay(simponi, bill_of(paid))
    for _half_minute in range(3):
        at += 30 * SECOND
        timetable(at)
    incident.refresh_from_db()
    assert [became(each) for each in (paid, unpaid, codeless)] == [CONFIRMED, ISSUED, ISSUED]
    assert incident.ended_at is not None
    assert Bill.objects.get(pk=bill_of(unpaid).pk).given_minutes >= 25

    for each in (unpaid, codeless):
        pay(simponi, bill_of(each), events=CallbackEvent.objects.count() + 1)
    ask()
    assert [became(each) for each in (paid, unpaid, codeless)] == [CONFIRMED] * 3


def timetable(at: datetime) -> None:
    """One round of it at that moment."""
    issue_requested(gateway=gateway(), at=at)
    ask_due(gateway=gateway(), at=at)
    watch_gateway(at=at)
    renew_codes(gateway=gateway(), at=at)


def callback_twenty_times_at_once(simponi: Simponi, bill: Bill) -> None:
    before = delivered(simponi)
    simponi.control(callback="duplicate", callback_copies=20)
    pay(simponi, bill)
    until(lambda: delivered(simponi) == before + 20, seconds=20, what="twenty answers")
    ask()


def delivered(simponi: Simponi) -> int:
    lines = simponi.log.splitlines()
    return sum(" callback " in line and line.endswith(" 200") for line in lines)


def callback_forged_and_the_timetable_asks(simponi: Simponi, bill: Bill) -> None:
    simponi.control(callback="forged")
    pay(simponi, bill, events=0)
    until(lambda: "try 3 401" in simponi.log, seconds=20, what="the last try")
    wait_for(0)
    ask()
    assert became(Appointment.objects.get()) == ISSUED
    when_due(bill, ask)


def expired_after_paid(simponi: Simponi, bill: Bill) -> None:
    simponi.control(callback="expired_after", callback_delay_ms=300)
    pay(simponi, bill)
    ask()
    assert became(Appointment.objects.get()) == CONFIRMED
    wait_for(2)
    ask()


def expired_to_our_question_after_paid(simponi: Simponi, bill: Bill) -> None:
    pay(simponi, bill)
    ask()
    simponi.control(fail="forget", fail_count=1)
    when_due(bill, ask)
    when_due(bill, ask)


def paid_after_expired(simponi: Simponi, bill: Bill) -> None:
    bill.refresh_from_db()
    over = end_of(bill) + SECOND
    Bill.objects.filter(pk=bill.pk).update(next_at=over)
    ask_due(gateway=gateway(), at=over)
    assert became(Appointment.objects.get()) == ("expired", "expired", 0, [])
    pay(simponi, bill)
    ask()


def two_ntpns(simponi: Simponi, bill: Bill) -> None:
    simponi.control(money="twice")
    pay(simponi, bill, events=2)
    ask()


HAPPENED: dict[Callable[[Simponi, Bill], None], tuple[int, list[str]]] = {
    callback_twenty_times_at_once: (1, []),
    callback_forged_and_the_timetable_asks: (1, []),
    expired_after_paid: (1, []),
    expired_to_our_question_after_paid: (1, []),
    paid_after_expired: (1, []),
    two_ntpns: (2, ["duplicate"]),
}


@pytest.mark.parametrize("happens", HAPPENED, ids=lambda happens: happens.__name__)
def test_money_is_the_appointment_and_the_rest_a_case(
    simponi: Simponi, waiting: Appointment, happens: Callable[[Simponi, Bill], None]
) -> None:
    happens(simponi, bill_of(waiting))
    payments, cases = HAPPENED[happens]
    assert became(waiting) == ("paid", "confirmed", 1, cases)
    assert Payment.objects.count() == payments
