"""Who did what to what, and when."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction

from mpaspor.audit.models import Entry

By = AbstractBaseUser | str
"""Who acts: a signed-in user, or the name of what acts by itself ("timetable", "client:…")."""

LOCK = 7_210_001


def record(deed: str, *, subject: str, by: By, at: datetime, **facts: Any) -> None:
    """Appends one line inside the deed's transaction. `facts` must hold no personal data."""
    person = by if isinstance(by, AbstractBaseUser) else None
    Entry.objects.create(
        at=at,
        deed=deed,
        subject=subject,
        by_id=person.pk if person else None,
        door="" if person else str(by),
        facts=facts,
    )


def of(subject: str) -> "list[Entry]":
    """Everything done to `subject`, oldest first."""
    return list(Entry.objects.filter(subject=subject).order_by("id"))


@transaction.atomic
def link(*, batch: int = 5000) -> int:
    """Chains entries that are not yet chained; one linker at a time. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = Entry.objects.filter(link__isnull=False).order_by("-link").first()
    number, digest = (last.link or 0, bytes(last.digest or b"")) if last else (0, b"")
    entries = list(Entry.objects.filter(link__isnull=True).order_by("id")[:batch])
    for entry in entries:
        number, digest = number + 1, _digest(digest, entry)
        entry.link, entry.digest = number, digest
    Entry.objects.bulk_update(entries, ["link", "digest"], batch_size=1000)
    return len(entries)


def broken_links() -> Iterator[int]:
    """The ids of entries that do not follow from the one before them."""
    digest, number = b"", 0
    for entry in Entry.objects.filter(link__isnull=False).order_by("link").iterator():
        number, digest = number + 1, _digest(digest, entry)
        if entry.link != number or bytes(entry.digest or b"") != digest:
            yield entry.pk
            digest, number = bytes(entry.digest or b""), entry.link or number


def _digest(before: bytes, entry: Entry) -> bytes:
    facts = json.dumps(entry.facts, sort_keys=True, ensure_ascii=False)
    line = f"{entry.pk}|{entry.at.isoformat()}|{entry.deed}|{entry.subject}"
    line = f"{line}|{entry.by_id or ''}|{entry.door}|{facts}"
    return hashlib.sha256(before + line.encode()).digest()
