"""“What to bring” in a real browser: read, ticked, printed, shared, without any script."""

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from payments.fees import load_fees
from tests.journeys.looking import english, faults_of, press

pytestmark = pytest.mark.django_db(transaction=True)

CHILD = "?kind=replacement&age=9&book=5&service=regular&circumstance=born_abroad"
LOST = "?kind=lost&age=34&book=10&service=accelerated"
WRONG = "?kind=new&age=old&book=10&service=regular"


@pytest.fixture(autouse=True)
def fees() -> None:
    load_fees()


@pytest.mark.parametrize("language", ["id", "en"])
def test_requirements_pages_at_320_px_are_without_fault(
    browser: Browser, live_server: LiveServer, language: str
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 800})
    name = settings.LANGUAGE_COOKIE_NAME
    context.add_cookies([{"name": name, "value": language, "url": live_server.url}])
    page = context.new_page()
    for answers in ("", CHILD, LOST, WRONG):
        page.goto(f"{live_server.url}/requirements/{answers}")
        assert (answers, faults_of(page)) == (answers, [])
    context.close()


def test_requirements_without_javascript_are_asked_for_answered_and_shared_by_link(
    browser: Browser, live_server: LiveServer
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = english(context, live_server)
    page.goto(f"{live_server.url}/requirements/")
    page.get_by_label("No, this is the first one").check()
    page.get_by_label("How old is the person").fill("34")
    page.get_by_label("Electronic passport, 5 years").check()
    page.get_by_label("Regular").check()
    press(page.get_by_role("button", name="Show the list"))
    page.get_by_label("Family card (KK)").check()
    expect(page.get_by_text("Rp650.000").first).to_be_visible()
    shared = context.new_page()
    shared.goto(page.url)
    assert listed(shared) == listed(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Show the list")).to_be_hidden()
    expect(page.get_by_label("Family card (KK)")).to_be_checked()
    context.close()


def listed(page: Page) -> list[str]:
    return page.locator(".ticks label").all_text_contents()
