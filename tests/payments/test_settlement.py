"""Money becomes a paid bill or a case, once, and stays as it was booked."""

from datetime import datetime, timedelta

import pytest
from django.db import Error, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from mpaspor.audit import trail
from mpaspor.core import clock
from payments.enums import BillStatus
from payments.gateway.port import Issued, Order
from payments.invariants import broken
from payments.issuing import issue_requested
from payments.models import Bill, Case, Payment, Settlement
from payments.moments import end_of
from payments.queries import cases_of
from payments.settlement import NtpnTaken, match_orphans, settle, settle_by_code
from payments.signals import bill_paid
from payments.voiding import void_bill
from tests.database import check_deferred, sql, triggers_off
from tests.factories.appointments import make_money
from tests.payments.making import Gateway, make_issued, make_requested

pytestmark = pytest.mark.django_db

CODE = "9" * 15


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def bill(at: datetime) -> Bill:
    return make_issued(at)


def pay(bill: Bill, at: datetime, **facts: object) -> Settlement:
    booked = settle(bill_code=bill.code, money=make_money(bill, at=at, **facts), by="test", at=at)
    bill.refresh_from_db()
    check_deferred()
    return booked


def unsettled(bill: Bill, at: datetime) -> Payment:
    """A row that only `settle` may make, and not without its settlement."""
    return Payment.objects.create(bill=bill, ntpn="A" * 16, amount=1, paid_at=at, known_at=at)


def booked() -> list[tuple[str, str, str]]:
    rows = Settlement.objects.order_by("pk").values_list("payment__ntpn", "outcome", "case")
    return list(rows)


def test_settle_of_the_whole_amount_pays_the_bill(bill: Bill, at: datetime) -> None:
    pay(bill, at, ntpn="A" * 16)
    assert (bill.status, bill.closed_at) == (BillStatus.PAID, at)
    assert booked() == [("A" * 16, "bill_paid", "")]


def test_settle_books_the_money_as_the_bank_told_it(bill: Bill, at: datetime) -> None:
    paid_at = at - timedelta(minutes=3)
    pay(bill, at, ntb="77", channel="atm", paid_at=paid_at)
    payment = Payment.objects.get()
    assert (payment.ntb, payment.channel, payment.amount) == ("77", "atm", 1_650_000)
    assert (payment.paid_at, payment.known_at) == (paid_at, at)


def test_settle_of_the_same_payment_again_does_nothing(bill: Bill, at: datetime) -> None:
    first = pay(bill, at, ntpn="A" * 16)
    audited = len(trail.of(f"bill:{bill.code}"))
    later = at + timedelta(days=2)
    assert [pay(bill, later, ntpn="A" * 16) for _ in range(5)] == [first] * 5
    assert (Payment.objects.count(), len(trail.of(f"bill:{bill.code}"))) == (1, audited)
    assert bill.closed_at == at


def test_settle_of_a_second_payment_is_a_case(bill: Bill, at: datetime) -> None:
    pay(bill, at, ntpn="A" * 16)
    pay(bill, at, ntpn="B" * 16)
    assert booked() == [("A" * 16, "bill_paid", ""), ("B" * 16, "case", "duplicate")]
    assert bill.status == BillStatus.PAID
    assert [case.payment.ntpn for case in cases_of(bill)] == ["B" * 16]


@pytest.mark.parametrize("amount", [1, 1_649_999, 1_650_001, 999_999_999_999])
def test_settle_of_a_wrong_amount_is_a_case_and_pays_nothing(
    bill: Bill, at: datetime, amount: int
) -> None:
    pay(bill, at, ntpn="A" * 16, amount=amount)
    assert booked() == [("A" * 16, "case", "amount_mismatch")]
    assert bill.status == BillStatus.ISSUED


def test_settle_after_a_wrong_amount_still_pays_with_the_right_one(
    bill: Bill, at: datetime
) -> None:
    pay(bill, at, ntpn="A" * 16, amount=1)
    pay(bill, at, ntpn="B" * 16)
    assert booked() == [("A" * 16, "case", "amount_mismatch"), ("B" * 16, "bill_paid", "")]
    assert bill.status == BillStatus.PAID


