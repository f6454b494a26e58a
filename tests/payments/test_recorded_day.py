"""The same day of money in any order ends alike, and no forged call is believed.

`make orders` plays two hundred orders.
"""

import os
from collections import Counter
from typing import Any

import pytest

from payments import callbacks, settlement
from payments.enums import BillStatus
from tests.payments.recorded_day import Day, State, by_deed, by_http, differences, play, record

ORDERS, FEWER = int(os.environ.get("ORDERS", "12")), 4

pytestmark = pytest.mark.django_db


def played(day: Day, orders: int) -> list[State]:
    return [play(day, seed=seed) for seed in range(orders)]


def test_day_ends_alike_in_every_order_and_no_forged_call_is_believed() -> None:
    day = record()
    states = played(day, ORDERS)
    assert differences(states) == {}
    assert (day.believed, day.tried > ORDERS) == (0, True)
    assert day.broken == []

    ends: dict[str, Any] = states[0]
    assert {kind: (ends[kind][0], *ends[kind][2:]) for kind in day.bills} == {
        "at the last moment": ("paid", "confirmed", True),
        "short, twice and late": ("paid", "confirmed", True),
        "late": ("expired", "expired", False),
        "over": ("expired", "expired", False),
        "withdrawn": ("void", "expired", False),
        "nothing": ("expired", "expired", False),
        "before the code": ("paid", "confirmed", True),
    }
    becomes = Counter(what for _amount, what, _in_time in ends["short, twice and late"][1])
    assert (becomes, ends["nobody"]) == (
        {"pays": 1, "goes back": 3},
        [(650_000, ["orphan"])],
    )


def test_day_told_over_http_ends_as_it_does_by_the_deed() -> None:
    day = record(by_http)
    over_http = play(day, seed=0)
    assert (day.believed, day.tried > 0) == (0, True)
    day.door = by_deed
    assert differences([over_http, play(day, seed=0)]) == {}


def test_control_where_an_expired_bill_cannot_be_paid_the_order_decides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settlement, "PAYABLE", (BillStatus.ISSUED,))
    assert "at the last moment" in differences(played(record(), FEWER))


def test_control_without_a_look_at_the_signature_forged_calls_are_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(callbacks, "_check_signature", lambda *_facts: None)
    day = record()
    play(day, seed=0)
    assert day.believed == day.tried > 0
