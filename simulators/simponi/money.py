"""What banks took, for whatever code: the gateway's book of money. Rupiah, times in WIB."""

import json
import secrets
import sqlite3
import string
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

CHANNELS = {
    "mobile_banking": "Mobile banking",
    "atm": "ATM",
    "teller": "Teller bank",
    "post": "Kantor pos",
    "marketplace": "Lokapasar (marketplace)",
}
# A code may be unknown: the bank took the money all the same. It may also be paid many times.
SCHEMA = """
CREATE TABLE IF NOT EXISTS money (
    id INTEGER PRIMARY KEY, ntpn TEXT NOT NULL UNIQUE, billing_code TEXT NOT NULL,
    ntb TEXT NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0), channel TEXT NOT NULL,
    paid_at TEXT NOT NULL, settled_on TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS money_for ON money (billing_code);
CREATE INDEX IF NOT EXISTS money_of_day ON money (settled_on);
"""
# A file of the first version had one payment for each bill, and one table more.
TAKE_OVER = """
INSERT OR IGNORE INTO money SELECT NULL, ntpn, billing_code, ntb, amount, channel, paid_at,
    substr(paid_at, 1, 10) FROM payments;
DROP TABLE callbacks;
DROP TABLE payments;
"""
BLOCK = 2000


@dataclass(frozen=True, kw_only=True)
class Payment:
    ntpn: str
    ntb: str
    billing_code: str
    amount: int
    channel: str
    paid_at: datetime
    settled_on: date


def take_over(db: sqlite3.Connection) -> None:
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'payments'").fetchone():
        db.executescript(TAKE_OVER)


def book(
    db: sqlite3.Connection,
    billing_code: str,
    channel: str,
    *,
    amount: int,
    paid_at: datetime,
    settled_on: date,
) -> Payment:
    """One payment more, whatever was paid before; runs inside the caller's transaction."""
    ntpn = "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(16))
    ntb = f"{secrets.randbelow(10**12):012}"
    row = (ntpn, billing_code, ntb, amount, channel, paid_at.isoformat(), settled_on.isoformat())
    db.execute("INSERT INTO money VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", row)
    return Payment(
        ntpn=ntpn,
        ntb=ntb,
        billing_code=billing_code,
        amount=amount,
        channel=channel,
        paid_at=paid_at,
        settled_on=settled_on,
    )


def with_ntpn(db: sqlite3.Connection, ntpn: str) -> Payment | None:
    row = db.execute("SELECT * FROM money WHERE ntpn = ?", (ntpn,)).fetchone()
    return from_row(row) if row else None


def by_code(db: sqlite3.Connection, billing_codes: Sequence[str]) -> dict[str, list[Payment]]:
    """The payments of each code, in the order in which banks reported them."""
    query = "SELECT * FROM money WHERE billing_code IN (SELECT value FROM json_each(?)) ORDER BY id"
    found = defaultdict[str, list[Payment]](list)
    for row in db.execute(query, (json.dumps(billing_codes),)):
        found[row["billing_code"]].append(from_row(row))
    return found


def of_day(db: sqlite3.Connection, day: date) -> Iterator[list[sqlite3.Row]]:
    """Block by block, so that others are served in between and nothing grows with the day."""
    query = "SELECT * FROM money WHERE settled_on = ? AND id > ? ORDER BY id LIMIT ?"
    last = 0
    while rows := db.execute(query, (day.isoformat(), last, BLOCK)).fetchall():
        yield rows
        last = rows[-1]["id"]


def from_row(row: sqlite3.Row) -> Payment:
    return Payment(
        **{name: row[name] for name in ("ntpn", "ntb", "billing_code", "amount", "channel")},
        paid_at=datetime.fromisoformat(row["paid_at"]),
        settled_on=date.fromisoformat(row["settled_on"]),
    )
