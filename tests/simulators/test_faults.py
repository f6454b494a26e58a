import time
from collections import Counter
from typing import Any

import pytest
import requests

from tests.simulators.gateway import ask, get, issued, order, post
from tests.simulators.running import Simponi, until

NO_FAULTS = {
    "latency_ms": 0,
    "latency_rate": 1,
    "slow_ms": 28_000,
    "fail": "none",
    "fail_count": None,
    "rates": {},
    "seed": 0,
    "callback": "normal",
    "callback_copies": 2,
    "callback_delay_ms": 10_000,
    "money": "normal",
    "next_codes": [],
    "file_left_out": [],
    "file_changed": {},
    "file_added": 0,
    "file_broken": 0,
    "file_cut": False,
}


def kept(simponi: Simponi, sent: dict[str, Any]) -> bool:
    return get(simponi, f"/v1/bills?request_key={sent['request_key']}").status_code == 200


def test_control_begins_without_faults(simponi: Simponi) -> None:
    assert simponi.web.get(f"{simponi.url}/control", timeout=10).json() == NO_FAULTS


def test_control_changes_only_what_is_sent(simponi: Simponi) -> None:
    simponi.control(latency_ms=5, fail="500", fail_count=3)
    assert simponi.control(callback="late") == NO_FAULTS | {
        "latency_ms": 5,
        "fail": "500",
        "fail_count": 3,
        "callback": "late",
    }


def test_control_new_fail_without_count_holds_until_changed(simponi: Simponi) -> None:
    simponi.control(fail="500", fail_count=3)
    assert simponi.control(fail="html") == NO_FAULTS | {"fail": "html"}


def test_reset_takes_faults_off_and_keeps_bills(simponi: Simponi) -> None:
    bill = issued(simponi)
    simponi.control(latency_ms=5, fail="500", fail_count=3, callback="none", callback_delay_ms=1)
    assert simponi.reset() == NO_FAULTS
    assert get(simponi, f"/v1/bills/{bill['billing_code']}").json() == bill


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *[("latency_ms", value) for value in [None, -1, "1", 1.5, True, 600_001]],
        *[("callback_delay_ms", value) for value in [None, -1, "1", 600_001]],
        *[("fail", value) for value in [None, 500, "", "boom", ["500"]]],
        *[("callback", value) for value in [None, 1, "boom"]],
        *[("fail_count", value) for value in [0, -1, "1", 1.5, False]],
        *[("latency_rate", value) for value in [None, -0.1, 1.1, "1", True]],
        ("rates", None),
        ("rates", []),
        ("rates", {"500": 0.6, "html": 0.6}),
        *[("seed", value) for value in [None, -1, 1.5]],
        *[("callback_copies", value) for value in [None, 0, 21]],
        *[("money", value) for value in [None, "gold"]],
        ("next_codes", None),
        ("next_codes", "1"),
        ("next_codes", ["1" * 15] * 1001),
        ("file_left_out", None),
        ("file_left_out", {}),
        ("file_changed", None),
        ("file_changed", []),
        *[("file_added", value) for value in [None, -1, 100_001]],
        ("file_cut", 1),
        ("unknown", 1),
    ],
)
def test_control_bad_setting_answers_422_and_changes_nothing(
    simponi: Simponi, setting: str, value: object
) -> None:
    body = {"latency_ms": 7} | {setting: value}
    response = simponi.web.post(f"{simponi.url}/control", json=body, timeout=10)
    assert (response.status_code, [error["pointer"] for error in response.json()["errors"]]) == (
        422,
        [f"/{setting}"],
    )
    assert simponi.web.get(f"{simponi.url}/control", timeout=10).json() == NO_FAULTS


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"rates": {"boom": 0.1}}, "/rates/boom"),
        ({"rates": {"500": 2}}, "/rates/500"),
        ({"next_codes": ["12"]}, "/next_codes/0"),
        ({"file_left_out": ["short"]}, "/file_left_out/0"),
        ({"file_changed": {"A" * 16: -1}}, f"/file_changed/{'A' * 16}"),
    ],
)
def test_control_bad_part_of_a_setting_is_named(
    simponi: Simponi, body: dict[str, object], pointer: str
) -> None:
    response = simponi.web.post(f"{simponi.url}/control", json=body, timeout=10)
    assert (response.status_code, [error["pointer"] for error in response.json()["errors"]]) == (
        422,
        [pointer],
    )


def test_latency_delays_the_api_and_not_the_bank(simponi: Simponi) -> None:
    simponi.control(latency_ms=1500)
    began = time.monotonic()
    bill = issued(simponi)
    asked = time.monotonic()
    simponi.pay(bill["billing_code"])
    paid = time.monotonic()
    assert asked - began >= 1.5
    assert paid - asked < 1.5


def test_fail_500_does_nothing_and_counts_down(simponi: Simponi) -> None:
    simponi.control(fail="500", fail_count=2)
    sent = order()
    assert [ask(simponi, sent).status_code for _ in range(2)] == [500, 500]
    assert simponi.web.get(f"{simponi.url}/control", timeout=10).json() == NO_FAULTS
    assert not kept(simponi, sent)


def test_fail_500_without_count_lasts_and_spares_bank_and_control(simponi: Simponi) -> None:
    bill = issued(simponi)
    simponi.control(fail="500")
    assert [get(simponi, f"/v1/bills/{bill['billing_code']}").status_code for _ in range(3)] == [
        500
    ] * 3
    assert post(simponi, "/v1/inquiries", {"billing_codes": []}).status_code == 500
    assert [
        simponi.web.get(simponi.url + path, timeout=10).status_code for path in ("/", "/healthz")
    ] == [200, 200]
    assert simponi.pay(bill["billing_code"])["status"] == "PAID"


