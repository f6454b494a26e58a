"""Whatever comes to the door of callbacks: the right answer, and no word of it is believed."""

import gzip
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from mpaspor.core import clock
from payments.models import Bill
from tests.database import sql
from tests.payments.making import make_issued

pytestmark = pytest.mark.django_db

URL = "/api/v1/payments/callbacks/simponi/"
NTPN = "9K2V7Q0XW4TB61MD"

NOT_SIGNED, UNREADABLE = (401, "callback-not-signed"), (400, "callback-unreadable")
TOO_LONG, NOT_JSON = (413, "callback-too-long"), (415, "callback-not-json")
# Well signed and about a bill: whatever else it says, we only ask the gateway sooner.
ASKED = (200, "")


@dataclass(frozen=True)
class Call:
    body: bytes
    sign: str | None = None
    seconds: int = 0
    method: str = "POST"
    path: str = URL
    kind: str = "application/json"
    coding: str = ""


def event(bill: Bill, **facts: Any) -> dict[str, Any]:
    usual = {
        "event_id": "5f0c",
        "type": "bill.paid",
        "billing_code": bill.billing_code,
        "ntpn": NTPN,
        "ntb": "004518823097",
        "amount": bill.amount,
        "paid_at": clock.now().isoformat(),
        "channel": "atm",
        "sent_at": clock.now().isoformat(),
    }
    return usual | facts


def saying(**facts: Any) -> Callable[[Bill], Call]:
    return lambda bill: Call(json.dumps(event(bill, **facts)).encode())


def without(name: str) -> Callable[[Bill], Call]:
    return lambda bill: Call(
        json.dumps({key: value for key, value in event(bill).items() if key != name}).encode()
    )


def plain(bill: Bill) -> bytes:
    return json.dumps(event(bill)).encode()


def raw(body: bytes, kind: str = "application/json") -> Callable[[Bill], Call]:
    return lambda _bill: Call(body, kind=kind)


def written(old: bytes, new: bytes) -> Callable[[Bill], Call]:
    """The plain body with one thing replaced that JSON libraries would not write."""
    return lambda bill: Call(plain(bill).replace(old, new))


def signature(body: bytes, timestamp: str) -> str:
    signed = timestamp.encode() + b"." + body
    return f"sha256={hmac.new(settings.SIMPONI_KEY.encode(), signed, hashlib.sha256).hexdigest()}"


XML = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
TWO_CODES = b'{"billing_code": "999999999999999", "billing_code": '