def test_settle_for_a_void_bill_is_a_case(bill: Bill, at: datetime) -> None:
    void_bill(bill_code=bill.code, by="test", at=at)
    pay(bill, at, ntpn="A" * 16)
    assert booked() == [("A" * 16, "case", "dead_bill")]
    assert bill.status == BillStatus.VOID


def test_settle_for_a_bill_whose_code_we_do_not_have_yet_is_a_case(at: datetime) -> None:
    bill = make_requested(at)
    pay(bill, at, ntpn="A" * 16)
    assert booked() == [("A" * 16, "case", "late")]


@pytest.mark.parametrize("status", ["issued", "expired"])
@pytest.mark.parametrize(
    ("seconds", "outcome"),
    [(-1, ("bill_paid", "")), (0, ("bill_paid", "")), (1, ("case", "late"))],
)
def test_settle_judges_lateness_by_the_clock_of_the_bank(
    bill: Bill, at: datetime, status: str, seconds: int, outcome: tuple[str, str]
) -> None:
    Bill.objects.filter(pk=bill.pk).update(status=status, closed_at=at)
    paid_at = end_of(bill) + timedelta(seconds=seconds)
    pay(bill, at + timedelta(days=1), ntpn="A" * 16, paid_at=paid_at)
    assert booked() == [("A" * 16, *outcome)]
    assert bill.status == ("paid" if outcome[0] == "bill_paid" else status)


def test_settle_of_money_before_the_end_makes_an_expired_bill_paid_once(
    bill: Bill, at: datetime
) -> None:
    """PAID after EXPIRED, and whatever is told after that."""
    Bill.objects.filter(pk=bill.pk).update(status="expired", closed_at=at)
    for ntpn in ("A" * 16, "A" * 16, "B" * 16):
        pay(bill, at, ntpn=ntpn)
    assert booked() == [("A" * 16, "bill_paid", ""), ("B" * 16, "case", "duplicate")]
    assert bill.paid_by == Payment.objects.get(ntpn="A" * 16)


def orphan(at: datetime, **facts: object) -> Settlement:
    money = make_money(Bill(amount=1_650_000), at=at, ntpn="A" * 16, **facts)
    return settle_by_code(billing_code=CODE, money=money, by="test", at=at)


def test_settle_by_code_of_a_known_bill_settles_it(bill: Bill, at: datetime) -> None:
    money = make_money(bill, at=at, ntpn="A" * 16)
    settle_by_code(billing_code=bill.billing_code or "", money=money, by="test", at=at)
    assert booked() == [("A" * 16, "bill_paid", "")]


def test_settle_by_code_that_nobody_knows_is_an_orphan_once(at: datetime) -> None:
    assert [orphan(at) for _ in range(3)] == [Settlement.objects.get()] * 3
    assert booked() == [("A" * 16, "case", "orphan")]
    case = Case.objects.get()
    assert (case.status, case.payment.bill, case.payment.billing_code) == ("open", None, CODE)


def test_settle_by_code_with_a_receipt_of_another_code_is_refused(at: datetime) -> None:
    orphan(at)
    money = make_money(Bill(amount=1), ntpn="A" * 16)
    with pytest.raises(NtpnTaken):
        settle_by_code(billing_code="8" * 15, money=money, by="test", at=at)


def gateway_with_code() -> Gateway:
    return Gateway(create=lambda order: Issued(CODE, order.expires_at, at_of(order)))


def at_of(order: Order) -> datetime:
    return order.expires_at


@pytest.mark.parametrize(
    ("facts", "status", "cases"),
    [
        ({}, "paid", [("orphan", "matched")]),
        ({"amount": 7}, "issued", [("orphan", "matched"), ("amount_mismatch", "")]),
    ],
)
def test_orphan_is_taken_in_when_its_bill_gets_the_code(
    at: datetime, facts: dict[str, object], status: str, cases: list[tuple[str, str]]
) -> None:
    orphan(at, **facts)
    bill = make_requested(at)
    issue_requested(gateway=gateway_with_code(), at=at)
    bill.refresh_from_db()
    check_deferred()
    assert bill.status == status
    assert list(Case.objects.order_by("pk").values_list("kind", "ending")) == cases
    assert list(broken(at=at)) == []


