"""The bill's page in each of its cases, on a narrow phone: by eye, by ear, without scripts."""

from collections.abc import Callable

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from appointments.models import Appointment
from mpaspor.core import clock
from payments.enums import IncidentKind
from payments.incidents import end_incident, open_incident
from tests.factories.bills import CASES, HOUR, opened, paid
from tests.journeys.looking import english, faults_of

pytestmark = pytest.mark.django_db(transaction=True)


def cookies_of(appointment: Appointment, server: LiveServer) -> list[dict[str, str]]:
    client = Client()
    client.force_login(appointment.application.account)
    names = {"sessionid": client.cookies["sessionid"].value, "django_language": "en"}
    return [{"name": name, "value": value, "url": server.url} for name, value in names.items()]


def address(appointment: Appointment, server: LiveServer) -> str:
    return f"{server.url}/applications/{appointment.application.code}/bill/"


# Where work is committed, a paid bill is confirmed before anybody looks.
SEEN = [case for case in CASES if case is not paid]


@pytest.mark.parametrize("case", SEEN, ids=lambda case: case.__name__)
def test_bill_has_no_fault_for_axe_and_no_sideways_scroll(
    browser: Browser, live_server: LiveServer, case: Callable[[], Appointment]
) -> None:
    appointment = case()
    context = browser.new_context(viewport={"width": 320, "height": 800})
    context.add_cookies(cookies_of(appointment, live_server))  # type: ignore[arg-type]
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(address(appointment, live_server))
    expect(page.get_by_text(CASES[case]).first).to_be_visible()
    found = (faults_of(page), said)
    context.close()
    assert found == ([], [])


def test_how_to_pay_opens_without_scripts_and_the_deadline_is_said_in_words(
    browser: Browser, live_server: LiveServer
) -> None:
    appointment = opened()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies_of(appointment, live_server))  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address(appointment, live_server))
    expect(page.locator(".countdown")).to_contain_text("left")
    step = page.get_by_text("Take the slip and a photo of it")
    expect(step).to_be_hidden()
    page.get_by_text("ATM", exact=True).click()
    expect(step).to_be_visible()
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_status_of_the_service_has_no_fault_for_axe_and_no_sideways_scroll(
    browser: Browser, live_server: LiveServer, width: int, scheme: str
) -> None:
    now = clock.now()
    over = open_incident(what=IncidentKind.GATEWAY, by="test", at=now - 2 * HOUR)
    end_incident(code=over.code, by="test", at=now - HOUR)
    reason = "Listrik padam."
    open_incident(what=IncidentKind.SERVICE, reason=reason, by="test", at=now - HOUR)
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page, said = english(context, live_server), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{live_server.url}/status/")
    expect(page.get_by_text("This service is disturbed at the moment")).to_be_visible()
    expect(page.get_by_role("table")).to_be_visible()
    found = (faults_of(page), said)
    context.close()
    assert found == ([], [])