CALLS: dict[str, tuple[Callable[[Bill], Call], tuple[int, str]]] = {
    # who says it
    "no signature": (lambda bill: Call(plain(bill), sign=""), NOT_SIGNED),
    "another body's": (lambda bill: Call(plain(bill), sign=signature(b"{}", "1")), NOT_SIGNED),
    "cut": (lambda bill: Call(plain(bill), sign="sha256="), NOT_SIGNED),
    "no scheme": (lambda bill: Call(plain(bill), sign="0" * 64), NOT_SIGNED),
    "old": (lambda bill: Call(plain(bill), seconds=-302), NOT_SIGNED),
    "future": (lambda bill: Call(plain(bill), seconds=305), NOT_SIGNED),
    "a year old": (lambda bill: Call(plain(bill), seconds=-31_536_000), NOT_SIGNED),
    # about which bill
    "14 digits": (saying(billing_code="8" * 14), UNREADABLE),
    "16 digits": (saying(billing_code="8" * 16), UNREADABLE),
    "code as number": (saying(billing_code=820261103000417), UNREADABLE),
    "code as list": (saying(billing_code=["820261103000417"]), UNREADABLE),
    "code null": (saying(billing_code=None), UNREADABLE),
    "no code": (without("billing_code"), UNREADABLE),
    "letters": (saying(billing_code="82026110300041A"), UNREADABLE),
    "arabic digits": (saying(billing_code="٨٢٠٢٦١١٠٣٠٠٠٤١٧"), UNREADABLE),
    "code and NUL": (saying(billing_code="82026110300041\x00"), UNREADABLE),
    "code and SQL": (saying(billing_code="1' OR '1'='1' --"), UNREADABLE),
    "stranger": (saying(billing_code="999999999999999"), ASKED),
    # what it claims of the money
    "nothing": (saying(amount=0), ASKED),
    "negative": (saying(amount=-1), ASKED),
    "decimal text": (saying(amount="350000.00"), ASKED),
    "with Rp": (saying(amount="Rp350.000"), ASKED),
    "dollars": (saying(currency="USD"), ASKED),
    "no NTPN": (without("ntpn"), ASKED),
    "small NTPN": (saying(ntpn=NTPN.lower()), ASKED),
    "naive time": (saying(paid_at="2026-11-03T13:20:44"), ASKED),
    "before its bill": (saying(paid_at="2020-01-01T00:00:00+07:00"), ASKED),
    "expired": (saying(type="bill.expired"), ASKED),
    "unheard of": (saying(type="bill.eaten"), ASKED),
    "NaN": (written(b'"amount": 1650000', b'"amount": NaN'), ASKED),
    "huge number": (written(b"1650000", b"9" * 4000), ASKED),
    # how it is written
    "two codes": (lambda bill: Call(TWO_CODES + f'"{bill.billing_code}"}}'.encode()), UNREADABLE),
    "thousand": (lambda bill: Call(json.dumps([event(bill)] * 1000).encode()), TOO_LONG),
    "array": (lambda bill: Call(b"[" + plain(bill) + b"]"), UNREADABLE),
    "empty": (raw(b""), NOT_JSON),
    "null": (raw(b"null"), UNREADABLE),
    "cut off": (lambda bill: Call(plain(bill)[:-1]), UNREADABLE),
    "deep": (raw(b'{"a":' * 3_000), UNREADABLE),
    "very huge number": (raw(b'{"billing_code": ' + b"9" * 5000 + b"}"), UNREADABLE),
    "NUL": (raw(b"\x00"), UNREADABLE),
    "NUL inside": (lambda bill: Call(plain(bill) + b"\x00"), UNREADABLE),
    "not UTF-8": (lambda bill: Call(plain(bill).replace(b"atm", b"\xff")), UNREADABLE),
    "XML": (raw(XML, "application/xml"), NOT_JSON),
    "form": (raw(b"billing_code=820261103000417", "application/x-www-form-urlencoded"), NOT_JSON),
    "packed": (lambda bill: Call(gzip.compress(plain(bill)), coding="gzip"), UNREADABLE),
    "5 MB": (saying(padding="x" * 5_000_000), TOO_LONG),
    # by which way
    "GET": (lambda _bill: Call(b"", method="GET"), (405, "")),
    "PUT": (lambda bill: Call(plain(bill), method="PUT"), (405, "")),
    "wrong path": (lambda bill: Call(plain(bill), path=URL + "paid/"), (404, "")),
}


def send(call: Call) -> tuple[int, str]:
    timestamp = str(int(clock.now().timestamp()) + call.seconds)
    headers = {
        "X-Simponi-Timestamp": timestamp,
        "X-Simponi-Signature": signature(call.body, timestamp) if call.sign is None else call.sign,
    }
    if call.coding:
        headers["Content-Encoding"] = call.coding
    client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers=headers)
    response = client.generic(call.method, call.path, call.body, content_type=call.kind)
    return response.status_code, problem(cast(HttpResponse, response))


def problem(response: HttpResponse) -> str:
    try:
        return str(json.loads(response.content).get("code", ""))
    except ValueError:
        return ""


def money() -> list[Any]:
    """Bills but for when we ask next, and all that was paid."""
    bills = sql(
        "SELECT code, status, amount, billing_code, closed_at FROM payments_bill ORDER BY 1"
    )
    return [bills, sql("SELECT * FROM payments_payment"), sql("SELECT * FROM payments_settlement")]


def due() -> int:
    return Bill.objects.filter(next_at__lte=clock.now()).count()


@pytest.mark.parametrize("name", CALLS)
def test_bad_callback_is_answered_rightly_and_moves_no_money(name: str) -> None:
    make, expected = CALLS[name]
    bill = make_issued()
    before = money()
    assert send(make(bill)) == expected
    assert money() == before
    if expected != ASKED or name == "stranger":
        assert due() == 0
    assert send(Call(plain(bill))) == ASKED
    assert due() == 1
