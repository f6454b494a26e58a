"""Tells the product about each payment: signed, retried, resumed after a restart."""

import asyncio
import hashlib
import hmac
import json
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import uuid4

import aiohttp
from aiohttp import web

from simulators.clock import now
from simulators.serving import say
from simulators.simponi.faults import Faults

PAUSES_SECONDS = (1.0, 5.0, 30.0, 120.0)
ANSWER_SECONDS = 10.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS announcements (
    id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, type TEXT NOT NULL,
    ntpn TEXT NOT NULL REFERENCES money (ntpn), forged INTEGER NOT NULL,
    due_at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, open INTEGER NOT NULL DEFAULT 1
) STRICT;
"""
INSERT = """INSERT INTO announcements (event_id, type, ntpn, forged, due_at)
    VALUES (?, ?, ?, ?, ?) RETURNING id"""


def sign(key: str, timestamp: int, body: bytes) -> str:
    digest = hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


class Callbacks:
    def __init__(
        self, db: sqlite3.Connection, url: str, key: str, pauses: Sequence[float] = PAUSES_SECONDS
    ) -> None:
        self.db, self.url, self.key, self.pauses = db, url, key, pauses
        self.running: set[asyncio.Task[None]] = set()

    def plan(self, ntpn: str, faults: Faults, *, at: datetime) -> list[int]:
        """Rows to send for one payment, written in the payment's transaction."""
        if not self.url or faults.callback == "none":
            return []
        copies = faults.callback_copies if faults.callback == "duplicate" else 1
        events = [("bill.paid", str(uuid4()))] * copies
        if faults.callback == "expired_after":
            events.append(("bill.expired", str(uuid4())))
        forged = faults.callback == "forged"
        due = [at.timestamp() + delay for delay in delays(faults, len(events))]
        rows = [
            (name, kind, ntpn, forged, when) for (kind, name), when in zip(events, due, strict=True)
        ]
        return [self.db.execute(INSERT, row).fetchone()["id"] for row in rows]

    def start(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            task = asyncio.create_task(self.deliver(number))
            self.running.add(task)
            task.add_done_callback(self.running.discard)

    async def run(self, app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        ) as self.session:
            self.start(
                [row["id"] for row in self.db.execute("SELECT id FROM announcements WHERE open")]
            )
            yield
            for task in self.running:
                task.cancel()
            await asyncio.gather(*self.running, return_exceptions=True)

    async def deliver(self, number: int) -> None:
        row = self.row(number)
        while row["open"]:
            await asyncio.sleep(max(0.0, row["due_at"] - time.time()))
            outcome = await self.send(row)
            say(f"callback {row['event_id']} try {row['tries'] + 1} {outcome}")
            self.note(number, row["tries"], arrived=outcome.startswith("2"))
            row = self.row(number)

    def row(self, number: int) -> sqlite3.Row:
        query = """SELECT billing_code, ntb, amount, paid_at, channel, announcements.*
            FROM announcements JOIN money USING (ntpn) WHERE announcements.id = ?"""
        row: sqlite3.Row = self.db.execute(query, (number,)).fetchone()
        return row

    def note(self, number: int, tries: int, *, arrived: bool) -> None:
        again = not arrived and tries < len(self.pauses)
        due_at = time.time() + self.pauses[tries] if again else 0
        update = "UPDATE announcements SET tries = tries + 1, open = ?, due_at = ? WHERE id = ?"
        self.db.execute(update, (again, due_at, number))

    async def send(self, row: sqlite3.Row) -> str:
        body = json.dumps(event(row)).encode()
        timestamp = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "X-Simponi-Timestamp": str(timestamp),
            "X-Simponi-Signature": sign("forged" if row["forged"] else self.key, timestamp, body),
        }
        try:
            async with self.session.post(
                self.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return str(answer.status)
        except (aiohttp.ClientError, OSError) as error:
            return type(error).__name__


def delays(faults: Faults, number: int) -> list[float]:
    """Seconds until each event of one payment is sent."""
    longest = faults.callback_delay_ms / 1000
    match faults.callback:
        case "late":
            return [longest] * number
        case "shuffled":
            return [longest * random.random() for _ in range(number)]  # noqa: S311 - no secret
        case "expired_after":
            return [0, longest]
    return [0] * number


def event(row: sqlite3.Row) -> dict[str, object]:
    facts = ["billing_code"]
    if row["type"] == "bill.paid":
        facts += ["ntpn", "ntb", "amount", "paid_at", "channel"]
    head = {"event_id": row["event_id"], "type": row["type"]}
    return head | {name: row[name] for name in facts} | {"sent_at": now().isoformat()}
