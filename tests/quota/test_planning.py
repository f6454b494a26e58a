from datetime import date, time, timedelta

import pytest
from django.db import InternalError

from quota.enums import ReleaseStatus
from quota.models import Closure, PlanLine, SpecialDay
from quota.planning import (
    DayFixed,
    Session,
    closures,
    lay,
    refuse_reviewed_day,
    seats_for,
    sessions_of,
)
from tests.factories.quota import make_office, make_plan, make_release

MONDAY = date(2027, 3, 1)
SUNDAY = date(2027, 3, 7)


def line(weekday: int, hour: int, *, service: str = "regular", seats: int = 5) -> PlanLine:
    return PlanLine(
        weekday=weekday, starts=time(hour), ends=time(hour + 1), service=service, seats=seats
    )


def test_lay_a_week_gives_each_line_on_its_weekday_in_order() -> None:
    lines = [line(2, 9), line(0, 10, seats=7), line(0, 8)]

    assert lay(lines, first=MONDAY, last=SUNDAY, closed=()) == [
        Session(date(2027, 3, 1), time(8), time(9), "regular", 5),
        Session(date(2027, 3, 1), time(10), time(11), "regular", 7),
        Session(date(2027, 3, 3), time(9), time(10), "regular", 5),
    ]


def test_lay_one_day_includes_it() -> None:
    laid = lay([line(0, 8)], first=MONDAY, last=MONDAY, closed=())

    assert [session.day for session in laid] == [MONDAY]


def test_lay_over_a_closed_day_skips_it() -> None:
    laid = lay([line(0, 8), line(1, 8)], first=MONDAY, last=SUNDAY, closed={MONDAY})

    assert [session.day for session in laid] == [date(2027, 3, 2)]


def test_lay_over_days_without_lines_gives_nothing() -> None:
    assert lay([line(6, 8)], first=MONDAY, last=date(2027, 3, 6), closed=()) == []


@pytest.mark.django_db
def test_closures_are_those_of_the_country_and_of_the_office() -> None:
    office, other = make_office(), make_office()
    for place, day in ((None, 1), (office, 2), (other, 3), (office, 9)):
        Closure.objects.create(office=place, date=date(2027, 3, day), reason="x")

    found = closures(office, MONDAY, SUNDAY)

    assert [closure.date.day for closure in found] == [1, 2]


@pytest.mark.django_db
def test_sessions_of_release_skips_closures_of_its_office() -> None:
    office = make_office()
    release = make_release(
        plan=make_plan(office, weekdays=[0, 1], hours=[8]), first_day=MONDAY, last_day=SUNDAY
    )
    Closure.objects.create(office=office, date=MONDAY, reason="Blank books used up")

    assert [session.day for session in sessions_of(release)] == [date(2027, 3, 2)]


def test_lay_over_a_special_day_has_the_sessions_of_the_other_weekday_even_on_a_holiday() -> None:
    saturday, holiday = date(2027, 3, 6), date(2027, 3, 2)

    laid = lay(
        [line(0, 8), line(1, 9)],
        first=MONDAY,
        last=SUNDAY,
        closed={holiday},
        special={saturday: 0, holiday: 0},
    )

    assert [(session.day, session.starts) for session in laid] == [
        (MONDAY, time(8)),
        (holiday, time(8)),
        (saturday, time(8)),
    ]


@pytest.mark.parametrize(
    ("counters", "minutes", "starts", "ends", "seats"),
    [
        (3, 15, time(8), time(9), 12),
        (3, 25, time(8), time(9), 6),
        (1, 61, time(8), time(9), 0),
        (2, 10, time(8, 30), time(12), 42),
    ],
)
def test_seats_for_counts_whole_people_at_each_counter(
    counters: int, minutes: int, starts: time, ends: time, seats: int
) -> None:
    assert seats_for(counters=counters, minutes=minutes, starts=starts, ends=ends) == seats


@pytest.mark.django_db
def test_special_day_of_a_reviewed_release_is_refused_and_stopped_by_the_database() -> None:
    release = make_release(status=ReleaseStatus.REVIEWED)
    special = SpecialDay(office=release.office, date=release.first_day, like=2, reason="x")

    with pytest.raises(DayFixed):
        refuse_reviewed_day(special)
    with pytest.raises(InternalError, match="a reviewed release waits"):
        special.save()


@pytest.mark.django_db
def test_special_day_is_what_the_release_makes() -> None:
    release = make_release(plan=make_plan(make_office(), weekdays=[0], hours=[8], seats=5))
    saturday = release.first_day + timedelta(days=5)
    SpecialDay.objects.create(office=release.office, date=saturday, like=0, reason="Simpatik")

    assert saturday in [session.day for session in sessions_of(release)]
