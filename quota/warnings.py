"""What a planner should look at before a release is agreed to. Nothing of it refuses."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, time, timedelta
from itertools import chain

from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from mpaspor.core.templatetags.words import clock
from quota.enums import Weekday
from quota.models import Release, Seat, Slot, SpecialDay
from quota.planning import Session, closures
from quota.queries import terms_for

Text = str | Promise


def warnings_of(release: Release, sessions: list[Session]) -> list[Text]:
    return list(
        chain(
            _closures(release), _special_days(release), _weekends(sessions), _staff(release),
            _booked(release, sessions),
        )
    )  # fmt: skip


def seats_before(release: Release) -> int:
    """Seats of the same office in as many days before the release, to compare with."""
    span = release.last_day - release.first_day
    days = (release.first_day - timedelta(days=1) - span, release.first_day - timedelta(days=1))
    made = Slot.objects.filter(office=release.office, date__range=days)
    return made.aggregate(all=Sum("capacity"))["all"] or 0


def _closures(release: Release) -> Iterator[Text]:
    for closure in closures(release.office, release.first_day, release.last_day):
        yield _said(_("Closed on {day}: {reason}."), closure.date, reason=closure.reason)


def _special_days(release: Release) -> Iterator[Text]:
    days = (release.first_day, release.last_day)
    for special in SpecialDay.objects.filter(office=release.office, date__range=days):
        like = special.get_like_display()
        said = _("Special on {day}, served as on a {like}: {reason}.")
        yield _said(said, special.date, like=like, reason=special.reason)


def _weekends(sessions: list[Session]) -> Iterator[Text]:
    days = sorted({session.day for session in sessions if session.day.weekday() == Weekday.SUNDAY})
    for day in days:
        yield _said(_("There are sessions on {day}, a day of rest."), day)


def _staff(release: Release) -> Iterator[Text]:
    have = terms_for(release.office, release.first_day).counters
    if have is None:
        return
    needed: dict[tuple[int, time], int] = defaultdict(int)
    for line in release.plan.lines.all():
        needed[line.weekday, line.starts] += line.counters or 0
    for (weekday, starts), counters in sorted(needed.items()):
        if counters > have:
            yield format_lazy(
                _("{weekday} {starts} needs {counters} counters, {have} have staff."),
                weekday=Weekday(weekday).label, starts=clock(starts), counters=counters, have=have,
            )  # fmt: skip


def _booked(release: Release, sessions: list[Session]) -> Iterator[Text]:
    """Sessions that exist already with more people than are planned now."""
    planned = {session.key: session.seats for session in sessions}
    days = (release.first_day, release.last_day)
    held = Seat.objects.exclude(holder=None).values("slot")
    slots = Slot.objects.filter(office=release.office, date__range=days, pk__in=held).with_held()
    for slot in slots.exclude(release=release).order_by("starts_at"):
        seats = planned.get((slot.date, slot.starts, slot.service))
        if seats is not None and seats < slot.held:
            said = _("{day} {starts}: {held} people are booked, {seats} seats are planned.")
            yield _said(said, slot.date, starts=clock(slot.starts), held=slot.held, seats=seats)


def _said(text: Promise | str, day: date, **facts: object) -> Text:
    return format_lazy(str(text), day=date_format(day, "l, j F Y"), **facts)
