"""Money as banks really report it: late, twice, wrong, and for codes that nobody gave."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.simulators.gateway import ask, get, issued, order, post, soon
from tests.simulators.running import Simponi, until


def shown(simponi: Simponi, code: str) -> dict[str, Any]:
    bill: dict[str, Any] = get(simponi, f"/v1/bills/{code}").json()
    return bill


def amounts(simponi: Simponi, code: str) -> list[int]:
    return [payment["amount"] for payment in shown(simponi, code)["payments"]]


def expired(simponi: Simponi) -> dict[str, Any]:
    bill = issued(simponi, expires_at=soon(1))
    until(
        lambda: shown(simponi, bill["billing_code"])["status"] == "EXPIRED",
        seconds=20,
        what="the bill to expire",
    )
    return bill


def a_code() -> str:
    return str(secrets.randbelow(9 * 10**14) + 10**14)


def test_pay_in_time_told_after_the_end_is_taken_and_turns_expired_into_paid(
    simponi: Simponi,
) -> None:
    bill = expired(simponi)
    paid_at = datetime.fromisoformat(bill["expires_at"]) - timedelta(milliseconds=1)
    receipt = simponi.pay(bill["billing_code"], paid_at=paid_at.isoformat())
    after = shown(simponi, bill["billing_code"])
    assert (after["status"], len(after["payments"])) == ("PAID", 1)
    assert receipt["paid_at"] == paid_at.isoformat()


def test_pay_after_the_end_is_refused_unless_the_bank_takes_it_anyhow(simponi: Simponi) -> None:
    bill = expired(simponi)
    body = {"billing_code": bill["billing_code"], "channel": "atm", "paid_at": soon(1)}
    assert post(simponi, "/v1/pay", body).status_code == 410
    receipt = simponi.pay(bill["billing_code"], anyhow=True)
    assert receipt["paid_at"] > bill["expires_at"]
    assert amounts(simponi, bill["billing_code"]) == [bill["amount"]]


def test_pay_twice_anyhow_gives_two_receipts_in_one_bill(simponi: Simponi) -> None:
    code = issued(simponi)["billing_code"]
    first, second = simponi.pay(code), simponi.pay(code, anyhow=True)
    told = [payment["ntpn"] for payment in shown(simponi, code)["payments"]]
    assert told == [first["ntpn"], second["ntpn"]]
    assert first["ntpn"] != second["ntpn"]
    inquired = post(simponi, "/v1/inquiries", {"billing_codes": [code]}).json()["bills"]
    assert inquired == [shown(simponi, code)]


@pytest.mark.parametrize("amount", [1, 1_649_999, 1_650_001, 999_999_999_999])
def test_pay_another_amount_is_booked_as_paid(simponi: Simponi, amount: int) -> None:
    code = issued(simponi)["billing_code"]
    simponi.pay(code, amount=amount)
    assert amounts(simponi, code) == [amount]


def test_pay_unknown_code_anyhow_is_taken_and_no_bill_comes_of_it(simponi: Simponi) -> None:
    code = a_code()
    receipt = simponi.pay(code, anyhow=True, amount=350_000)
    assert get(simponi, f"/v1/bills/{code}").status_code == 404
    page = simponi.web.get(f"{simponi.url}/receipts/{receipt['ntpn']}", timeout=10)
    assert (page.status_code, receipt["ntpn"] in page.text) == (200, True)


def test_pay_unknown_code_without_an_amount_is_refused(simponi: Simponi) -> None:
    body = {"billing_code": a_code(), "channel": "atm", "anyhow": True}
    answer = post(simponi, "/v1/pay", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/amount")


def test_money_that_beats_its_code_is_in_the_bill_from_the_beginning(simponi: Simponi) -> None:
    code = a_code()
    receipt = simponi.pay(code, anyhow=True, amount=1_650_000)
    simponi.control(next_codes=[code])
    bill, other = ask(simponi, order()).json(), ask(simponi, order()).json()
    assert (bill["billing_code"], bill["status"]) == (code, "PAID")
    assert [payment["ntpn"] for payment in bill["payments"]] == [receipt["ntpn"]]
    assert other["billing_code"] != code


@pytest.mark.parametrize(
    ("oddity", "paid"),
    [
        ("normal", [1_650_000]),
        ("twice", [1_650_000, 1_650_000]),
        ("short", [1_649_000]),
        ("over", [1_651_000]),
    ],
)
def test_bank_told_to_be_odd_is_odd_with_everybody(
    simponi: Simponi, oddity: str, paid: list[int]
) -> None:
    code = issued(simponi)["billing_code"]
    simponi.control(money=oddity)
    simponi.web.post(f"{simponi.url}/pay", data={"code": code, "channel": "atm"}, timeout=10)
    assert amounts(simponi, code) == paid


def test_bank_told_to_be_late_takes_money_after_the_end(simponi: Simponi) -> None:
    bill = expired(simponi)
    simponi.control(money="late")
    early = issued(simponi)
    for tried in (bill, early):
        assert simponi.pay(tried["billing_code"])["paid_at"] > tried["expires_at"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("amount", value) for value in [None, 0, -1, "1", 1.5, 10**12]],
        *[("paid_at", value) for value in [None, "now", "2026-11-03T10:00:00"]],
        *[("settled_on", value) for value in [None, "today", 7]],
        *[("anyhow", value) for value in [None, 1, "yes"]],
    ],
)
def test_pay_with_a_bad_oddity_answers_422_and_takes_nothing(
    simponi: Simponi, field: str, value: object
) -> None:
    code = issued(simponi)["billing_code"]
    answer = post(simponi, "/v1/pay", {"billing_code": code, "channel": "atm", field: value})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    assert amounts(simponi, code) == []


def test_payments_out_of_order_are_told_in_the_order_of_their_report(simponi: Simponi) -> None:
    code = issued(simponi)["billing_code"]
    now = datetime.now(UTC)
    for minutes in (5, 1, 9):
        simponi.pay(code, anyhow=True, paid_at=(now - timedelta(minutes=minutes)).isoformat())
    times = [
        datetime.fromisoformat(payment["paid_at"]) for payment in shown(simponi, code)["payments"]
    ]
    assert times == [now - timedelta(minutes=minutes) for minutes in (5, 1, 9)]
