import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mpaspor.core import clock
from quota.enums import ReleaseStatus, Zone
from quota.models import Slot
from quota.seats import take_seat
from tests.factories.quota import make_office, make_open_slot, make_plan, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


@pytest.fixture
def english(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return " ".join(response.content.decode().split())


def month_address(slot: Slot) -> str:
    return (
        f"{reverse('availability')}?office={slot.office.code}&service={slot.service}"
        f"&month={slot.date:%Y-%m}"
    )


def test_office_list_shows_every_office_with_its_zone(english: Client) -> None:
    make_office(name="Kantor Denpasar", zone=Zone.WITA)
    make_office(name="Kantor Jayapura", zone=Zone.WIT)

    page = read(english, reverse("office_list"))

    assert page.index("Kantor Denpasar") < page.index("WITA") < page.index("Kantor Jayapura")
    assert "2 offices" in page


def test_office_list_searched_keeps_what_was_typed(english: Client) -> None:
    make_office(name="Kantor Denpasar")
    make_office(name="Kantor Jayapura")

    page = read(english, reverse("office_list") + "?q=jaya")

    assert ("Kantor Jayapura" in page, "Kantor Denpasar" in page) == (True, False)
    assert 'value="jaya"' in page


def test_office_list_without_a_match_says_how_to_go_on(english: Client) -> None:
    make_office()

    page = read(english, reverse("office_list") + "?q=" + quote("<zzz>"))

    assert "No office fits what you typed" in page
    assert 'value="&lt;zzz&gt;"' in page


def test_office_detail_names_zone_and_next_opening_in_it(english: Client) -> None:
    office = make_office(zone=Zone.WIT)
    release = make_release(plan=make_plan(office), status=ReleaseStatus.SCHEDULED)

    page = read(english, reverse("office_detail", args=[office.code]))

    assert f"{office.local(release.publish_at):%H:%M} WIT" in page
    assert f"{reverse('availability')}?office={office.code}" in page


def test_office_detail_without_an_opening_says_so(english: Client) -> None:
    page = read(english, reverse("office_detail", args=[make_office().code]))

    assert "No opening is announced yet" in page


def test_office_detail_of_no_office_is_not_found(client: Client) -> None:
    assert client.get(reverse("office_detail", args=["nowhere"])).status_code == 404


def test_availability_without_an_office_asks_for_one(english: Client) -> None:
    make_release(plan=make_plan(make_office(name="Kantor Medan")), status=ReleaseStatus.SCHEDULED)

    page = read(english, reverse("availability"))

    assert "Choose an office" in page
    assert page.count("Kantor Medan") == 2
    assert 'class="month"' not in page


def test_availability_of_a_month_counts_seats_and_links_to_the_day(english: Client) -> None:
    slot = make_open_slot(seats=7)

    page = read(english, month_address(slot))

    day = reverse("availability_day", args=[slot.office.code, slot.date])
    assert f'href="{day}?service=regular"' in page
    assert "7 free seats in this month" in page


def test_availability_is_at_most_seconds_old(english: Client) -> None:
    slot = make_open_slot(seats=7)
    read(english, month_address(slot))
    take_seat(slot=slot, holder="A")

    assert "7 free seats in this month" in read(english, month_address(slot))
    cache.clear()
    assert "6 free seats in this month" in read(english, month_address(slot))


def test_availability_with_nothing_open_says_when_it_opens(english: Client) -> None:
    office = make_office(zone=Zone.WITA)
    release = make_release(plan=make_plan(office), status=ReleaseStatus.SCHEDULED)

    page = read(english, f"{reverse('availability')}?office={office.code}")

    assert "Nothing is free in this month" in page
    assert f"{office.local(release.publish_at):%H:%M} WITA" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("office=xx", "There is no such office"),
        ("office=", "Choose an office."),
        ("office={office}&service=x", "There is no such service"),
        ("office={office}&month=13", "“13” is no month"),
        ("office={office}&month=2026-13", "“2026-13” is no month"),
    ],
)
def test_availability_of_nonsense_says_what_is_wrong(
    english: Client, query: str, said: str
) -> None:
    office = make_office()

    page = read(english, f"{reverse('availability')}?{query.format(office=office.code)}")

    assert said in page
    assert 'class="month"' not in page


@pytest.mark.parametrize("page", ["office_list", "availability"])
@pytest.mark.parametrize("name", ["q", "office", "service", "month"])
def test_pages_asked_for_oddities_never_fail(client: Client, page: str, name: str) -> None:
    make_office()

    for odd in ("%00", "%F0%9F%98%80", "a" * 3000, "'--", "%25", "-1", "[]"):
        response = client.get(f"{reverse(page)}?office=x&{name}={odd}")
        assert response.status_code in {200, 400}, odd


def test_availability_day_shows_sessions_with_numbers_in_the_offices_zone(
    english: Client,
) -> None:
    slot = make_open_slot(seats=3, office=make_office(zone=Zone.WIT))
    later = make_open_slot(
        seats=1, office=slot.office, starts_at=slot.starts_at + timedelta(hours=1)
    )
    take_seat(slot=later, holder="A")

    page = read(english, reverse("availability_day", args=[slot.office.code, slot.date]))

    assert "Sessions, in WIT time" in page
    rows = re.findall(r"(\d\d:\d\d–\d\d:\d\d)</th> <td class=\"amount\"> (\w+) </td>", page)
    assert rows == [("10:00–11:00", "3"), ("11:00–12:00", "full")]


def test_availability_day_without_sessions_says_when_it_opens(english: Client) -> None:
    office = make_office()
    make_release(plan=make_plan(office), status=ReleaseStatus.SCHEDULED)
    day = clock.now().date() + timedelta(days=3)

    page = read(english, reverse("availability_day", args=[office.code, day]))

    assert "Nothing is open on this day" in page
    assert "When new dates open" in page


@pytest.mark.parametrize("day", ["2026-13-45", "2026-02-30", "0000-01-01"])
def test_availability_day_of_no_such_day_is_not_found(client: Client, day: str) -> None:
    assert client.get(f"/availability/{make_office().code}/{day}/").status_code == 404


def test_availability_day_for_no_such_service_says_so(english: Client) -> None:
    slot = make_open_slot()
    address = reverse("availability_day", args=[slot.office.code, slot.date])

    assert "There is no such service" in read(english, f"{address}?service=x")


@pytest.mark.parametrize("number", [1, 3])
def test_pages_ask_the_same_number_of_questions_however_many_rows(
    client: Client, number: int
) -> None:
    for _each in range(number):
        make_release(status=ReleaseStatus.SCHEDULED)
        slot = make_open_slot()
    client.get(month_address(slot))

    def questions(address: str) -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        return len(asked)

    pages = (reverse("office_list"), reverse("availability"), month_address(slot))
    assert [questions(page) for page in pages] == [1, 3, 6]
