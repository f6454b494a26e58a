import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.simulators.gateway import issued
from tests.simulators.receiver import Received, Receiver
from tests.simulators.running import Simponi, start_simponi, until

QUICK = "0.05,0.1,0.15,0.2"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def caller(tmp_path: Path, receiver: Receiver) -> Iterator[Simponi]:
    """A gateway that calls `receiver`."""
    simponi = start_simponi(tmp_path, receiver.url, callback_pauses=QUICK)
    yield simponi
    simponi.stop()


def signature(key: str, request: Received) -> str:
    signed = request.headers["X-Simponi-Timestamp"].encode() + b"." + request.body
    return "sha256=" + hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def tries(simponi: Simponi) -> list[str]:
    return [line.split(" try ")[1] for line in simponi.log.splitlines() if " callback " in line]


def test_callback_after_payment_tells_it_signed(caller: Simponi, receiver: Receiver) -> None:
    bill = issued(caller)
    payment = caller.pay(bill["billing_code"], "teller")
    (request,) = receiver.wait_for(1)
    body = json.loads(request.body)
    sent_at = datetime.fromisoformat(body.pop("sent_at"))
    assert len(body.pop("event_id")) == 36
    del payment["status"]
    assert body == payment | {"type": "bill.paid"}
    assert request.headers["X-Simponi-Signature"] == signature(caller.key, request)
    assert request.headers["Content-Type"] == "application/json"
    assert request.path == "/callbacks/simponi/"
    assert abs(int(request.headers["X-Simponi-Timestamp"]) - sent_at.timestamp()) <= 1
    assert abs(time.time() - sent_at.timestamp()) < 10


@pytest.mark.parametrize("refusals", [[500], [404, 302, 503]])
def test_callback_refused_is_sent_again_until_taken(
    caller: Simponi, receiver: Receiver, refusals: list[int]
) -> None:
    receiver.answers = [*refusals, 204]
    caller.pay(issued(caller)["billing_code"])
    received = receiver.wait_for(len(refusals) + 1)
    until(
        lambda: len(tries(caller)) == len(refusals) + 1, seconds=20, what="the tries to be logged"
    )
    assert tries(caller) == [
        f"{number} {answer}" for number, answer in enumerate([*refusals, 204], start=1)
    ]
    assert len({json.loads(request.body)["event_id"] for request in received}) == 1
    assert {
        request.headers["X-Simponi-Signature"] == signature(caller.key, request)
        for request in received
    } == {True}


def test_callback_never_taken_is_given_up_after_five_tries(
    caller: Simponi, receiver: Receiver
) -> None:
    receiver.answers = [500]
    caller.pay(issued(caller)["billing_code"])
    until(lambda: len(tries(caller)) == 5, seconds=30, what="five tries")
    caller.stop()
    caller.start()
    receiver.answers = [200]
    caller.pay(issued(caller)["billing_code"])
    until(lambda: bool(tries(caller)), seconds=10, what="the next try")
    assert (tries(caller), len(receiver.received)) == (["1 200"], 6)


def test_callback_pauses_grow_from_one_second_to_five(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answers = [500, 500, 200]
    simponi = start_simponi(tmp_path, receiver.url)
    simponi.pay(issued(simponi)["billing_code"])
    received = receiver.wait_for(3)
    simponi.stop()
    times = [
        datetime.fromisoformat(json.loads(request.body)["sent_at"]).timestamp()
        for request in received
    ]
    first, second = [later - earlier for earlier, later in pairwise(times)]
    assert 1 <= first < 5 <= second < 30


def test_callback_duplicate_arrives_twice_with_one_event_id(
    caller: Simponi, receiver: Receiver
) -> None:
    caller.control(callback="duplicate")
    caller.pay(issued(caller)["billing_code"])
    first, second = [json.loads(request.body) for request in receiver.wait_for(2)]
    assert (first["event_id"], first["ntpn"]) == (second["event_id"], second["ntpn"])


def test_callback_duplicate_arrives_as_often_as_told(caller: Simponi, receiver: Receiver) -> None:
    caller.control(callback="duplicate", callback_copies=5)
    caller.pay(issued(caller)["billing_code"])
    names = [json.loads(request.body)["event_id"] for request in receiver.wait_for(5)]
    assert len(set(names)) == 1


def test_callback_forged_is_signed_with_another_key(caller: Simponi, receiver: Receiver) -> None:
    caller.control(callback="forged")
    caller.pay(issued(caller)["billing_code"])
    (request,) = receiver.wait_for(1)
    assert request.headers["X-Simponi-Signature"] == signature("forged", request)


def test_callback_expired_after_paid_comes_second_and_signed(
    caller: Simponi, receiver: Receiver
) -> None:
    caller.control(callback="expired_after", callback_delay_ms=300)
    code = issued(caller)["billing_code"]
    caller.pay(code)
    requests = receiver.wait_for(2)
    paid, expired = [json.loads(request.body) for request in requests]
    assert (paid["type"], expired["type"]) == ("bill.paid", "bill.expired")
    assert expired == {
        "event_id": expired["event_id"],
        "type": "bill.expired",
        "billing_code": code,
        "sent_at": expired["sent_at"],
    }
    assert requests[1].headers["X-Simponi-Signature"] == signature(caller.key, requests[1])


def test_callback_shuffled_arrives_out_of_order(caller: Simponi, receiver: Receiver) -> None:
    caller.control(callback="shuffled", callback_delay_ms=1500)
    paid = [caller.pay(issued(caller)["billing_code"])["ntpn"] for _ in range(12)]
    told = [json.loads(request.body)["ntpn"] for request in receiver.wait_for(12)]
    assert sorted(told) == sorted(paid)
    assert told != paid


def test_callback_none_stays_silent(caller: Simponi, receiver: Receiver) -> None:
    caller.control(callback="none")
    caller.pay(issued(caller)["billing_code"])
    caller.control(callback="normal")
    told = issued(caller)["billing_code"]
    caller.pay(told)
    assert [json.loads(request.body)["billing_code"] for request in receiver.wait_for(1)] == [told]


def test_callback_late_comes_after_the_delay(caller: Simponi, receiver: Receiver) -> None:
    caller.control(callback="late", callback_delay_ms=800)
    payment = caller.pay(issued(caller)["billing_code"])
    (request,) = receiver.wait_for(1)
    body = json.loads(request.body)
    delay = datetime.fromisoformat(body["sent_at"]) - datetime.fromisoformat(body["paid_at"])
    assert body["paid_at"] == payment["paid_at"]
    assert 0.8 <= delay.total_seconds() < 9


def test_callback_due_before_a_kill_arrives_after_the_restart(
    caller: Simponi, receiver: Receiver
) -> None:
    caller.control(callback="late", callback_delay_ms=3000)
    payment = caller.pay(issued(caller)["billing_code"])
    caller.kill()
    assert receiver.received == []
    caller.start()
    (request,) = receiver.wait_for(1)
    assert json.loads(request.body)["ntpn"] == payment["ntpn"]


def test_callback_receiver_down_is_tried_again(tmp_path: Path) -> None:
    with Receiver() as receiver:
        url = receiver.url
    simponi = start_simponi(tmp_path, url, callback_pauses=QUICK)
    simponi.pay(issued(simponi)["billing_code"])
    until(lambda: len(tries(simponi)) == 5, seconds=30, what="five tries")
    assert tries(simponi)[4] == "5 ClientConnectorError"
    assert simponi.stop() == 0
