"""The ledger's daily roots: one published line a day that fixes everything done before it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from mpaspor.audit import trail
from mpaspor.audit.models import DailyRoot, Entry

CAPITAL = ZoneInfo("Asia/Jakarta")
# Roots on the public page.
SHOWN = 60


@transaction.atomic
def seal_day(*, at: datetime) -> DailyRoot | None:
    """The root of yesterday (in the capital), once everything done until then is linked.

    Exactly one for each day, whoever tries at the same time. A day that nobody sealed in time is
    covered by the next root. None when there is nothing to do yet.
    """
    midnight = at.astimezone(CAPITAL).replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = (midnight - timedelta(days=1)).date()
    if Entry.objects.filter(link__isnull=True, at__lt=midnight).exists():
        return None
    head = Entry.objects.filter(link__isnull=False).order_by("-link").first()
    if head is None or head.link is None or DailyRoot.objects.filter(day=yesterday).exists():
        return None
    root = DailyRoot(day=yesterday, sealed_at=at, link=head.link, digest=head.digest)
    DailyRoot.objects.bulk_create([root], ignore_conflicts=True)
    return DailyRoot.objects.get(day=yesterday)


def latest() -> "list[DailyRoot]":
    return list(DailyRoot.objects.all()[:SHOWN])


def broken_roots() -> Iterator[date]:
    """Days whose root is not the digest that the chain has at its place."""
    for root in DailyRoot.objects.order_by("day"):
        entry = Entry.objects.filter(link=root.link).first()
        if entry is None or bytes(entry.digest or b"") != bytes(root.digest):
            yield root.day


def verify() -> tuple[int, list[str]]:
    """Recomputes the whole chain; how many entries it has, and a line for each fault."""
    faults = [f"entry {pk} does not follow from the one before it" for pk in trail.broken_links()]
    faults += [f"the root of {day} is not that of the chain" for day in broken_roots()]
    return Entry.objects.filter(link__isnull=False).count(), faults
