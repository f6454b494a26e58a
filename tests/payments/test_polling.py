"""Asking whether bills are paid: when, how often, and what each answer means."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from mpaspor.audit import trail
from mpaspor.core import clock
from payments.enums import BillStatus
from payments.gateway.port import GatewayRefused, GatewayUnknown, Money
from payments.models import Bill, Payment
from payments.moments import end_of
from payments.polling import (
    BATCH,
    LEASE,
    UNKNOWN_AGAIN,
    ask_all_due,
    ask_due,
    first_question,
    next_question,
)
from payments.settlement import settle
from payments.signals import bill_expired
from tests.factories.appointments import make_money
from tests.payments.making import GRACE_MINUTES, PAY_MINUTES, Gateway, make_issued

pytestmark = pytest.mark.django_db

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
END = (PAY_MINUTES + GRACE_MINUTES) * MINUTE


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def bill(at: datetime) -> Bill:
    return make_issued(at)


def says(*money: Money) -> Gateway:
    return Gateway(inquire=lambda codes: {code: list(money) for code in codes})


NOT_PAID = says()


def ask(bill: Bill, gateway: Gateway, at: datetime) -> Bill:
    """This bill alone is due and asked about now."""
    Bill.objects.exclude(pk=bill.pk).update(next_at=None)
    Bill.objects.filter(pk=bill.pk).update(next_at=at)
    assert ask_due(gateway=gateway, at=at) == 1
    bill.refresh_from_db()
    return bill


def test_first_question_comes_thirty_seconds_after_the_code(bill: Bill, at: datetime) -> None:
    assert bill.next_at == first_question(at) == at + 30 * SECOND


@pytest.mark.parametrize(
    ("asked", "again"),
    [
        # every 30 s for five minutes
        (0 * SECOND, 30 * SECOND),
        (30 * SECOND, 60 * SECOND),
        (5 * MINUTE - SECOND, 5 * MINUTE + 29 * SECOND),
        # then every two minutes
        (5 * MINUTE, 7 * MINUTE),
        (60 * MINUTE, 62 * MINUTE),
        # and for sure right after the end, deadline and grace, is over
        (END - 3 * MINUTE, END - MINUTE),
        (END - MINUTE, END + SECOND),
        (END, END + SECOND),
        (END + SECOND, END + SECOND + UNKNOWN_AGAIN),
    ],
)
def test_next_question_about_an_issued_bill(
    bill: Bill, at: datetime, asked: timedelta, again: timedelta
) -> None:
    assert next_question(bill, at + asked) == at + again


@pytest.mark.parametrize("status", [BillStatus.EXPIRED, BillStatus.PAID, BillStatus.VOID])
@pytest.mark.parametrize(
    ("asked", "again"),
    [
        (0 * SECOND, 5 * MINUTE),
        (5 * MINUTE - SECOND, 5 * MINUTE),
        (5 * MINUTE, 15 * MINUTE),
        (15 * MINUTE, 60 * MINUTE),
        (60 * MINUTE, 6 * HOUR),
        (6 * HOUR, 24 * HOUR),
        (24 * HOUR - SECOND, 24 * HOUR),
        (24 * HOUR, None),
        (48 * HOUR, None),
    ],
)
def test_next_question_about_a_closed_bill_looks_for_money_that_came_late(
    at: datetime, status: BillStatus, asked: timedelta, again: timedelta | None
) -> None:
    closed = Bill(status=status, closed_at=at)
    assert next_question(closed, at + asked) == (at + again if again else None)


def test_end_of_a_bill_is_its_deadline_and_the_grace_of_the_banks(bill: Bill, at: datetime) -> None:
    assert end_of(bill) == at + END


def test_ask_due_about_an_unpaid_bill_plans_the_next_question(bill: Bill, at: datetime) -> None:
    ask(bill, NOT_PAID, at + 30 * SECOND)
    assert (bill.status, bill.next_at, bill.asked_at) == (
        "issued",
        at + 60 * SECOND,
        at + 30 * SECOND,
    )


def test_ask_due_asks_about_all_that_is_due_in_one_question(at: datetime) -> None:
    bills = [make_issued(at) for _ in range(3)]
    gateway = says()
    assert ask_due(gateway=gateway, at=at + 29 * SECOND) == 0
    assert ask_due(gateway=gateway, at=at + 30 * SECOND) == 3
    assert [sorted(codes) for codes in gateway.asked] == [
        sorted(bill.billing_code or "" for bill in bills)
    ]


def test_ask_due_about_a_paid_bill_settles_it(bill: Bill, at: datetime) -> None:
    money = make_money(bill, at=at)
    ask(bill, says(money), at + MINUTE)
    assert (bill.status, bill.closed_at) == (BillStatus.PAID, at + MINUTE)
    assert bill.next_at == at + 6 * MINUTE
    assert Payment.objects.get().ntpn == money.ntpn


@pytest.mark.parametrize(
    ("offset", "status"), [(-SECOND, "issued"), (0 * SECOND, "issued"), (SECOND, "expired")]
)
def test_ask_due_expires_a_bill_only_on_a_no_after_the_end(
    bill: Bill, at: datetime, offset: timedelta, status: str
) -> None:
    ask(bill, NOT_PAID, at + END + offset)
    assert bill.status == status


def test_ask_due_that_expires_a_bill_says_so_after_the_commit(
    bill: Bill, at: datetime, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    told: list[str] = []

    def listen(bill_code: str, **_rest: object) -> None:
        told.append(bill_code)

    bill_expired.connect(listen)
    try:
        with django_capture_on_commit_callbacks() as callbacks:
            ask(bill, NOT_PAID, at + END + SECOND)
            assert told == []
        for callback in callbacks:
            callback()
    finally:
        bill_expired.disconnect(listen)

    assert told == [bill.code]
    deeds = [entry.deed for entry in trail.of(f"bill:{bill.code}")]
    assert deeds == ["bill.request", "bill.issue", "bill.expire"]


def in_trouble(_codes: list[str]) -> dict[str, list[Money]]:
    raise GatewayUnknown("HTTP 500")


def refusing(_codes: list[str]) -> dict[str, list[Money]]:
    raise GatewayRefused("HTTP 400")


def knowing_nothing(_codes: list[str]) -> dict[str, list[Money]]:
    return {}


@pytest.mark.parametrize("answer", [in_trouble, refusing, knowing_nothing])
@pytest.mark.parametrize("after", [MINUTE, END + SECOND, timedelta(days=30)])
def test_ask_due_without_a_usable_answer_never_expires_a_bill(
    bill: Bill, at: datetime, answer: object, after: timedelta
) -> None:
    ask(bill, Gateway(inquire=answer), at + after)  # type: ignore[arg-type]
    assert (bill.status, bill.next_at) == ("issued", at + after + UNKNOWN_AGAIN)
    assert bill.trouble != ""


def test_ask_due_finds_money_although_the_end_is_over(bill: Bill, at: datetime) -> None:
    """As long as our clock alone says that the time is over, paid is paid."""
    ask(bill, says(make_money(bill, at=at)), at + END + HOUR)
    assert bill.status == BillStatus.PAID


def test_ask_due_after_the_trouble_takes_it_from_the_bill(bill: Bill, at: datetime) -> None:
    ask(bill, Gateway(inquire=in_trouble), at + MINUTE)
    ask(bill, NOT_PAID, at + 2 * MINUTE)
    assert bill.trouble == ""


def test_ask_due_about_an_expired_bill_goes_on_for_a_day_and_stops(
    bill: Bill, at: datetime
) -> None:
    closed = at + END + SECOND
    ask(bill, NOT_PAID, closed)
    waits = []
    while bill.next_at is not None:
        waits.append(bill.next_at - closed)
        ask(bill, NOT_PAID, bill.next_at)
    assert waits == [5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR]
    assert bill.status == BillStatus.EXPIRED


def test_ask_due_about_a_closed_bill_the_gateway_forgot_stops_too(bill: Bill, at: datetime) -> None:
    closed = at + END + SECOND
    ask(bill, NOT_PAID, closed)
    ask(bill, Gateway(inquire=knowing_nothing), closed + 24 * HOUR)
    assert bill.next_at is None


def test_ask_due_keeps_the_wish_of_a_callback_that_came_while_it_asked(
    bill: Bill, at: datetime
) -> None:
    """The answer on its way may be older than the payment: ask again at once."""
    called = at + 31 * SECOND

    def paid_meanwhile(codes: list[str]) -> dict[str, list[Money]]:
        Bill.objects.filter(pk=bill.pk).update(next_at=called)
        return {code: [] for code in codes}

    ask(bill, Gateway(inquire=paid_meanwhile), at + 30 * SECOND)
    assert bill.next_at == called


@pytest.mark.parametrize("status", [BillStatus.VOID, BillStatus.EXPIRED])
def test_ask_due_leaves_alone_what_ended_while_it_asked(
    bill: Bill, at: datetime, status: BillStatus
) -> None:
    def ended_meanwhile(codes: list[str]) -> dict[str, list[Money]]:
        Bill.objects.filter(pk=bill.pk).update(status=status, closed_at=at)
        return {code: [] for code in codes}

    ask(bill, Gateway(inquire=ended_meanwhile), at + 30 * SECOND)
    assert (bill.status, bill.next_at) == (status, at + 5 * MINUTE)


def test_ask_due_about_many_asks_the_database_no_oftener_than_about_one(
    at: datetime,
) -> None:
    counts, known = [], dict[str, list[Money]]()
    for number in (1, 12):
        for _bill in range(number):
            paid, _open = make_issued(at), make_issued(at)
            settle(bill_code=paid.code, money=(money := make_money(paid)), by="test", at=at)
            known[str(paid.billing_code)] = [money]
        Bill.objects.update(next_at=at)
        with CaptureQueriesContext(connection) as asked:
            gateway = Gateway(inquire=lambda codes: {code: known.get(code, []) for code in codes})
            assert ask_due(gateway=gateway, at=at + MINUTE) == Bill.objects.count()
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_ask_all_due_asks_about_each_once_batch_after_batch(at: datetime) -> None:
    number = 2 * BATCH + 1
    Bill.objects.bulk_create(
        Bill(
            payer=f"MANY{each:06}",
            payer_name="Siti",
            amount=650_000,
            status=BillStatus.ISSUED,
            billing_code=f"{each:015}",
            pay_minutes=PAY_MINUTES,
            grace_minutes=GRACE_MINUTES,
            requested_at=at,
            issued_at=at,
            pay_until=at + 2 * HOUR,
            next_at=at,
        )
        for each in range(number)
    )
    gateway = says()
    assert ask_all_due(gateway=gateway) == number
    assert [len(codes) for codes in gateway.asked] == [BATCH, BATCH, 1]
    assert len({code for codes in gateway.asked for code in codes}) == number
    assert Bill.objects.filter(asked_at__gte=at, next_at__gt=at + 20 * SECOND).count() == number


def test_ask_due_with_one_answer_that_cannot_be_used_holds_up_no_other(at: datetime) -> None:
    bills = [make_issued(at) for _ in range(3)]
    receipt = make_money(bills[0], at=at, ntpn="SAMEFORTWOBILLS1")
    own = make_money(bills[2], at=at)
    answers = {bills[0]: [receipt], bills[1]: [receipt], bills[2]: [own]}
    by_code = {bill.billing_code or "": money for bill, money in answers.items()}

    assert ask_due(gateway=Gateway(inquire=lambda _codes: by_code), at=at + HOUR) == 3

    for bill in bills:
        bill.refresh_from_db()
    statuses = sorted(bill.status for bill in bills)
    odd = next(bill for bill in bills if bill.status == "issued")
    assert statuses == ["issued", "paid", "paid"]
    assert odd.trouble == "NtpnTaken: SAMEFORTWOBILLS1"
    assert odd.next_at == at + HOUR + UNKNOWN_AGAIN


def test_ask_due_with_the_receipt_of_another_bill_never_expires_this_one(at: datetime) -> None:
    paid, odd = make_issued(at), make_issued(at)
    receipt = make_money(paid, at=at)
    ask(paid, says(receipt), at + MINUTE)
    ask(odd, says(receipt), at + END + HOUR)
    assert odd.status == "issued"


def test_ask_due_of_a_worker_that_died_is_repeated_after_its_lease(
    bill: Bill, at: datetime
) -> None:
    def die(_codes: list[str]) -> dict[str, list[Money]]:
        raise KeyboardInterrupt

    due = at + 30 * SECOND
    with pytest.raises(KeyboardInterrupt):
        ask_due(gateway=Gateway(inquire=die), at=due)
    assert ask_due(gateway=NOT_PAID, at=due + LEASE - SECOND) == 0
    assert ask_due(gateway=NOT_PAID, at=due + LEASE) == 1
