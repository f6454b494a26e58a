"""What a planner should look at before a release is agreed to."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from quota.enums import ReleaseStatus
from quota.models import Closure, Plan, PlanLine, Release, SpecialDay
from quota.planning import sessions_of
from quota.preview import preview_of
from quota.seats import take_seat
from tests.factories.quota import make_office, make_open_slot, make_plan, make_release, make_terms

pytestmark = pytest.mark.django_db

MONDAY = date(2027, 3, 1)


def week(plan: Plan | None = None) -> Release:
    plan = plan or make_plan(make_office(), weekdays=[0], hours=[8], seats=5)
    return make_release(plan=plan, first_day=MONDAY, last_day=MONDAY + timedelta(days=6))


def warned(release: Release) -> list[str]:
    with translation.override("en"):
        return [str(text) for text in preview_of(release).warnings]


def test_preview_of_an_ordinary_week_warns_of_nothing() -> None:
    assert warned(week()) == []


def test_preview_warns_of_closures_special_days_and_sundays() -> None:
    release = week()
    Closure.objects.create(date=MONDAY, reason="Nyepi")
    sunday = MONDAY + timedelta(days=6)
    SpecialDay.objects.create(office=release.office, date=sunday, like=0, reason="Simpatik")

    assert warned(release) == [
        "Closed on Monday, 1 March 2027: Nyepi.",
        "Special on Sunday, 7 March 2027, served as on a Monday: Simpatik.",
        "There are sessions on Sunday, 7 March 2027, a day of rest.",
    ]


@pytest.mark.parametrize(("staff", "expected"), [(None, 0), (4, 0), (3, 1)])
def test_preview_warns_where_staff_is_short(staff: int | None, expected: int) -> None:
    release = week()
    make_terms(office=release.office, counters=staff)
    PlanLine.objects.update(counters=4, minutes=48)

    assert len(warned(release)) == expected


def test_preview_warns_where_more_people_are_booked_than_seats_are_planned() -> None:
    release = week()
    first = sessions_of(release)[0]
    starts = first.day.isoformat()
    slot = make_open_slot(seats=9, office=release.office)
    slot.date, slot.starts = first.day, first.starts
    slot.save()
    for holder in "ABCDEF":
        take_seat(slot=slot, holder=holder)

    (text,) = warned(release)

    assert (starts[:4] in text, "6 people are booked, 5 seats are planned" in text) == (True, True)


def test_preview_compares_with_as_many_days_before() -> None:
    release = week()
    for days, seats in ((1, 3), (7, 4), (8, 50)):
        slot = make_open_slot(seats=seats, office=release.office)
        slot.date = MONDAY - timedelta(days=days)
        slot.save()

    preview = preview_of(release)

    assert (preview.seats, preview.before, preview.difference, preview.fewer) == (5, 7, -2, 2)


def test_preview_has_a_calendar_of_the_days_of_the_release() -> None:
    (month,) = preview_of(week()).calendar

    cells = [cell for row in month.weeks for cell in row if cell]
    assert cells[0] == (MONDAY, 5)
    assert [seats for _day, seats in cells] == [5, 0, 0, 0, 0, 0, 0]


def test_preview_of_an_opened_release_warns_no_more() -> None:
    release = make_release(status=ReleaseStatus.OPEN, opened_at=make_open_slot().starts_at)
    Closure.objects.create(date=release.first_day, reason="Nyepi")

    assert warned(release) == []
