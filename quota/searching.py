"""The earliest seat over all offices: near a place, before a date, for a party."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import asin, cos, radians, sin, sqrt

from django.conf import settings
from django.core.cache import cache
from django.db import connection

from quota.enums import ReleaseStatus
from quota.models import Office
from quota.queries import FRESH, national_holidays, offices

EARTH_KM = 6371
# Free seats by office and day, and the most that one session of that day has.
COUNT = """
SELECT office_id, date, max(free), sum(free) FROM (
    SELECT slot.office_id, slot.date, count(*) AS free
      FROM quota_slot slot
      JOIN quota_release release ON release.id = slot.release_id AND release.status = %(open)s
      JOIN quota_seat seat ON seat.slot_id = slot.id
           AND seat.holder IS NULL AND seat.returns_at IS NULL AND seat.reserve = ''
     WHERE slot.service = %(service)s AND slot.starts_at > %(at)s AND slot.closed_at IS NULL
     GROUP BY slot.id) session
 GROUP BY office_id, date ORDER BY date
"""
# The day, the most seats one of its sessions has, and the seats of the whole day.
Free = tuple[date, int, int]


@dataclass(frozen=True)
class Found:
    """`day` is the first with a session that takes the whole party; `free` counts its seats.

    `km` as the crow flies from the office searched from; None where a place is not known.
    """

    office: Office
    day: date
    free: int
    km: int | None


def earliest_seats(
    *,
    service: str,
    at: datetime,
    party: int = 1,
    until: date | None = None,
    near: Office | None = None,
    within_km: int | None = None,
) -> list[Found]:
    """One entry for each office that has room, the earliest day first, then the nearest.

    Up to 5 seconds old, like every number for everybody; who books is told the truth.
    """
    free = _free_lately(service, at)
    found = [
        Found(office, day, seats, _km(near, office))
        for office in offices()
        for day, seats in _first(free.get(office.pk, []), party, until)
    ]
    reached = [one for one in found if within_km is None or _is_within(one, within_km)]
    return sorted(reached, key=lambda one: (one.day, one.km is None, one.km or 0, one.office.name))


def safe_by(travel: date) -> date:
    """The latest day for the visit that leaves the advised working days before `travel`."""
    return working_days_before(travel, settings.SAFE_WORKING_DAYS)


def working_days_before(day: date, count: int) -> date:
    return _stepped(day, count, timedelta(days=-1))


def working_days_after(day: date, count: int) -> date:
    return _stepped(day, count, timedelta(days=1))


def _stepped(day: date, count: int, step: timedelta) -> date:
    """Over weekends and the holidays of the whole country."""
    last = day + step * count * 4
    holidays = national_holidays(min(day, last), max(day, last))
    while count > 0 and day != last:
        day += step
        count -= day.weekday() < 5 and day not in holidays
    return day


def _free_lately(service: str, at: datetime) -> dict[int, list[Free]]:
    key = f"free-by-day:{service}"
    known: dict[int, list[Free]] | None = cache.get(key)
    if known is None:
        known = _counted(service, at)
        cache.set(key, known, FRESH)
    return known


def _counted(service: str, at: datetime) -> dict[int, list[Free]]:
    by_office: dict[int, list[Free]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"service": service, "at": at, "open": ReleaseStatus.OPEN.value})
        for office, day, most, seats in cursor.fetchall():
            by_office[office].append((day, most, int(seats)))
    return dict(by_office)


def _first(free: list[Free], party: int, until: date | None) -> list[tuple[date, int]]:
    """The first day that fits, or nothing."""
    fitting = (
        (day, seats)
        for day, most, seats in free
        if most >= party and (until is None or day <= until)
    )
    return [day for day in [next(fitting, None)] if day]


def _is_within(found: Found, km: int) -> bool:
    return found.km is not None and found.km <= km


def _km(origin: Office | None, office: Office) -> int | None:
    """Great-circle distance."""
    if origin is None or origin.place is None or office.place is None:
        return None
    (south, west), (north, east) = origin.place, office.place
    across = sin(radians(east - west) / 2) ** 2 * cos(radians(south)) * cos(radians(north))
    half = sin(radians(north - south) / 2) ** 2 + across
    return round(2 * EARTH_KM * asin(sqrt(half)))
