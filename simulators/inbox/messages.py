"""What arrived, one row for each recipient, newest first."""

import sqlite3
from pathlib import Path

from simulators.clock import now
from simulators.store import open_store, transaction

SHOWN = 100
SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('mail', 'sms', 'whatsapp')),
    recipient TEXT NOT NULL, sender TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL,
    raw BLOB NOT NULL DEFAULT x'', reference TEXT UNIQUE, received_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS messages_recipient ON messages (lower(recipient), id);
"""
# A file of before there was WhatsApp refuses its kind.
SET_ASIDE = "BEGIN; DROP INDEX messages_recipient; ALTER TABLE messages RENAME TO older;"
BRING_BACK = "INSERT INTO messages SELECT * FROM older; DROP TABLE older; COMMIT;"
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


def keep_whatsapp(db: sqlite3.Connection, *, to: str, sender: str, text: str) -> int:
    """The message's number. Meta takes the same twice and delivers it twice."""
    row = db.execute(INSERT, ("whatsapp", to, sender, "", text, b"", None, now().isoformat()))
    number: int = row.fetchone()["id"]
    return number


def open_messages(path: Path) -> sqlite3.Connection:
    db = open_store(path, SCHEMA)
    made = db.execute("SELECT sql FROM sqlite_master WHERE name = 'messages'").fetchone()["sql"]
    if "'whatsapp'" not in made:
        db.executescript(SET_ASIDE + SCHEMA + BRING_BACK)
    return db


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
