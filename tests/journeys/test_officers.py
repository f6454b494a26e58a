"""Officers' pages in a real browser: by keyboard, without scripts, on a phone, under the policy."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from appointments.models import Appointment
from mpaspor.core import clock
from quota.enums import ReleaseStatus, Role
from tests.factories.applicants import make_person
from tests.factories.appointments import make_confirmed
from tests.factories.quota import make_officer, make_open_slot, make_plan, make_release
from tests.journeys.looking import faults_of, press

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def appointment() -> Appointment:
    slot = make_open_slot(starts_at=clock.now() + timedelta(minutes=20), seats=5)
    make_release(plan=make_plan(slot.office), status=ReleaseStatus.SCHEDULED)
    return make_confirmed(slot=slot, person=make_person(name="Dewi Lestari"))


@pytest.fixture
def cookies(appointment: Appointment, live_server: LiveServer) -> list[dict[str, str]]:
    """Of the head of the appointment's office, reading English."""
    client = Client()
    client.force_login(make_officer(Role.HEAD, appointment.slot.office))
    names = {"sessionid": client.cookies["sessionid"].value, "django_language": "en"}
    return [{"name": name, "value": value, "url": live_server.url} for name, value in names.items()]


@pytest.fixture
def plain(browser: Browser, cookies: list[dict[str, str]]) -> Iterator[Page]:
    """A browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    yield opened(context, cookies)
    context.close()


def opened(context: BrowserContext, cookies: list[dict[str, str]]) -> Page:
    context.add_cookies(cookies)  # type: ignore[arg-type]
    return context.new_page()


def pages(appointment: Appointment) -> list[str]:
    return [
        "/admin/",
        f"/admin/roster/?day={appointment.slot.date}",
        "/admin/check-in/",
        "/admin/appointments/appointment/",
        f"/admin/appointments/appointment/{appointment.pk}/change/",
        f"/admin/appointments/application/{appointment.application_id}/change/",
        "/admin/quota/release/",
        f"/admin/quota/release/{appointment.slot.release_id}/decide/",
        "/admin/quota/plan/import/",
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_officers_pages_have_no_fault_for_axe_no_broken_policy_and_no_sideways_scroll(
    browser: Browser,
    cookies: list[dict[str, str]],
    appointment: Appointment,
    live_server: LiveServer,
    width: int,
    scheme: str,
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page, said, faults = opened(context, cookies), [], {}
    page.on("console", lambda message: said.append(message.text))
    for path in pages(appointment):
        page.goto(live_server.url + path)
        page.wait_for_function("!document.documentElement.hasAttribute('x-cloak')")
        faults[path] = faults_of(page)
    context.close()

    assert said == []
    assert faults == {path: [] for path in pages(appointment)}


def test_counter_by_keyboard_welcomes_one_after_the_other(
    page: Page, cookies: list[dict[str, str]], appointment: Appointment, live_server: LiveServer
) -> None:
    other = make_confirmed(slot=appointment.slot, person=make_person(name="Budi Santoso"))
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(f"{live_server.url}/admin/check-in/")

    for each, name in ((appointment, "Dewi Lestari"), (other, "Budi Santoso")):
        expect(page.get_by_label("Code of the appointment")).to_be_focused()
        page.keyboard.type(f"{live_server.url}/verify/{each.code}/")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text(name)

    expect(page.get_by_label("Code of the appointment")).to_be_focused()


def test_counter_without_scripts_works_and_leads_on(
    plain: Page, appointment: Appointment, live_server: LiveServer
) -> None:
    plain.goto(f"{live_server.url}/admin/")
    plain.get_by_role("navigation").get_by_role("link", name="Check-in").click()
    plain.get_by_label("Code of the appointment").fill(appointment.code)
    plain.get_by_role("button", name="Check in").click()

    expect(plain.get_by_role("status")).to_contain_text("Dewi Lestari")


def test_roster_without_scripts_checks_in_from_the_list(
    plain: Page, appointment: Appointment, live_server: LiveServer
) -> None:
    plain.goto(f"{live_server.url}/admin/roster/?day={appointment.slot.date}")
    plain.get_by_label("Name or code").fill("dewi")
    plain.get_by_role("button", name="Show").click()

    expect(plain.get_by_role("row", name="Dewi Lestari")).to_contain_text(appointment.code)


def test_menu_on_a_phone_opens_by_keyboard(
    phone: Page, cookies: list[dict[str, str]], live_server: LiveServer
) -> None:
    phone.context.add_cookies(cookies)  # type: ignore[arg-type]
    phone.goto(f"{live_server.url}/admin/")
    roster = phone.get_by_role("navigation").get_by_role("link", name="Roster of the day")
    expect(roster).to_be_hidden()

    phone.get_by_role("button", name="Menu").press("Enter")

    expect(roster).to_be_visible()


@pytest.mark.parametrize("width", [1280, 320])
def test_import_shows_what_it_changes_and_then_does_it(
    browser: Browser,
    cookies: list[dict[str, str]],
    appointment: Appointment,
    live_server: LiveServer,
    width: int,
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page, code = opened(context, cookies), appointment.slot.office.code
    page.goto(f"{live_server.url}/admin/quota/closure/import/")
    file = f"office;date;reason\n{code};2030-05-01;Banjir\n{code};31/02/2030;Banjir\n"

    for rows in (file, file.replace("31/02", "28/02")):
        page.get_by_label("File (CSV or XLSX)").set_input_files(
            {"name": "days.csv", "mimeType": "text/csv", "buffer": rows.encode()}
        )
        press(page.get_by_role("button", name="Show what it changes"))
        expect(page.get_by_role("table", name="What the file changes")).to_be_visible()
        assert faults_of(page) == []
    press(page.get_by_role("button", name="Import these rows"))

    expect(page.get_by_text("2 rows were imported.")).to_be_visible()
    context.close()