def test_match_orphans_finds_what_was_told_at_the_moment_of_the_code(at: datetime) -> None:
    bill = make_issued(at)
    orphan(at)
    with triggers_off():
        sql("UPDATE payments_bill SET billing_code = %s", CODE)
    assert (match_orphans(at=at), match_orphans(at=at)) == (1, 0)
    bill.refresh_from_db()
    assert (bill.status, Case.objects.get().ending) == ("paid", "matched")


def test_settle_of_an_orphan_for_its_bill_takes_it_in(at: datetime) -> None:
    bill = make_issued(at)
    orphan(at)
    with triggers_off():
        sql("UPDATE payments_bill SET billing_code = %s", CODE)
    pay(bill, at, ntpn="A" * 16)
    assert (bill.status, Payment.objects.count()) == ("paid", 1)


def test_settle_of_a_payment_for_another_bill_is_refused_and_changes_nothing(
    bill: Bill, at: datetime
) -> None:
    other = make_issued(at)
    pay(bill, at, ntpn="A" * 16)
    with pytest.raises(NtpnTaken):
        pay(other, at, ntpn="A" * 16)
    other.refresh_from_db()
    assert (other.status, Payment.objects.count()) == ("issued", 1)


def test_settle_writes_one_audit_line_with_the_outcome(bill: Bill, at: datetime) -> None:
    pay(bill, at, amount=7)
    last = trail.of(f"bill:{bill.code}")[-1]
    assert (last.deed, last.door) == ("payment.settle", "test")
    assert last.facts == {"amount": 7, "case": "amount_mismatch"}


@pytest.mark.parametrize(("facts", "announced"), [({}, 1), ({"amount": 7}, 0)])
def test_settle_announces_a_paid_bill_after_the_commit(
    bill: Bill,
    at: datetime,
    facts: dict[str, object],
    announced: int,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    told: list[tuple[str, datetime]] = []

    def listen(bill_code: str, at: datetime, **_rest: object) -> None:
        told.append((bill_code, at))

    bill_paid.connect(listen)
    try:
        with django_capture_on_commit_callbacks() as callbacks:
            pay(bill, at, **facts)
            assert told == []
        for callback in callbacks:
            callback()
    finally:
        bill_paid.disconnect(listen)
    assert told == [(bill.code, at)] * announced


@pytest.mark.django_db(transaction=True)
def test_payment_without_settlement_is_refused_at_the_commit(at: datetime) -> None:
    bill = make_issued(at)
    with pytest.raises(Error, match="is not settled"):
        unsettled(bill, at)
    assert Payment.objects.count() == 0


def test_payment_with_an_ntpn_that_is_known_is_refused_by_the_database(
    bill: Bill, at: datetime
) -> None:
    pay(bill, at, ntpn="A" * 16)
    with pytest.raises(Error, match="ntpn"), transaction.atomic():
        unsettled(bill, at)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_payment SET amount = 1",
        "UPDATE payments_payment SET ntpn = 'X'",
        "UPDATE payments_payment SET paid_at = now()",
        "UPDATE payments_payment SET bill_id = bill_id",
        "DELETE FROM payments_payment",
        "DELETE FROM payments_settlement",
        "UPDATE payments_settlement SET outcome = 'case', \"case\" = 'late'",
        "UPDATE payments_settlement SET at = now()",
    ],
)
def test_money_that_is_booked_stays_as_it_is_in_the_database(
    bill: Bill, at: datetime, statement: str
) -> None:
    pay(bill, at, ntpn="A" * 16)
    before = sql("SELECT p.*, s.* FROM payments_payment p, payments_settlement s")
    with pytest.raises(Error, match="pgtrigger: Cannot"):
        sql(statement)
    assert sql("SELECT p.*, s.* FROM payments_payment p, payments_settlement s") == before


@pytest.mark.parametrize(
    ("outcome", "case"), [("case", ""), ("bill_paid", "late"), ("bill_paid", "duplicate")]
)
def test_settlement_with_outcome_and_case_at_odds_is_refused_by_the_database(
    bill: Bill, at: datetime, outcome: str, case: str
) -> None:
    payment = unsettled(bill, at)
    with pytest.raises(Error, match="case_has_a_kind"), transaction.atomic():
        Settlement.objects.create(payment=payment, outcome=outcome, case=case, at=at)
    Settlement.objects.create(payment=payment, outcome="case", case="late", at=at)
