"""A month of one office as a calendar page shows it."""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache

from quota.enums import Weekday
from quota.models import Office
from quota.planning import closures
from quota.queries import FRESH, earliest_free, free_dates

# From so many free seats on a day is shown as free, below as "few".
MANY = 5
MONTHS_AHEAD = 12
WEEKEND = (Weekday.SATURDAY, Weekday.SUNDAY)


@dataclass(frozen=True)
class Day:
    """`count` free seats, None where nothing is open; `link` leads to the day's sessions."""

    date: date
    count: int | None
    closed: bool
    link: str

    @property
    def state(self) -> str:
        if self.count is None:
            return "closed" if self.closed else "none"
        if not self.count:
            return "full"
        return "free" if self.count >= MANY else "few"

    @property
    def url(self) -> str:
        """Nobody is led to a full day."""
        return self.link if self.count else ""


@dataclass(frozen=True)
class Month:
    """`previous` and `next` are names of months as 2026-12, empty at either end."""

    first: date
    weeks: list[list[Day]]
    previous: str
    next: str
    free: int

    @property
    def last(self) -> date:
        return later(self.first, 1) - timedelta(days=1)


def month_page(
    *,
    office: Office,
    service: str,
    month: str,
    at: datetime,
    link: Callable[[date], str],
    party: int = 1,
) -> Month:
    """The month named "2026-12", else the one of the earliest free seat; exact at `at`.

    Never before this month nor more than a year ahead. `link` gives the address of a day. Seats of
    sessions that have too few for the party do not count.
    """
    today = office.local(at).date().replace(day=1)
    latest = later(today, MONTHS_AHEAD)
    wanted = month_named(month) or earliest_free(office, service, at, party) or today
    first = min(max(wanted.replace(day=1), today), latest)
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    free = free_dates(office, weeks[0][0], weeks[-1][-1], service, at, party)
    shut = set(closures(office, weeks[0][0], weeks[-1][-1]).values_list("date", flat=True))

    def on(day: date) -> Day:
        return Day(day, free.get(day), day in shut or day.weekday() in WEEKEND, link(day))

    return Month(
        first=first,
        weeks=[[on(day) for day in week] for week in weeks],
        previous=f"{later(first, -1):%Y-%m}" if first > today else "",
        next=f"{later(first, 1):%Y-%m}" if first < latest else "",
        free=sum(count for day, count in free.items() if day.month == first.month),
    )


def month_page_lately(
    *, office: Office, service: str, month: str, at: datetime, link: Callable[[date], str]
) -> Month:
    """`month_page` for everybody: up to 5 seconds old."""
    key = f"month:{office.pk}:{service}:{month_named(month)}"
    known: Month | None = cache.get(key)
    if known is None:
        known = month_page(office=office, service=service, month=month, at=at, link=link)
        cache.set(key, known, FRESH)
    return known


def month_named(text: str) -> date | None:
    """The first day of "2026-12"; None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def later(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