def test_fail_html_answers_200_with_a_page_and_does_nothing(simponi: Simponi) -> None:
    simponi.control(fail="html", fail_count=1)
    sent = order()
    response = ask(simponi, sent)
    assert (response.status_code, response.headers["Content-Type"]) == (
        200,
        "text/html; charset=utf-8",
    )
    assert response.text.startswith("<!doctype html>")
    assert not kept(simponi, sent)


def test_fail_down_drops_the_connection_and_does_nothing(simponi: Simponi) -> None:
    simponi.control(fail="down", fail_count=1)
    sent = order()
    with pytest.raises(requests.ConnectionError):
        ask(simponi, sent)
    assert not kept(simponi, sent)


def test_fail_timeout_after_does_the_work_and_never_answers(simponi: Simponi) -> None:
    simponi.control(fail="timeout_after", fail_count=1)
    sent = order()
    with pytest.raises(requests.ReadTimeout):
        ask(simponi, sent, timeout=2)
    again = ask(simponi, sent)
    assert (again.status_code, again.json()["request_key"]) == (200, sent["request_key"])


def test_fail_timeout_after_with_a_refusal_never_answers_either(simponi: Simponi) -> None:
    simponi.control(fail="timeout_after", fail_count=1)
    with pytest.raises(requests.ReadTimeout):
        ask(simponi, {}, timeout=0.5)


def test_fail_empty_answers_200_with_nothing_and_does_nothing(simponi: Simponi) -> None:
    simponi.control(fail="empty", fail_count=1)
    sent = order()
    response = ask(simponi, sent)
    assert (response.status_code, response.content) == (200, b"")
    assert not kept(simponi, sent)


def test_fail_types_does_the_work_and_answers_in_wrong_types(simponi: Simponi) -> None:
    simponi.control(fail="types", fail_count=1)
    sent = order()
    answer = ask(simponi, sent).json()
    assert (answer["amount"], answer["status"]) == ("1650000", ["ISSUED"])
    assert kept(simponi, sent)


def test_fail_slow_answers_after_its_time(simponi: Simponi) -> None:
    simponi.control(fail="slow", slow_ms=700, fail_count=1)
    began = time.monotonic()
    assert ask(simponi, order()).status_code == 201
    assert time.monotonic() - began >= 0.7


def test_fail_forget_says_expired_without_payments_and_remembers_them_later(
    simponi: Simponi,
) -> None:
    code = issued(simponi)["billing_code"]
    simponi.pay(code)
    question = {"billing_codes": [code]}
    simponi.control(fail="forget", fail_count=1)
    said = [post(simponi, "/v1/inquiries", question).json()["bills"][0] for _ in range(2)]
    assert [(bill["status"], len(bill["payments"])) for bill in said] == [
        ("EXPIRED", 0),
        ("PAID", 1),
    ]


def strikes(simponi: Simponi, number: int) -> list[int]:
    question: dict[str, list[str]] = {"billing_codes": []}
    return [post(simponi, "/v1/inquiries", question).status_code for _ in range(number)]


def test_rates_strike_as_often_as_told_and_alike_for_the_same_seed(simponi: Simponi) -> None:
    simponi.control(rates={"500": 0.3}, seed=7)
    first = strikes(simponi, 200)
    simponi.control(seed=7)
    assert strikes(simponi, 200) == first
    simponi.control(seed=8)
    assert strikes(simponi, 200) != first
    assert 40 <= first.count(500) <= 80
    assert first.count(200) == 200 - first.count(500)


def test_latency_rate_spares_the_others(simponi: Simponi) -> None:
    simponi.control(latency_ms=60_000, latency_rate=0)
    assert strikes(simponi, 3) == [200] * 3


def test_tally_counts_what_struck(simponi: Simponi) -> None:
    def tally() -> Counter[str]:
        return Counter(simponi.web.get(f"{simponi.url}/control/tally", timeout=10).json())

    before = tally()
    simponi.control(fail="html", fail_count=2)
    strikes(simponi, 5)
    assert tally() - before == Counter({"none": 3, "html": 2})


def test_closed_door_refuses_everybody_and_opens_again(simponi: Simponi) -> None:
    bill = issued(simponi)
    answer = simponi.web.post(f"{simponi.url}/control/close", json={"seconds": 1}, timeout=10)
    assert answer.json() == {"seconds": 1}
    with pytest.raises(requests.ConnectionError):  # on the connection from before
        get(simponi, "/healthz")
    with pytest.raises(requests.ConnectionError, match="refused"):
        requests.get(f"{simponi.url}/healthz", timeout=10)

    def is_open() -> bool:
        try:
            return requests.get(f"{simponi.url}/healthz", timeout=10).ok
        except requests.ConnectionError:
            return False

    until(is_open, seconds=20, what="the door to open")
    assert get(simponi, f"/v1/bills/{bill['billing_code']}").json() == bill


@pytest.mark.parametrize("seconds", [None, 0, 3601, "1", 1.5])
def test_close_with_a_bad_time_answers_422_and_stays_open(
    simponi: Simponi, seconds: object
) -> None:
    body = {"seconds": seconds}
    answer = simponi.web.post(f"{simponi.url}/control/close", json=body, timeout=10)
    assert answer.status_code == 422
    assert get(simponi, "/healthz").status_code == 200
