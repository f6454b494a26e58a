from datetime import UTC, date, datetime
from typing import Any

import pytest

from quota.enums import Service, Zone
from quota.models import Closure, Office
from quota.months import Month, month_named, month_page
from quota.seats import take_seat
from tests.factories.quota import make_office, make_open_slot

AT = datetime(2026, 12, 10, 2, tzinfo=UTC)


def page(office: Office, month: str = "", at: datetime = AT) -> Month:
    return month_page(
        office=office, service=Service.REGULAR, month=month, at=at, link=lambda day: f"/{day}/"
    )


def states(month: Month) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for week in month.weeks:
        for day in week:
            if day.date.month == month.first.month:
                found.setdefault(day.state, []).append(day.date.day)
    return found


def slot_on(office: Office, day: int, **facts: Any) -> Any:
    return make_open_slot(office=office, starts_at=datetime(2026, 12, day, 3, tzinfo=UTC), **facts)


@pytest.mark.django_db
def test_month_page_tells_free_few_full_closed_and_unopened_days() -> None:
    office = make_office()
    slot_on(office, 14, seats=5)
    slot_on(office, 15, seats=4)
    take_seat(slot=slot_on(office, 16, seats=1), holder="A")
    Closure.objects.create(date=date(2026, 12, 25), reason="Hari Raya Natal")

    month = page(office, "2026-12")

    found = states(month)
    assert (found["free"], found["few"], found["full"]) == ([14], [15], [16])
    assert found["closed"] == [5, 6, 12, 13, 19, 20, 25, 26, 27]
    assert month.free == 9


@pytest.mark.django_db
def test_month_page_leads_to_days_with_free_seats_only() -> None:
    office = make_office()
    slot_on(office, 14)
    take_seat(slot=slot_on(office, 16, seats=1), holder="A")

    links = [day.url for week in page(office, "2026-12").weeks for day in week if day.url]

    assert links == ["/2026-12-14/"]


@pytest.mark.django_db
def test_month_page_without_a_month_starts_at_the_earliest_free_seat() -> None:
    office = make_office()
    make_open_slot(office=office, starts_at=datetime(2027, 2, 3, 3, tzinfo=UTC))

    assert page(office).first == date(2027, 2, 1)
    assert page(make_office()).first == date(2026, 12, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "first", "previous", "following"),
    [
        ("2026-12", date(2026, 12, 1), "", "2027-01"),
        ("2027-01", date(2027, 1, 1), "2026-12", "2027-02"),
        ("2020-01", date(2026, 12, 1), "", "2027-01"),
        ("2999-01", date(2027, 12, 1), "2027-11", ""),
    ],
)
def test_month_page_stays_within_a_year(
    asked: str, first: date, previous: str, following: str
) -> None:
    month = page(make_office(), asked)

    assert (month.first, month.previous, month.next) == (first, previous, following)


@pytest.mark.django_db
def test_month_page_knows_the_month_of_the_offices_zone() -> None:
    new_year_in_the_east = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)

    assert page(make_office(zone=Zone.WIT), at=new_year_in_the_east).first == date(2027, 1, 1)
    assert page(make_office(zone=Zone.WIB), at=new_year_in_the_east).first == date(2026, 12, 1)


@pytest.mark.parametrize("text", ["", "13", "2026-13", "2026", "x", "2026-12-01", "0000-01"])
def test_month_named_by_nonsense_is_none(text: str) -> None:
    assert month_named(text) is None
