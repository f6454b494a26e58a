"""From the check-in to the display in the hall, in a real browser: officer, hall and person."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from applicants.models import User
from mpaspor.core import clock
from quota.enums import Role
from tests.factories.applicants import make_person
from tests.factories.appointments import make_confirmed
from tests.factories.calls import make_counter
from tests.factories.quota import make_officer, make_open_slot, make_terms
from tests.journeys.looking import faults_of, press
from tests.journeys.test_letters_and_passports import cookies_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_check_in_to_the_display_in_the_hall(
    browser: Browser, live_server: LiveServer
) -> None:
    slot = make_open_slot(starts_at=clock.now() + timedelta(minutes=20), seats=5)
    office = slot.office
    make_terms(office=office, early_minutes=2000)
    counter = make_counter(office, number=3, is_open=False)
    visit = make_confirmed(slot=slot, person=make_person(name="Dewi Sari"))
    said: list[str] = []
    faults: dict[str, list[str]] = {}

    def opened(user: User | None, path: str) -> Page:
        context = browser.new_context(viewport={"width": 320, "height": 800}, color_scheme="dark")
        language = {"name": "django_language", "value": "en", "url": live_server.url}
        signed = cookies_of(user, live_server.url) if user else []
        context.add_cookies([*signed, language])  # type: ignore[list-item]
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.goto(live_server.url + path)
        return page

    def look(page: Page, name: str) -> None:
        faults[name] = faults_of(page)

    hall = opened(None, f"/offices/{office.code}/calls/")
    expect(hall.get_by_role("heading", name="Nobody has been called yet today")).to_be_visible()
    look(hall, "empty display")
    hall.get_by_role("button", name="Turn the sound on").click()
    expect(hall.get_by_role("button", name="Turn the sound off")).to_be_visible()

    officer = opened(make_officer(Role.COUNTER, office), "/admin/check-in/")
    officer.get_by_label("Code of the appointment").fill(visit.code)
    officer.keyboard.press("Enter")
    expect(officer.locator(".queue-number")).to_contain_text("A001")
    look(officer, "check-in")
    press(officer.get_by_role("link", name="Print it"))
    look(officer, "slip")
    officer.goto(f"{live_server.url}/admin/walk-in/")
    look(officer, "walk-in")
    press(officer.get_by_role("button", name="Give a number"))
    expect(officer.locator(".slip-number")).to_have_text("P001")
    officer.goto(f"{live_server.url}/admin/counters/{counter.pk}/")
    press(officer.get_by_role("button", name="Open it"))
    look(officer, "waiting counter")
    for number in ("P001", "A001"):
        press(officer.get_by_role("button", name="Call next"))
        expect(hall.locator(".call-number")).to_have_text(number)
        expect(hall.locator(".call-to")).to_have_text("Counter 3")
        look(officer, "called")
        if number == "P001":
            press(officer.get_by_role("button", name="Did not come"))
    expect(hall.locator("#said")).to_have_text("Number A 0 0 1, please go to counter 3.")
    look(hall, "display")
    assert "Dewi" not in hall.content()

    person = opened(visit.application.account, f"/applications/{visit.application.code}/visit/")
    expect(person.get_by_text("Go to counter 3 now.")).to_be_visible()
    look(person, "visit")
    press(officer.get_by_role("button", name="Begin"))
    expect(officer.get_by_role("button", name="Next: Interviewed")).to_be_visible()
    officer.goto(f"{live_server.url}/admin/counters/{counter.pk}/")
    look(officer, "serving counter")
    press(officer.get_by_role("button", name="Send on: Photo and fingerprints"))
    press(officer.get_by_role("link", name="All counters"))
    look(officer, "counters")

    anybody = opened(None, "/track/")
    look(anybody, "track")
    anybody.get_by_label("Code of the appointment").fill(visit.code)
    born = visit.application.person.birth_date
    anybody.get_by_label("Date of birth").fill(f"{born:%d/%m/%Y}")
    anybody.get_by_role("button", name="Show the status").click()
    expect(anybody.get_by_role("heading", name="Arrived")).to_be_visible()
    look(anybody, "tracked")
    for page in (hall, officer, person, anybody):
        page.context.close()

    assert said == []
    assert faults == {name: [] for name in faults}
