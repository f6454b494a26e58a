"""National holidays and joint leave (cuti bersama), as rows an officer may change afterwards."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from holidays import country_holidays

from mpaspor.audit import trail
from quota.models import Closure

REASON_LENGTH = 120


@transaction.atomic
def seed_holidays(*, years: Iterable[int], by: trail.By, at: datetime) -> dict[int, int]:
    """Adds the closures of `years` for all offices; returns how many are new, by year.

    Days that have a national closure already are left as they are: an officer may have changed it.
    Legal source: each year's joint decree of three ministers (SKB) on holidays and joint leave.
    """
    return {year: _seed(year, by, at) for year in sorted(set(years))}


def _seed(year: int, by: trail.By, at: datetime) -> int:
    known = Closure.objects.filter(office=None, date__year=year)
    before = known.count()
    days = country_holidays("ID", years=year, categories=("public", "government"), language="id")
    Closure.objects.bulk_create(
        [Closure(date=day, reason=name[:REASON_LENGTH]) for day, name in days.items()],
        ignore_conflicts=True,
    )
    added = known.count() - before
    if added:
        trail.record("closures.seeded", subject=f"year:{year}", by=by, at=at, added=added)
    return added
