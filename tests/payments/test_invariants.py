"""Each rule of bills and money, broken behind the back of everything that guards it."""

from datetime import datetime, timedelta

import pytest
from django.db import Error

from mpaspor.core import clock
from payments.invariants import broken
from payments.models import Bill
from payments.settlement import settle, settle_by_code
from tests.database import check_deferred, sql, triggers_off
from tests.factories.appointments import make_money
from tests.payments.making import make_issued, make_requested

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return clock.now()


def paid(at: datetime) -> Bill:
    bill = make_issued(at)
    settle(bill_code=bill.code, money=make_money(bill, ntpn="A" * 16), by="test", at=at)
    return bill


def test_broken_with_bills_in_every_good_state_says_nothing(at: datetime) -> None:
    paid(at)
    make_issued(at)
    make_requested(at)
    expired = make_issued(at)
    Bill.objects.filter(pk=expired.pk).update(status="expired", closed_at=at)
    late = make_money(expired)
    settle(bill_code=expired.code, money=late, by="test", at=at)
    assert list(broken(at=at)) == []


def test_broken_names_a_payment_without_settlement(at: datetime) -> None:
    paid(at)
    check_deferred()
    with triggers_off():
        sql("DELETE FROM payments_settlement")
    assert list(broken(at=at)) == [f"payment {'A' * 16} is not settled"]


def test_bill_that_is_paid_without_money_is_refused_by_the_database(at: datetime) -> None:
    make_issued(at)
    with pytest.raises(Error, match="paid_by_a_payment"):
        sql("UPDATE payments_bill SET status = 'paid'")


def test_broken_names_a_bill_that_is_settled_yet_expired(at: datetime) -> None:
    bill = paid(at)
    with triggers_off():
        sql("UPDATE payments_bill SET status = 'expired', paid_by_id = NULL")
    assert list(broken(at=at)) == [
        f"payment {'A' * 16} paid no bill and is no case",
        f"bill {bill.code} is settled yet expired",
    ]


def test_broken_names_money_that_is_a_case_nowhere(at: datetime) -> None:
    bill = make_issued(at)
    settle(bill_code=bill.code, money=make_money(bill, amount=1, ntpn="A" * 16), by="x", at=at)
    with triggers_off():
        sql("DELETE FROM payments_case")
    assert list(broken(at=at)) == [f"payment {'A' * 16} paid no bill and is no case"]


@pytest.mark.parametrize(("seconds", "lines"), [(600, 0), (601, 1)])
def test_broken_names_an_orphan_whose_bill_is_known_for_ten_minutes(
    at: datetime, seconds: int, lines: int
) -> None:
    money = make_money(make_issued(at), ntpn="A" * 16)
    settle_by_code(billing_code="1" * 15, money=money, by="test", at=at)
    with triggers_off():
        sql("UPDATE payments_bill SET billing_code = %s", "1" * 15)
    said = [f"payment {'A' * 16} is an orphan although its bill is known"] * lines
    assert list(broken(at=at + timedelta(seconds=seconds))) == said


@pytest.mark.parametrize(("seconds", "lines"), [(899, 0), (900, 0), (901, 1)])
def test_broken_names_a_bill_that_waits_for_its_code_too_long(
    at: datetime, seconds: int, lines: int
) -> None:
    bill = make_requested(at)
    said = [f"bill {bill.code} has waited for its code for more than 15 minutes"] * lines
    assert list(broken(at=at + timedelta(seconds=seconds))) == said
