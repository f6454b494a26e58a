"""Bills. Money in whole Rupiah, times in WIB."""

import json
import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from simulators.problems import Problem
from simulators.simponi import money
from simulators.simponi.money import Payment
from simulators.store import transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS bills (
    billing_code TEXT PRIMARY KEY, request_key TEXT NOT NULL UNIQUE, payer_name TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0), description TEXT NOT NULL, lines TEXT NOT NULL,
    issued_at TEXT NOT NULL, expires_at TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True, kw_only=True)
class Order:
    request_key: str
    payer_name: str
    amount: int
    description: str
    lines: Sequence[Mapping[str, object]]
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Bill(Order):
    billing_code: str
    issued_at: datetime
    payments: list[Payment]

    def status(self, at: datetime) -> str:
        if self.payments:
            return "PAID"
        return "EXPIRED" if at > self.expires_at else "ISSUED"


class Unpayable(Problem):
    """The bank cannot take money for this code; `bill` is None where there is no such code."""

    def __init__(self, status: int, code: str, detail: str, bill: Bill | None = None) -> None:
        super().__init__(status, code, detail)
        self.bill = bill


def issue(
    db: sqlite3.Connection, order: Order, new_code: Callable[[], str], *, at: datetime
) -> tuple[Bill, bool]:
    """The bill of this request key and whether it is new. The first request's other fields stand.

    Raises Problem 409 for a known key with another amount, 422 for a deadline that has passed.
    """
    with transaction(db):
        known = with_request_key(db, order.request_key)
        if known is None:
            return add(db, order, free_code(db, new_code), at=at), True
        if known.amount != order.amount:
            detail = f"This key has a bill of Rp{known.amount}; use a new key for another amount."
            raise Problem(409, "amount-differs", detail)
        return known, False


def free_code(db: sqlite3.Connection, new_code: Callable[[], str]) -> str:
    while with_code(db, code := new_code()):
        pass
    return code


def any_code() -> str:
    return str(secrets.randbelow(9 * 10**14) + 10**14)


def add(db: sqlite3.Connection, order: Order, code: str, *, at: datetime) -> Bill:
    if order.expires_at <= at:
        fault = {"pointer": "/expires_at", "detail": "Must be in the future."}
        raise Problem(422, "invalid", "Correct the fields named in errors and send again.", [fault])
    texts = (order.payer_name, order.amount, order.description, json.dumps(order.lines))
    times = (at.isoformat(), order.expires_at.isoformat())
    db.execute(
        "INSERT INTO bills VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (code, order.request_key, *texts, *times),
    )
    (bill,) = find(db, "billing_code = ?", code)
    return bill


def payable(db: sqlite3.Connection, billing_code: str, *, at: datetime) -> Bill:
    """The bill, if money can be taken for it at this time. Raises Unpayable 404, 409 or 410."""
    bill = with_code(db, billing_code)
    if bill is None:
        raise Unpayable(404, "unknown-bill", "There is no bill with this billing code.")
    if bill.payments:
        raise Unpayable(409, "already-paid", "This bill is paid already.", bill)
    if bill.status(at) == "EXPIRED":
        raise Unpayable(410, "expired", "The time to pay this bill is over.", bill)
    return bill


def with_code(db: sqlite3.Connection, billing_code: str) -> Bill | None:
    return next(iter(find(db, "billing_code = ?", billing_code)), None)


def with_request_key(db: sqlite3.Connection, request_key: str) -> Bill | None:
    return next(iter(find(db, "request_key = ?", request_key)), None)


def with_codes(db: sqlite3.Connection, billing_codes: Sequence[str]) -> list[Bill]:
    return find(db, "billing_code IN (SELECT value FROM json_each(?))", json.dumps(billing_codes))


def find(db: sqlite3.Connection, condition: str, value: str) -> list[Bill]:
    rows = db.execute(f"SELECT * FROM bills WHERE {condition}", (value,)).fetchall()  # noqa: S608 - ours
    paid = money.by_code(db, [row["billing_code"] for row in rows])
    return [from_row(row, paid.get(row["billing_code"], [])) for row in rows]


def from_row(row: sqlite3.Row, payments: list[Payment]) -> Bill:
    texts = ("billing_code", "request_key", "payer_name", "amount", "description")
    return Bill(
        **{name: row[name] for name in texts},
        lines=json.loads(row["lines"]),
        issued_at=datetime.fromisoformat(row["issued_at"]),
        expires_at=datetime.fromisoformat(row["expires_at"]),
        payments=payments,
    )
