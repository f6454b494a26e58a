"""What a release makes, as a page shows it: a table of days and hours for each service."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time

from django.utils.dates import WEEKDAYS_ABBR

from quota.models import Closure, Release
from quota.months import later
from quota.planning import Session, closures, days, sessions_of
from quota.warnings import Text, seats_before, warnings_of


@dataclass(frozen=True)
class Cell:
    """None where the day has no such session."""

    starts: time
    ends: time
    seats: int | None


@dataclass(frozen=True)
class Row:
    day: date
    cells: list[Cell]
    closure: str

    @property
    def total(self) -> int:
        return sum(cell.seats or 0 for cell in self.cells)


@dataclass(frozen=True)
class Table:
    service: str
    hours: list[tuple[time, time]]
    rows: list[Row]

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)

    @property
    def width(self) -> int:
        """Columns beside the day."""
        return len(self.hours) + 1


@dataclass(frozen=True)
class CalendarMonth:
    """Weeks from Monday on; a day is its date and its seats, or None outside the release."""

    first: date
    weeks: list[list[tuple[date, int] | None]]

    @property
    def week_names(self) -> list[str]:
        return [str(name) for name in WEEKDAYS_ABBR.values()]


@dataclass(frozen=True)
class Preview:
    """`before` counts the seats of the same office in as many days before the first one."""

    tables: list[Table]
    calendar: list[CalendarMonth]
    warnings: list[Text]
    sessions: int
    seats: int
    before: int

    @property
    def difference(self) -> int:
        return self.seats - self.before

    @property
    def fewer(self) -> int:
        return self.before - self.seats


def preview_of(release: Release) -> Preview:
    """Before it opens what it would make by now; afterwards what it made."""
    sessions = made_by(release) if release.opened_at else sessions_of(release)
    shut = list(closures(release.office, release.first_day, release.last_day))
    services = sorted({session.service for session in sessions})
    return Preview(
        tables=[_table(release, service, sessions, shut) for service in services],
        calendar=list(_calendar(release, sessions)),
        warnings=[] if release.opened_at else warnings_of(release, sessions),
        sessions=len(sessions),
        seats=sum(session.seats for session in sessions),
        before=seats_before(release),
    )


def _calendar(release: Release, sessions: Sequence[Session]) -> Iterator[CalendarMonth]:
    seats: dict[date, int] = defaultdict(int)
    for session in sessions:
        seats[session.day] += session.seats
    first = release.first_day.replace(day=1)
    while first <= release.last_day:
        weeks = [
            [(day, seats[day]) if _shown(day, first, release) else None for day in week]
            for week in Calendar().monthdatescalendar(first.year, first.month)
        ]
        yield CalendarMonth(first, [week for week in weeks if any(week)])
        first = later(first, 1)


def _shown(day: date, month: date, release: Release) -> bool:
    return day.month == month.month and release.first_day <= day <= release.last_day


def made_by(release: Release) -> list[Session]:
    return [
        Session(slot.date, slot.starts, slot.ends, slot.service, slot.capacity)
        for slot in release.slots.order_by("date", "starts")
    ]


def _table(
    release: Release, service: str, sessions: Sequence[Session], shut: Sequence[Closure]
) -> Table:
    mine = [session for session in sessions if session.service == service]
    hours = sorted({(session.starts, session.ends) for session in mine})
    seats = {(session.day, session.starts, session.ends): session.seats for session in mine}
    reasons = {closure.date: closure.reason for closure in shut}
    rows = [
        Row(
            day,
            [Cell(*hour, seats.get((day, *hour))) for hour in hours],
            reasons.get(day, ""),
        )
        for day in days(release.first_day, release.last_day)
    ]
    return Table(
        service=mine[0].service_name,
        hours=hours,
        rows=[row for row in rows if row.total or row.closure],
    )
