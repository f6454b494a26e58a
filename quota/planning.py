"""A week of sessions laid over a range of days: what a preview shows is what an opening makes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from django.core.cache import cache
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from mpaspor.core.errors import Refusal
from quota.enums import APPROVED, Service
from quota.models import Closure, Office, Plan, PlanLine, Release, SpecialDay
from quota.queries import FRESH

EVERY_DAY_AS_IT_IS: Mapping[date, int] = MappingProxyType({})

Key = tuple[date, time, str]
"""Day, start and service: what an office can have only once."""


@dataclass(frozen=True)
class Session:
    """`starts` and `ends` are in the office's zone."""

    day: date
    starts: time
    ends: time
    service: str
    seats: int

    @property
    def key(self) -> Key:
        return self.day, self.starts, self.service

    @property
    def service_name(self) -> str:
        return str(Service(self.service).label)


def lay(
    lines: Iterable[PlanLine],
    *,
    first: date,
    last: date,
    closed: Collection[date],
    special: Mapping[date, int] = EVERY_DAY_AS_IT_IS,
) -> list[Session]:
    """The sessions from `first` to `last`, both included, in order; none on closed days.

    A day in `special` has the sessions of that weekday, closed or not.
    """
    week: dict[int, list[PlanLine]] = {}
    for line in sorted(lines, key=lambda line: (line.starts, line.service)):
        week.setdefault(line.weekday, []).append(line)
    return [
        Session(day, line.starts, line.ends, line.service, line.seats)
        for day in days(first, last)
        if day not in closed or day in special
        for line in week.get(special.get(day, day.weekday()), [])
    ]


def days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def closures(office: Office, first: date, last: date) -> QuerySet[Closure]:
    """Those of the whole country and the office's own."""
    return Closure.objects.filter(Q(office=office) | Q(office=None), date__range=(first, last))


def sessions_of(release: Release) -> list[Session]:
    """What the release makes when it opens, with the closures known by now."""
    closed = closures(release.office, release.first_day, release.last_day)
    return lay(
        release.plan.lines.all(),
        first=release.first_day,
        last=release.last_day,
        closed=set(closed.values_list("date", flat=True)),
        special=special_days(release.office, release.first_day, release.last_day),
    )


def special_days(office: Office, first: date, last: date) -> dict[date, int]:
    """Days with the weekday whose sessions they have."""
    rows = SpecialDay.objects.filter(office=office, date__range=(first, last))
    return dict(rows.values_list("date", "like"))


def seats_for(*, counters: int, minutes: int, starts: time, ends: time) -> int:
    """How many people so many counters serve from `starts` to `ends`, at `minutes` each."""
    some_day = date(2000, 1, 1)
    length = datetime.combine(some_day, ends) - datetime.combine(some_day, starts)
    return counters * (length // timedelta(minutes=minutes))


class PlanFixed(Refusal):
    code = "plan-fixed"
    message = _("These sessions were reviewed for a release that has not opened yet: %(release)s.")
    remedy = _("Make another plan, or withdraw that release first.")


def waiting_with(plan: Plan) -> QuerySet[Release]:
    """Releases that a second officer agreed to with the sessions of this plan."""
    return plan.releases.filter(status__in=APPROVED).select_related("office")


class DayFixed(Refusal):
    code = "day-fixed"
    message = _("This day was reviewed for a release that has not opened yet: %(release)s.")
    remedy = _("Withdraw that release first, or choose another day.")
    field = "date"


def refuse_reviewed_day(special: SpecialDay, before: date | None = None) -> None:
    """Raises DayFixed. `before`: the day it was on until now."""
    for day in filter(None, {special.date, before}):
        waiting = Release.objects.filter(
            office=special.office, status__in=APPROVED, first_day__lte=day, last_day__gte=day
        ).first()
        if waiting:
            raise DayFixed(release=waiting)


def seats_of(release: Release) -> dict[str, int]:
    """By service, the usual one first: seats that were made, or that the plan would make now."""
    made = release.slots.order_by().values_list("service").annotate(Sum("capacity"))
    if not release.is_waiting:
        return dict(made.order_by("-service"))
    seats: dict[str, int] = {}
    for session in sessions_of(release):
        seats[session.service] = seats.get(session.service, 0) + session.seats
    return dict(sorted(seats.items(), reverse=True))


def seats_lately(release: Release) -> dict[str, int]:
    """`seats_of`, up to 5 seconds old: everybody who gets in line asks it."""
    key = f"seats-of-release:{release.pk}"
    return cache.get_or_set(key, lambda: seats_of(release), FRESH) or {}
