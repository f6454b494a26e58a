"""“I have paid”, said by a program."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from payments.models import Bill, Claim
from tests.api.conftest import Integrator
from tests.factories.applicants import make_person
from tests.factories.appointments import make_awaiting

pytestmark = pytest.mark.django_db

NTPN = "9K2V7Q0XW4TB61MD"


def awaiting(integrator: Integrator) -> Bill:
    bill = make_awaiting(person=make_person(integrator.account)).bill
    assert bill is not None
    return bill


def test_claim_by_a_program_says_until_when_the_answer_is_there(integrator: Integrator) -> None:
    bill = awaiting(integrator)
    answer = integrator.post(f"bills/{bill.code}/claim/", {"ntpn": "9k2v 7q0x w4tb 61md"})
    said = answer.json()
    assert answer.status_code == 201
    assert (said["ntpn"], said["ntb"], said["answered_at"]) == (NTPN, "", None)
    due, told = (datetime.fromisoformat(said[name]) for name in ("answer_due_at", "claimed_at"))
    assert due - told == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "#/ntpn"),
        ({"ntpn": ""}, "#/ntpn"),
        ({"ntpn": "123"}, "#/ntpn"),
        ({"ntpn": ["A" * 16]}, "#/ntpn"),
        ({"ntpn": NTPN, "ntb": "1" * 21}, "#/ntb"),
        ({"ntpn": NTPN, "amount": 1}, None),
    ],
)
def test_claim_with_bad_input_is_refused_at_its_field(
    integrator: Integrator, body: dict[str, Any], field: str | None
) -> None:
    answer = integrator.post(f"bills/{awaiting(integrator).code}/claim/", body)
    pointers = [error["pointer"] for error in answer.json().get("errors", [])]
    assert answer.status_code in {400, 422}
    assert field is None or field in pointers
    assert not Claim.objects.exists()


def test_claim_for_somebody_elses_bill_is_not_found(integrator: Integrator) -> None:
    other = make_awaiting().bill
    assert other is not None
    answer = integrator.post(f"bills/{other.code}/claim/", {"ntpn": NTPN})
    assert (answer.status_code, Claim.objects.count()) == (404, 0)
