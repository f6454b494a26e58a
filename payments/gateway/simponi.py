"""SIMPONI over HTTP (docs/simponi.md)."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, TypeVar

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError

from payments.gateway.port import (
    GatewayRefused,
    GatewayUnknown,
    Issued,
    Money,
    OddLine,
    Order,
    SettledLine,
)
from payments.gateway.reading import billing_code, moment, money
from payments.gateway.settlement_file import read_lines

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

# As the wire format has it.
MOST_CODES = 500


class Simponi:
    """Reads every answer with suspicion: what does not fit the wire format is "unknown"."""

    def __init__(self, url: str, key: str, timeout: float) -> None:
        self.url, self.timeout = url, timeout
        self.headers = {"Authorization": f"Bearer {key}"}

    def create(self, order: Order) -> Issued:
        answer = self._post(
            "/v1/bills",
            {
                "request_key": order.request_key,
                "payer_name": order.payer_name,
                "amount": order.amount,
                "expires_at": order.expires_at.isoformat(),
                "description": "Paspor",
                "lines": [
                    {
                        "code": line.tariff,
                        "description": line.description,
                        "amount": line.amount,
                    }
                    for line in order.lines
                ],
            },
        )
        return _trusting(lambda: _issued(answer, order))

    def inquire(self, billing_codes: Iterable[str]) -> dict[str, list[Money]]:
        found: dict[str, list[Money]] = {}
        for codes in _batches(list(billing_codes)):
            found |= self._inquire(codes)
        return found

    def _inquire(self, codes: list[str]) -> dict[str, list[Money]]:
        answer = self._post("/v1/inquiries", {"billing_codes": codes})
        return _trusting(lambda: _readable(answer["bills"]))

    def settlement_lines(self, day: date) -> Iterator[SettledLine | OddLine]:
        try:
            with self._get(f"/v1/settlements/{day.isoformat()}") as answer:
                yield from read_lines(answer.raw)
        except (requests.RequestException, HTTPError) as gone:
            raise GatewayUnknown(type(gone).__name__) from gone

    def _get(self, path: str) -> requests.Response:
        answer = requests.get(
            self.url + path, headers=self.headers, timeout=self.timeout, stream=True
        )
        if answer.status_code != 200:
            answer.close()
            raise GatewayUnknown(f"HTTP {answer.status_code}")
        return answer

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        try:
            answer = requests.post(
                self.url + path, json=body, headers=self.headers, timeout=self.timeout
            )
        except requests.RequestException as gone:
            raise GatewayUnknown(type(gone).__name__) from gone
        if answer.status_code in {400, 409, 422}:
            raise GatewayRefused(f"HTTP {answer.status_code}")
        if not answer.ok:
            raise GatewayUnknown(f"HTTP {answer.status_code}")
        return _trusting(answer.json)


def _batches(codes: list[str]) -> list[list[str]]:
    return [codes[first : first + MOST_CODES] for first in range(0, len(codes), MOST_CODES)]


def gateway() -> Simponi:
    return Simponi(settings.SIMPONI_URL, settings.SIMPONI_KEY, settings.SIMPONI_TIMEOUT)


def _trusting(read: Callable[[], Answer]) -> Answer:
    """What `read` makes of an answer; anything odd in it means that we know nothing."""
    try:
        return read()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as odd:
        raise GatewayUnknown(f"odd answer: {type(odd).__name__}") from odd


def _issued(answer: Any, order: Order) -> Issued:
    if answer["amount"] != order.amount or answer["request_key"] != order.request_key:
        raise ValueError("another bill")
    code = billing_code(answer["billing_code"])
    return Issued(code, moment(answer["expires_at"]), moment(answer["issued_at"]))


def _readable(bills: list[Any]) -> dict[str, list[Money]]:
    """One odd bill among others says nothing, as if it were missing; it holds up no other."""
    readings = [_reading(bill) for bill in bills]
    found = dict(reading for reading in readings if reading)
    if bills and not found:
        raise ValueError("nothing readable")
    return found


def _reading(bill: Any) -> tuple[str, list[Money]] | None:
    try:
        return _trusting(lambda: _payments(bill))
    except GatewayUnknown as odd:
        log.warning("a bill in the gateway's answer cannot be used (%s)", odd)
        return None


def _payments(bill: Any) -> tuple[str, list[Money]]:
    paid = bill.get("payments") or []
    if bill["status"] not in {"ISSUED", "PAID", "EXPIRED"} or (bill["status"] == "PAID") != bool(
        paid
    ):
        raise ValueError("status and payments disagree")
    return bill["billing_code"], [money(payment) for payment in paid]
