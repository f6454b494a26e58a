import re

import pytest
from django.db import Error, IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from mpaspor.audit import trail
from mpaspor.core import clock
from payments.billing import gateway_name
from payments.enums import BillStatus
from payments.models import Bill
from tests.database import sql
from tests.payments.making import LINES, make_issued, make_requested

pytestmark = pytest.mark.django_db

# docs/simponi.md
WIRE_NAME = re.compile(r"[A-Z0-9 .,-]{1,60}")


def test_request_bill_is_the_sum_of_its_lines_and_due_at_once() -> None:
    at = clock.now()
    bill = make_requested(at)
    assert (bill.status, bill.amount, bill.billing_code) == ("requested", 1_650_000, None)
    assert (bill.requested_at, bill.next_at) == (at, at)
    lines = [(line.tariff, line.description, line.amount) for line in bill.lines.order_by("pk")]
    assert lines == [(line.tariff, line.description, line.amount) for line in LINES]


def test_request_bill_writes_one_audit_line() -> None:
    bill = make_requested()
    entries = [(entry.deed, entry.facts) for entry in trail.of(f"bill:{bill.code}")]
    assert entries == [("bill.request", {"amount": 1_650_000})]


@pytest.mark.parametrize("make", [make_requested, make_issued])
def test_request_bill_while_one_is_open_is_refused_by_the_database(make: type) -> None:
    make(payer="SAMEPAYER1")
    with pytest.raises(IntegrityError, match="one_open_bill"), transaction.atomic():
        make_requested(payer="SAMEPAYER1")


def test_request_bill_after_the_first_has_ended_is_another_one() -> None:
    first = make_requested(payer="SAMEPAYER1")
    Bill.objects.filter(pk=first.pk).update(status=BillStatus.VOID, closed_at=clock.now())
    assert make_requested(payer="SAMEPAYER1").code != first.code


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_bill SET amount = 1 WHERE id = %s",
        "UPDATE payments_bill SET payer = 'OTHER' WHERE id = %s",
        "UPDATE payments_bill SET code = 'OTHER' WHERE id = %s",
        "DELETE FROM payments_bill WHERE id = %s",
        "UPDATE payments_billline SET amount = 1 WHERE bill_id = %s",
        "DELETE FROM payments_billline WHERE bill_id = %s",
    ],
)
def test_bill_is_frozen_in_the_database(statement: str) -> None:
    bill = make_requested()
    with pytest.raises(Error, match="pgtrigger: Cannot"):
        sql(statement, bill.pk)
    bill.refresh_from_db()
    assert (bill.amount, bill.lines.count()) == (1_650_000, 2)


@pytest.mark.parametrize(
    "code", [None, "", "12345678901234", "1234567890123456", "12345678901234A"]
)
def test_bill_without_a_proper_code_cannot_be_issued_in_the_database(code: str | None) -> None:
    bill = make_requested()
    with pytest.raises(Error):
        sql(
            "UPDATE payments_bill SET status = 'issued', billing_code = %s WHERE id = %s",
            code,
            bill.pk,
        )


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("Siti Nurhaliza", "SITI NURHALIZA"),
        ("Ma'ruf D'Arcy", "MARUF DARCY"),
        ("Ma’ruf ʼAlī", "MARUF ALI"),
        ("José Ñandú Zoë", "JOSE NANDU ZOE"),
        ("Weiß", "WEISS"),
        ("R.A. Kartini, S.H.", "R.A. KARTINI, S.H."),
        ("Anne-Marie", "ANNE-MARIE"),
        ("Siti 🌺 Rahayu", "SITI RAHAYU"),
        ("  Siti \t\n Rahayu  ", "SITI RAHAYU"),
        ("Siti\u00a0Rahayu", "SITI RAHAYU"),
        ("A\x00B", "AB"),
        ("2Pac", "2PAC"),
        ("王小明", "PEMOHON"),
        ("'", "PEMOHON"),
        ("", "PEMOHON"),
        ("A" * 80, "A" * 60),
        ("A" * 59 + " B", "A" * 59),
    ],
)
def test_gateway_name_has_only_letters_the_gateway_bears(name: str, sent: str) -> None:
    assert gateway_name(name) == sent


@given(st.text(max_size=200))
def test_gateway_name_of_anything_is_taken_by_the_gateway(name: str) -> None:
    assert WIRE_NAME.fullmatch(gateway_name(name))


def test_request_bill_keeps_the_name_it_will_send() -> None:
    assert make_requested(payer_name="Ma'ruf").payer_name == "MARUF"
