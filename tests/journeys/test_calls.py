"""From the check-in to the display in the hall, in a real browser: officer, hall and person."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from applicants.models import User
from appointments.calls.models import Counter
from appointments.models import Appointment
from mpaspor.core import clock
from quota.enums import Role
from tests.factories.applicants import make_person
from tests.factories.appointments import make_confirmed
from tests.factories.calls import make_counter
from tests.factories.quota import make_officer, make_open_slot, make_terms
from tests.journeys.looking import faults_of, press
from tests.journeys.test_letters_and_passports import cookies_of

pytestmark = pytest.mark.django_db(transaction=True)


Looked = dict[str, list[str]]


@pytest.fixture
def visit() -> Appointment:
    slot = make_open_slot(starts_at=clock.now() + timedelta(minutes=20), seats=5)
    make_terms(office=slot.office, early_minutes=2000)
    make_counter(slot.office, number=3, is_open=False)
    return make_confirmed(slot=slot, person=make_person(name="Dewi Sari"))


@pytest.fixture
def said() -> list[str]:
    """What the pages wrote to the browser's console."""
    return []


@pytest.fixture
def opened(
    browser: Browser, live_server: LiveServer, said: list[str]
) -> Iterator[Callable[[User | None, str], Page]]:
    """A page on a device of its own."""
    contexts = []

    def open_(user: User | None, path: str) -> Page:
        context = browser.new_context(viewport={"width": 320, "height": 800}, color_scheme="dark")
        contexts.append(context)
        language = {"name": "django_language", "value": "en", "url": live_server.url}
        signed = cookies_of(user, live_server.url) if user else []
        context.add_cookies([*signed, language])  # type: ignore[list-item]
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.goto(live_server.url + path)
        return page

    yield open_
    for context in contexts:
        context.close()


def test_from_the_check_in_to_the_display_in_the_hall(
    visit: Appointment,
    opened: Callable[[User | None, str], Page],
    live_server: LiveServer,
    said: list[str],
) -> None:
    office = visit.slot.office
    faults: Looked = {}
    hall = opened(None, f"/offices/{office.code}/calls/")
    expect(hall.get_by_role("heading", name="Nobody has been called yet today")).to_be_visible()
    faults["empty display"] = faults_of(hall)
    hall.get_by_role("button", name="Turn the sound on").click()
    expect(hall.get_by_role("button", name="Turn the sound off")).to_be_visible()
    officer = opened(make_officer(Role.COUNTER, office), "/admin/check-in/")
    counter = f"{live_server.url}/admin/counters/{Counter.objects.get().pk}/"

    give_numbers(officer, visit, live_server, faults)
    officer.goto(counter)
    call_both(officer, hall, faults)
    assert "Dewi" not in hall.content()
    person = opened(visit.application.account, f"/applications/{visit.application.code}/visit/")
    expect(person.get_by_text("Go to counter 3 now.")).to_be_visible()
    faults["visit"] = faults_of(person)
    serve(officer, faults)
    track(opened(None, "/track/"), visit, faults)

    assert said == []
    assert faults == {name: [] for name in faults}


def give_numbers(
    officer: Page, visit: Appointment, live_server: LiveServer, faults: Looked
) -> None:
    """To who has an appointment, and to somebody at the door."""
    officer.get_by_label("Code of the appointment").fill(visit.code)
    officer.keyboard.press("Enter")
    expect(officer.locator(".queue-number")).to_contain_text("A001")
    faults["check-in"] = faults_of(officer)
    press(officer.get_by_role("link", name="Print it"))
    faults["slip"] = faults_of(officer)
    officer.goto(f"{live_server.url}/admin/walk-in/")
    faults["walk-in"] = faults_of(officer)
    press(officer.get_by_role("button", name="Give a number"))
    expect(officer.locator(".slip-number")).to_have_text("P001")


def call_both(officer: Page, hall: Page, faults: Looked) -> None:
    press(officer.get_by_role("button", name="Open it"))
    faults["waiting counter"] = faults_of(officer)
    for number in ("P001", "A001"):
        press(officer.get_by_role("button", name="Call next"))
        expect(hall.locator(".call-number")).to_have_text(number)
        expect(hall.locator(".call-to")).to_have_text("Counter 3")
        faults["called"] = faults_of(officer)
        if number == "P001":
            press(officer.get_by_role("button", name="Did not come"))
    expect(hall.locator("#said")).to_have_text("Number A 0 0 1, please go to counter 3.")
    faults["display"] = faults_of(hall)


def serve(officer: Page, faults: Looked) -> None:
    press(officer.get_by_role("button", name="Begin"))
    expect(officer.get_by_role("button", name="Next: Interviewed")).to_be_visible()
    press(officer.get_by_role("link", name="Back to counter 3: A001 is there"))
    faults["serving counter"] = faults_of(officer)
    press(officer.get_by_role("button", name="Send on: Photo and fingerprints"))
    press(officer.get_by_role("link", name="All counters"))
    faults["counters"] = faults_of(officer)


def track(anybody: Page, visit: Appointment, faults: Looked) -> None:
    faults["track"] = faults_of(anybody)
    anybody.get_by_label("Code of the appointment").fill(visit.code)
    born = visit.application.person.birth_date
    anybody.get_by_label("Date of birth").fill(f"{born:%d/%m/%Y}")
    anybody.get_by_role("button", name="Show the status").click()
    expect(anybody.get_by_role("heading", name="Arrived")).to_be_visible()
    faults["tracked"] = faults_of(anybody)
