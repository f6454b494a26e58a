"""The bill's states: PostgreSQL lets pass what the table has, and nothing else."""

import itertools

import pytest
from django.db import Error

from payments.enums import BILL_MOVES, BillStatus
from payments.models import Bill, Payment, Settlement
from tests.database import sql, triggers_off
from tests.payments.making import make_issued

pytestmark = pytest.mark.django_db

# requested → issued → paid; exits expired, void.
LEGAL = {
    ("requested", "issued"),
    ("requested", "expired"),
    ("requested", "void"),
    ("issued", "paid"),
    ("issued", "expired"),
    ("issued", "void"),
    # in time by the bank's clock, known late
    ("expired", "paid"),
}
ALL = list(itertools.product(BillStatus.values, repeat=2))


def move(bill: Bill, status: str) -> None:
    """With what a paid bill needs besides its status."""
    payment = receipt(bill).pk if status == "paid" else None
    sql(
        "UPDATE payments_bill SET status = %s, paid_by_id = %s WHERE id = %s",
        status,
        payment,
        bill.pk,
    )


def receipt(bill: Bill) -> Payment:
    at = bill.requested_at
    facts = {"ntpn": "A" * 16, "amount": 1, "paid_at": at, "known_at": at}
    payment = Payment.objects.get_or_create(bill=bill, defaults=facts)[0]
    Settlement.objects.get_or_create(payment=payment, outcome="bill_paid", at=at)
    return payment


def bill_in(status: str) -> Bill:
    bill = make_issued()
    with triggers_off():
        move(bill, status)
    return bill


def test_moves_of_a_bill_are_those_written_down() -> None:
    assert {(str(old), str(new)) for old, new in BILL_MOVES} == LEGAL


@pytest.mark.parametrize(("old", "new"), [move for move in ALL if move in LEGAL])
def test_bill_moves_along_the_table(old: str, new: str) -> None:
    bill = bill_in(old)
    move(bill, new)
    bill.refresh_from_db()
    assert bill.status == new


@pytest.mark.parametrize(
    ("old", "new"), [(old, new) for old, new in ALL if (old, new) not in LEGAL and old != new]
)
def test_bill_moves_nowhere_else(old: str, new: str) -> None:
    bill = bill_in(old)
    with pytest.raises(Error, match="Invalid transition"):
        move(bill, new)
    bill.refresh_from_db()
    assert bill.status == old
