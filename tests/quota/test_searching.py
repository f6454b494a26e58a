"""The earliest seat over all offices."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mpaspor.core import clock
from quota.enums import Service
from quota.models import Closure, Office, Slot
from quota.searching import Found, earliest_seats, safe_by
from quota.seats import take_seat
from tests.factories.quota import make_office, make_open_slot

pytestmark = pytest.mark.django_db

BANDUNG, JAKARTA, SURABAYA = (-6.9, 107.6), (-6.2, 106.8), (-7.3, 112.7)


def office_at(place: tuple[float, float] | None, **facts: str) -> Office:
    latitude, longitude = place or (None, None)
    return make_office(latitude=latitude, longitude=longitude, **facts)


def slot_in(office: Office, days: int, seats: int = 3, **facts: str) -> Slot:
    noon = office.local(clock.now()).replace(hour=12, minute=0, second=0, microsecond=0)
    return make_open_slot(
        office=office, seats=seats, starts_at=noon + timedelta(days=days), **facts
    )


def search(**wish: object) -> list[Found]:
    cache.clear()
    facts: dict[str, object] = {"service": Service.REGULAR}
    facts["at"] = wish.get("at") or clock.now()
    return earliest_seats(**(facts | wish))  # type: ignore[arg-type]


def test_earliest_seats_gives_each_office_its_first_free_day_earliest_first() -> None:
    late, soon = make_office(name="B"), make_office(name="A")
    slot_in(late, 9), slot_in(late, 20)
    full = slot_in(soon, 1, seats=1)
    take_seat(slot=full, holder="X")
    first = slot_in(soon, 5)
    make_office(name="nothing")

    found = search()

    assert [(one.office, one.day, one.free) for one in found] == [
        (soon, first.date, 3),
        (late, first.date + timedelta(days=4), 3),
    ]


def test_earliest_seats_on_one_day_the_nearest_comes_first_and_the_unknown_last() -> None:
    origin = office_at(BANDUNG, name="Bandung")
    near, far, unknown = office_at(JAKARTA), office_at(SURABAYA), office_at(None)
    for office in (unknown, far, near):
        slot_in(office, 5)

    found = search(near=origin)

    assert [one.office for one in found] == [near, far, unknown]
    assert [one.km for one in found] == [118, 564, None]


@pytest.mark.parametrize(("km", "count"), [(117, 0), (118, 1), (563, 1), (564, 2)])
def test_earliest_seats_within_a_distance_ends_at_it(km: int, count: int) -> None:
    origin = office_at(BANDUNG)
    for place in (JAKARTA, SURABAYA, None):
        slot_in(office_at(place), 5)

    assert len(search(near=origin, within_km=km)) == count


def test_earliest_seats_for_a_party_needs_one_session_that_takes_all() -> None:
    office = make_office()
    slot_in(office, 3, seats=2)
    whole = slot_in(office, 8, seats=4)

    assert [one.day for one in search(party=3)] == [whole.date]
    assert search(party=5) == []


def test_earliest_seats_until_a_day_includes_that_day() -> None:
    slot = slot_in(make_office(), 5)

    assert len(search(until=slot.date)) == 1
    assert search(until=slot.date - timedelta(days=1)) == []


def test_earliest_seats_leaves_out_other_services_closed_and_begun_sessions() -> None:
    office = make_office()
    slot_in(office, 3, service=Service.ACCELERATED)
    Slot.objects.filter(pk=slot_in(office, 4).pk).update(closed_at=clock.now())
    make_open_slot(starts_at=clock.now() - timedelta(minutes=1))

    assert search() == []


@pytest.mark.parametrize("number", [1, 3])
def test_earliest_seats_takes_two_questions_however_many_offices(number: int) -> None:
    for _office in range(number):
        slot_in(make_office(), 5)

    at = clock.now()

    with CaptureQueriesContext(connection) as asked:
        assert len(search(at=at)) == number

    assert len(asked) == 2


def test_safe_by_counts_working_days_back_over_weekends_and_holidays() -> None:
    Closure.objects.all().delete()
    travel = date(2027, 3, 31)  # a Wednesday

    assert safe_by(travel) == date(2027, 3, 17)
    Closure.objects.create(date=date(2027, 3, 19), reason="Nyepi")
    assert safe_by(travel) == date(2027, 3, 16)


def test_search_page_shows_what_was_found_and_leads_to_the_day(client: Client) -> None:
    client.cookies["django_language"] = "en"
    origin = office_at(BANDUNG)
    slot = slot_in(office_at(JAKARTA, name="Kanim Jakarta"), 5)
    cache.clear()

    page = client.get(reverse("search"), {"near": origin.code, "service": "regular"})

    link = reverse("availability_day", args=[slot.office.code, slot.date]) + "?service=regular"
    assert ("Kanim Jakarta" in page.text, "about 118 km" in page.text, link in page.text) == (
        True,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"near": "nowhere"}, "near"),
        ({"within_km": "100"}, "near"),
        ({"within_km": "7"}, "within_km"),
        ({"travel": "tomorrow"}, "travel"),
        ({"travel": "2020-01-01"}, "travel"),
        ({"travel": "9999-12-31"}, "travel"),
        ({"party": "6"}, "party"),
        ({"party": "0"}, "party"),
        ({"party": "9" * 30}, "party"),
        ({"service": "fast"}, "service"),
    ],
)
def test_search_page_with_bad_input_names_the_field_and_keeps_what_was_typed(
    client: Client, asked: dict[str, str], field: str
) -> None:
    answer = client.get(reverse("search"), asked)

    form = answer.context["form"]
    assert (answer.status_code, list(form.errors)) == (200, [field])
    assert {name: form[name].value() for name in asked} == asked


def test_api_finds_the_earliest_seat_with_its_distance() -> None:
    origin, other = office_at(BANDUNG), office_at(JAKARTA)
    slot = slot_in(other, 5)
    cache.clear()

    answer = Client().get(
        "/api/v1/availability/", {"service": "regular", "near": origin.code, "within_km": "200"}
    )

    (found,) = answer.json()
    assert (found["office"]["code"], found["date"], found["free"], found["km"]) == (
        other.code,
        slot.date.isoformat(),
        3,
        118,
    )
    assert (answer["Cache-Control"], bool(answer["ETag"])) == ("public, max-age=5", True)
