from datetime import date, time

import pytest

from quota.enums import Service
from quota.models import Closure, PlanLine
from quota.preview import Cell, preview_of
from tests.factories.quota import make_office, make_plan, make_release

pytestmark = pytest.mark.django_db

MONDAY = date(2027, 3, 1)


def test_preview_of_draft_has_a_table_for_each_service() -> None:
    plan = make_plan(make_office(), weekdays=[0], hours=[8, 9], seats=5)
    PlanLine.objects.create(
        plan=plan, weekday=1, starts=time(9), ends=time(10), service=Service.ACCELERATED, seats=2
    )
    release = make_release(plan=plan, first_day=MONDAY, last_day=date(2027, 3, 7))

    preview = preview_of(release)

    assert [(table.service, table.total) for table in preview.tables] == [
        (str(Service.ACCELERATED.label), 2),
        (str(Service.REGULAR.label), 10),
    ]
    assert (preview.sessions, preview.seats) == (3, 12)


def test_preview_of_draft_shows_gaps_and_closures() -> None:
    plan = make_plan(make_office(), weekdays=[0, 1], hours=[8], seats=5)
    PlanLine.objects.create(plan=plan, weekday=1, starts=time(9), ends=time(10), seats=2)
    release = make_release(plan=plan, first_day=MONDAY, last_day=date(2027, 3, 9))
    Closure.objects.create(date=date(2027, 3, 8), reason="Nyepi")

    (table,) = preview_of(release).tables

    assert [(row.day.day, row.total, row.closure) for row in table.rows] == [
        (1, 5, ""),
        (2, 7, ""),
        (8, 0, "Nyepi"),
        (9, 7, ""),
    ]
    assert table.rows[0].cells == [Cell(time(8), time(9), 5), Cell(time(9), time(10), None)]


def test_preview_of_release_without_sessions_has_no_table() -> None:
    release = make_release(plan=make_plan(make_office(), weekdays=[]))

    preview = preview_of(release)

    assert (preview.tables, preview.seats) == ([], 0)
