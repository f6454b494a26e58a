"""What the gateway, or somebody who plays it, sends to the one open door."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any, cast

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from mpaspor.core import clock
from payments.models import Bill, CallbackEvent
from tests.database import sql
from tests.payments.making import make_issued

pytestmark = pytest.mark.django_db

URL = "/api/v1/payments/callbacks/simponi/"
DAY = timedelta(days=1)


@pytest.fixture
def bill() -> Bill:
    """Not due for a day."""
    bill = make_issued()
    Bill.objects.update(next_at=clock.now() + DAY)
    bill.refresh_from_db()
    return bill


def body_for(bill: Bill, **facts: Any) -> bytes:
    event = {"event_id": "5f0c", "type": "bill.paid", "billing_code": bill.billing_code}
    return json.dumps(event | facts).encode()


def signature(body: bytes, timestamp: str, key: str = "") -> str:
    signed = timestamp.encode() + b"." + body
    digest = hmac.new((key or settings.SIMPONI_KEY).encode(), signed, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def stamp(seconds_ago: float = 0) -> str:
    return str(int(clock.now().timestamp() - seconds_ago))


def call(
    body: bytes,
    *,
    timestamp: str | None = None,
    sign: str | None = None,
    kind: str = "application/json",
) -> HttpResponse:
    """As the gateway calls, but for what is given."""
    timestamp = stamp() if timestamp is None else timestamp
    headers = {
        "Accept-Language": "en",
        "X-Simponi-Timestamp": timestamp,
        "X-Simponi-Signature": signature(body, timestamp) if sign is None else sign,
    }
    client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers=headers)
    return cast(HttpResponse, client.post(URL, body, content_type=kind))


def answer(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, json.loads(response.content).get("code", "")


def everything() -> list[Any]:
    return sql(
        "SELECT b.*, (SELECT count(*) FROM audit_entry), (SELECT count(*) FROM"
        " payments_callbackevent) FROM payments_bill b ORDER BY id"
    )


NOT_SIGNED = (401, "callback-not-signed")
UNREADABLE = (400, "callback-unreadable")


def test_callback_makes_the_bill_due_now_and_nothing_else(bill: Bill) -> None:
    before = clock.now()
    response = call(body_for(bill, amount=1, ntpn="A" * 16))
    assert (response.status_code, json.loads(response.content)) == (200, {"known": True})
    fresh = Bill.objects.get()
    assert fresh.next_at is not None
    assert before <= fresh.next_at <= clock.now()
    assert (fresh.status, fresh.payments.count()) == ("issued", 0)


def test_callback_repeated_is_answered_alike_and_changes_nothing(bill: Bill) -> None:
    """Each try has a moment of sending of its own."""
    call(body_for(bill, sent_at="0"))
    Bill.objects.update(next_at=bill.next_at)
    before = everything()
    for number in range(5):
        response = call(body_for(bill, sent_at=str(number)))
        assert (response.status_code, json.loads(response.content)) == (200, {"known": True})
    assert everything() == before
    assert CallbackEvent.objects.get().verdict == "asked"


def test_callback_is_kept_as_it_came(bill: Bill) -> None:
    body = body_for(bill, note="\u2713")
    call(body)
    event = CallbackEvent.objects.get()
    assert (event.event_id, event.billing_code) == ("5f0c", bill.billing_code)
    assert bytes(event.body) == body


def test_callback_told_again_differently_keeps_the_first(bill: Bill) -> None:
    call(body_for(bill, amount=1))
    assert call(body_for(bill, amount=2)).status_code == 200
    event = CallbackEvent.objects.get()
    assert (json.loads(bytes(event.body))["amount"], event.verdict) == (1, "contradicted")


@pytest.mark.parametrize("facts", [{"amount": -7}, {"amount": "all"}, {"paid_at": "tomorrow"}])
def test_callback_with_odd_facts_only_makes_us_ask(bill: Bill, facts: dict[str, Any]) -> None:
    assert call(body_for(bill, **facts)).status_code == 200
    assert Bill.objects.filter(next_at__lte=clock.now(), payments=None).count() == 1


@pytest.mark.parametrize("event_id", [None, 7, "", "x" * 65, "5f\u00e9", "5f\n"])
def test_callback_with_an_odd_event_id_is_refused(bill: Bill, event_id: Any) -> None:
    before = everything()
    assert answer(call(body_for(bill, event_id=event_id))) == UNREADABLE
    assert everything() == before


def test_callback_with_a_name_that_stands_twice_is_refused(bill: Bill) -> None:
    before = everything()
    body = body_for(bill)[:-1] + b', "billing_code": "820261103000417"}'
    assert answer(call(body)) == UNREADABLE
    assert everything() == before


def test_callback_with_a_thousand_events_is_refused(bill: Bill) -> None:
    before = everything()
    body = b"[" + b",".join([body_for(bill)] * 1000) + b"]"
    assert answer(call(body)) == (413, "callback-too-long")
    assert answer(call(b"[" + body_for(bill) + b"]")) == UNREADABLE
    assert everything() == before


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_callback_of_another_type_is_refused(bill: Bill, kind: str) -> None:
    before = everything()
    assert answer(call(body_for(bill), kind=kind)) == (415, "callback-not-json")
    assert everything() == before


def test_callback_whose_type_names_its_letters_is_taken(bill: Bill) -> None:
    assert call(body_for(bill), kind="application/json; charset=utf-8").status_code == 200


def test_callback_for_a_bill_that_nobody_knows_is_taken_and_changes_nothing(bill: Bill) -> None:
    before = sql("SELECT * FROM payments_bill")
    response = call(body_for(bill, billing_code="999999999999999"))
    assert (response.status_code, json.loads(response.content)) == (200, {"known": False})
    assert sql("SELECT * FROM payments_bill") == before
    event = CallbackEvent.objects.get()
    assert (event.verdict, event.next_at is not None) == ("stray", True)


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_callback_within_five_minutes_of_our_clock_is_taken(bill: Bill, seconds: int) -> None:
    assert call(body_for(bill), timestamp=stamp(seconds)).status_code == 200


@pytest.mark.parametrize("seconds", [-305, 302, 86_400])
def test_callback_too_far_from_our_clock_is_refused(bill: Bill, seconds: int) -> None:
    before = everything()
    assert answer(call(body_for(bill), timestamp=stamp(seconds))) == NOT_SIGNED
    assert everything() == before


@pytest.mark.parametrize(
    "timestamp", ["", "now", "1793686844.5", "-1", "+1", "٣", " 1", "1e9", "9" * 13, "9" * 5000]
)
def test_callback_with_an_odd_timestamp_is_refused(bill: Bill, timestamp: str) -> None:
    before = everything()
    body = body_for(bill)
    sign = signature(body, timestamp)
    assert answer(call(body, timestamp=timestamp, sign=sign)) == NOT_SIGNED
    assert everything() == before


@pytest.mark.parametrize(
    "sign", ["", "sha256=", "sha256=00", "md5=" + "0" * 32, "x" * 10_000, "\u00e9\u00ff"]
)
def test_callback_without_a_good_signature_is_refused(bill: Bill, sign: str) -> None:
    before = everything()
    assert answer(call(body_for(bill), sign=sign)) == NOT_SIGNED
    assert everything() == before


def test_callback_with_the_signature_of_another_body_is_refused(bill: Bill) -> None:
    timestamp = stamp()
    sign = signature(body_for(bill, amount=1), timestamp)
    assert answer(call(body_for(bill, amount=2), timestamp=timestamp, sign=sign)) == NOT_SIGNED


def test_callback_with_the_signature_of_another_moment_is_refused(bill: Bill) -> None:
    body = body_for(bill)
    assert answer(call(body, sign=signature(body, stamp(10)))) == NOT_SIGNED


def test_callback_signed_with_another_key_is_refused(bill: Bill) -> None:
    body, timestamp = body_for(bill), stamp()
    sign = signature(body, timestamp, key="guessed")
    assert answer(call(body, timestamp=timestamp, sign=sign)) == NOT_SIGNED


def test_callback_without_headers_is_refused(bill: Bill) -> None:
    response = Client().post(URL, body_for(bill), content_type="application/json")
    assert response.status_code == 401


@pytest.mark.parametrize(
    "code",
    [
        None,
        True,
        820261103000417,
        1e300,
        [],
        {},
        ["820261103000417"],
        "",
        "82026110300041",
        "8202611030004170",
        "82026110300041A",
        " 20261103000417",
        "82026110300041\x00",
        "٨٢٠٢٦١١٠٣٠٠٠٤١٧",
        "8" * 10_000,
    ],
    ids=lambda code: repr(code)[:20],
)
def test_callback_with_an_odd_billing_code_is_refused(bill: Bill, code: Any) -> None:
    before = everything()
    assert answer(call(body_for(bill, billing_code=code))) == UNREADABLE
    assert everything() == before


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"{",
        b"null",
        b"[]",
        b"7",
        b'"billing_code"',
        b"{}",
        b'{"Billing_Code": "820261103000417"}',
        b"\x00",
        b'{"billing_code": "\x00"}',
        b"\xff\xfe\x00",
        b"billing_code=820261103000417",
        b"[" * 10_000,
        b'{"billing_code": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_callback_that_is_no_event_is_refused(bill: Bill, body: bytes) -> None:
    before = everything()
    assert answer(call(body)) == UNREADABLE
    assert everything() == before


def test_callback_beyond_a_megabyte_is_refused(bill: Bill) -> None:
    before = everything()
    response = call(body_for(bill, padding="x" * 1_000_000))
    assert response.status_code == 413
    assert everything() == before


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_callback_by_another_method_is_not_allowed(method: str) -> None:
    assert getattr(Client(), method)(URL).status_code == 405


def test_callback_of_a_closed_bill_lets_us_ask_once_more(bill: Bill) -> None:
    """Money may come after the end."""
    Bill.objects.update(status="expired", closed_at=clock.now() - 2 * DAY, next_at=None)
    assert call(body_for(bill)).status_code == 200
    assert Bill.objects.filter(next_at__lte=clock.now()).count() == 1


def test_refusal_tells_a_stranger_nothing(bill: Bill) -> None:
    response = call(body_for(bill), sign="sha256=00")
    assert json.loads(response.content) == {
        "code": "callback-not-signed",
        "detail": "The signature does not fit the body and the timestamp, or is older than 300 s.",
    }
