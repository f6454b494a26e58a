"""Four hundred payments by sixteen threads, as `make walk` does fifty thousand."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from appointments.invariants import broken
from benchmarks.walk import Found, guards_off, look, make_world, walk
from mpaspor.core import clock
from payments.models import Bill, Case, Payment
from payments.settlement import NtpnTaken, _settle_orphan, settle, settle_by_code
from tests.factories.appointments import make_awaiting, make_money
from tests.races.crowd import DEADLINE
from tests.simulators.running import until

PAYMENTS, FEWER = 400, 100

pytestmark = pytest.mark.django_db(transaction=True)


def walked(payments: int) -> tuple[Found, Counter[str]]:
    world = make_world(payments)
    failed = walk(world)
    return look(world), failed


def test_each_of_four_hundred_payments_pays_its_bill_or_is_one_case() -> None:
    found, failed = walked(PAYMENTS)
    assert failed == {}
    assert found.is_well, f"{found}: {found.broken[:5]}"
    assert found.payments >= PAYMENTS


def test_control_without_locks_and_constraints_the_same_walk_is_found_out() -> None:
    with guards_off():
        found, _failed = walked(FEWER)
        assert not found.is_well
        assert found.settled_once < found.payments
        assert found.rupiah_astray > 0


def test_money_booked_as_an_orphan_in_the_moment_its_bill_gets_the_code_pays_the_bill() -> None:
    """Whoever knows the bill waits for who knows only the code, and then takes the money in."""
    bill = make_awaiting().bill
    assert bill is not None
    assert bill.billing_code is not None
    money, at = make_money(bill), clock.now()

    def settle_for_the_bill() -> str:
        try:
            return settle(bill_code=bill.code, money=money, by="simponi", at=at).outcome
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            # As settle_by_code does where it looked for the bill before the code was there.
            _settle_orphan(bill.billing_code, money, by="reconciliation", at=at)
            settled = other.submit(settle_for_the_bill)
            until(somebody_waits, seconds=DEADLINE, what="the other to wait for the receipt")
        assert settled.result() == "case"

    bill.refresh_from_db()
    assert (bill.status, Payment.objects.count()) == ("paid", 1)
    assert not Case.objects.exclude(status="closed").exists()
    assert list(broken(at=clock.now())) == []


def test_receipt_told_for_two_codes_of_nobody_in_one_moment_is_refused_to_the_second() -> None:
    bill = Bill(amount=650_000)
    money, at = make_money(bill), clock.now()

    def settle_for_another_code() -> str:
        try:
            settle_by_code(billing_code="2" * 15, money=money, by="simponi", at=at)
        except NtpnTaken:
            return "refused"
        finally:
            connection.close()
        return "booked"

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            settle_by_code(billing_code="1" * 15, money=money, by="simponi", at=at)
            settled = other.submit(settle_for_another_code)
            until(somebody_waits, seconds=DEADLINE, what="the other to wait for the receipt")
        assert settled.result() == "refused"


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone() != (0,))
