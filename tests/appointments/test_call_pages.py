"""Counters and displays as pages: an officer's presses, what everybody sees, and no names."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from appointments.calls.calling import call_next_number
from appointments.calls.models import Counter, QueueNumber
from appointments.models import Appointment
from mpaspor.core import clock
from quota.enums import Role
from quota.models import Office, Slot
from tests.appointments.browsing import signed_in, text_of
from tests.factories.appointments import make_confirmed
from tests.factories.calls import make_counter, make_number
from tests.factories.quota import make_office, make_officer, make_open_slot, make_terms

pytestmark = pytest.mark.django_db


@pytest.fixture
def slot() -> Slot:
    """A session that people may be checked in for at any hour of today."""
    office = make_office()
    make_terms(office=office, early_minutes=2000)
    return make_open_slot(office=office, starts_at=clock.now() + timedelta(minutes=20))


@pytest.fixture
def officer(slot: Slot) -> Client:
    return signed_in(make_officer(Role.COUNTER, slot.office))


@pytest.fixture
def counter(slot: Slot) -> Counter:
    return make_counter(slot.office, number=3, is_open=False)


@pytest.fixture
def arrived(slot: Slot, officer: Client) -> Appointment:
    """Checked in at the counter's page."""
    appointment = make_confirmed(slot=slot)
    said = text_of(officer.post(reverse("admin:check_in"), {"code": appointment.code}))
    assert "Queue number A001" in said
    return appointment


def press(client: Client, counter: Counter, deed: str, **typed: object) -> str:
    page = client.post(
        reverse("admin:counter", args=[counter.pk]), {"deed": deed, **typed}, follow=True
    )
    return text_of(page)


def display(office: Office) -> str:
    page = Client().get(reverse("calls_now", args=[office.code]), HTTP_COOKIE="django_language=en")
    assert page["Cache-Control"] == "public, max-age=1"
    return text_of(page)


def test_officer_calls_begins_sends_on_and_finishes(
    slot: Slot, officer: Client, counter: Counter, arrived: Appointment
) -> None:
    office, name = slot.office, arrived.application.person.name
    number = QueueNumber.objects.get(appointment=arrived)
    assert "This counter is closed." in press(officer, counter, "next")
    assert "Waiting: 1" in press(officer, counter, "open")
    assert "A001 Called" in press(officer, counter, "next")
    assert "A001 Counter 3" in display(office)
    person = signed_in(arrived.application.account)
    visit = text_of(person.get(reverse("visit", args=[arrived.application.code])))
    assert "Your queue number A001 Go to counter 3 now." in visit
    assert "Please wait until you are called." not in visit
    assert "A001 Called" in press(officer, counter, "again", number=number.pk)
    assert "Call A001" in press(officer, counter, "absent", number=number.pk)
    assert "A001 Called" in press(officer, counter, "back", number=number.pk)
    began = press(officer, counter, "begin", number=number.pk)
    assert f"Passport of {name}" in began
    assert "Waiting: 0" in press(
        officer, counter, "send_on", number=number.pk, station="biometrics"
    )
    second = make_counter(office, number=4, station="biometrics")
    press(officer, second, "next")
    press(officer, second, "begin", number=number.pk)
    press(officer, second, "finish", number=number.pk)
    number.refresh_from_db()
    assert number.status == "done"
    assert name not in display(office)


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"deed": "steal"},
        {"deed": "begin"},
        {"deed": "begin", "number": "x"},
        {"deed": "begin", "number": "9" * 30},
        {"deed": "begin", "number": "9" * 5000},
        {"deed": "begin", "number": "-1"},
        {"deed": "send_on", "station": "moon"},
    ],
)
def test_odd_press_changes_nothing(
    officer: Client, counter: Counter, arrived: Appointment, typed: dict[str, str]
) -> None:
    page = officer.post(reverse("admin:counter", args=[counter.pk]), typed)
    assert page.status_code in (404, 422)
    assert QueueNumber.objects.get(appointment=arrived).status == "waiting"


def test_number_of_another_office_is_not_there(officer: Client, counter: Counter) -> None:
    away = make_number(make_office(), clock.now())
    told = {"deed": "begin", "number": str(away.pk)}
    assert officer.post(reverse("admin:counter", args=[counter.pk]), told).status_code == 404


def test_door_gives_a_number_without_an_appointment_until_they_are_spent(
    slot: Slot, officer: Client
) -> None:
    make_terms(office=slot.office, walk_ins=1)
    told = {"office": slot.office.code}
    slip = text_of(officer.post(reverse("admin:walk_in"), told, follow=True))
    assert "P001" in slip
    refused = officer.post(reverse("admin:walk_in"), told)
    assert refused.context["form"].refusal.code == "walk-ins-spent"
    assert "Give a number" in text_of(officer.get(reverse("admin:walk_in")))


def test_display_is_for_everybody_and_of_today_only(slot: Slot) -> None:
    office, at = slot.office, clock.now()
    make_number(office, at - timedelta(days=1))
    counter = make_counter(office)
    call_next_number(counter=counter, by="test", at=at - timedelta(days=1))
    page = Client().get(reverse("calls", args=[office.code]))
    assert (page.status_code, page.cookies) == (200, {})
    assert b'<meta http-equiv="refresh" content="2">' in page.content
    assert "Nobody has been called yet today" in display(office)
    assert Client().get(reverse("calls", args=["nowhere"])).status_code == 404


@pytest.mark.parametrize("called", [1, 3])
def test_display_asks_as_often_for_three_calls_as_for_one(
    slot: Slot, called: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(called):
        make_number(slot.office, clock.now())
        counter = make_counter(slot.office, number=number)
        call_next_number(counter=counter, by="test", at=clock.now())
    hall, address = Client(), reverse("calls_now", args=[slot.office.code])
    with django_assert_num_queries(5):
        hall.get(address)
    with django_assert_num_queries(0):
        assert "Age" in hall.get(address)


@pytest.mark.parametrize("rows", [1, 3])
def test_counters_ask_as_often_for_three_as_for_one(
    slot: Slot, officer: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        make_number(slot.office, clock.now())
        call_next_number(
            counter=make_counter(slot.office, number=number), by="test", at=clock.now()
        )
    officer.get(reverse("admin:counters"))
    with django_assert_num_queries(7):
        officer.get(reverse("admin:counters"))
