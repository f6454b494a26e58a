"""What arrived, one row for each recipient, newest first."""

import sqlite3

from simulators.clock import now
from simulators.store import transaction

SHOWN = 100
SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL CHECK (kind IN ('mail', 'sms')),
    recipient TEXT NOT NULL, sender TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL,
    raw BLOB NOT NULL DEFAULT x'', reference TEXT UNIQUE, received_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS messages_recipient ON messages (lower(recipient), id);
"""
INSERT = """
INSERT INTO messages (kind, recipient, sender, subject, text, raw, reference, received_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (reference) DO NOTHING RETURNING id"""
SELECT = "SELECT * FROM messages WHERE "
NEWEST = f" ORDER BY id DESC LIMIT {SHOWN}"


def keep_mail(
    db: sqlite3.Connection,
    *,
    sender: str,
    recipients: list[str],
    subject: str,
    text: str,
    raw: bytes,
) -> None:
    at = now().isoformat()
    with transaction(db):
        db.executemany(
            INSERT.removesuffix("RETURNING id"),
            [("mail", recipient, sender, subject, text, raw, None, at) for recipient in recipients],
        )


def keep_sms(db: sqlite3.Connection, *, to: str, text: str, reference: str) -> tuple[int, bool]:
    """The message's number and whether it is new; a known reference changes nothing."""
    row = db.execute(
        INSERT, ("sms", to, "", "", text, b"", reference, now().isoformat())
    ).fetchone()
    if row:
        return row["id"], True
    return db.execute("SELECT id FROM messages WHERE reference = ?", (reference,)).fetchone()[
        "id"
    ], False


def with_id(db: sqlite3.Connection, number: int) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM messages WHERE id = ?", (number,)
    ).fetchone()
    return row


def newest(db: sqlite3.Connection, part_of_recipient: str) -> list[sqlite3.Row]:
    query = SELECT + "instr(lower(recipient), lower(?))" + NEWEST
    return db.execute(query, (part_of_recipient,)).fetchall()


def since(db: sqlite3.Connection, number: int, recipient: str) -> list[sqlite3.Row]:
    """Messages after this number, to this recipient or, where it is empty, to anybody."""
    if recipient:
        query = SELECT + "id > ? AND lower(recipient) = lower(?)" + NEWEST
        return db.execute(query, (number, recipient)).fetchall()
    return db.execute(SELECT + "id > ?" + NEWEST, (number,)).fetchall()
