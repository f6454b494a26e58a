"""The page for crowded minutes in a real browser."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.journeys.looking import english, faults_of

pytestmark = [pytest.mark.django_db(transaction=True)]

PATH = "/account/login/?next=/offices/"


@pytest.fixture(autouse=True)
def crowded(settings: Settings) -> None:
    settings.POW_REQUESTS_A_MINUTE = 0


def test_crowd_in_a_browser_goes_on_by_itself(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url + PATH)
    page.wait_for_url("**crowd_answer=**")
    expect(page.get_by_label("Kata sandi")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Kata sandi")).to_be_visible()


def test_crowd_in_a_browser_keeps_what_was_typed(
    browser: Browser, live_server: LiveServer, settings: Settings
) -> None:
    settings.POW_REQUESTS_A_MINUTE = 1
    page = english(browser.new_context(), live_server)
    page.goto(live_server.url + PATH)
    page.get_by_label("E-mail or mobile phone").fill("siti@example.test")
    page.get_by_label("Password").fill("rahasia-sekali")
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator(".problems")).to_be_visible()
    expect(page.get_by_label("E-mail or mobile phone")).to_have_value("siti@example.test")
    page.context.close()


def test_crowd_without_javascript_goes_on_by_itself_after_the_wait(
    browser: Browser, live_server: LiveServer, settings: Settings
) -> None:
    settings.POW_WAIT = 1
    context = browser.new_context(java_script_enabled=False)
    page = english(context, live_server)
    page.goto(live_server.url + PATH)
    expect(page.get_by_role("heading", name="One moment, please")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_visible(timeout=15_000)
    context.close()


def test_crowd_without_javascript_has_a_button_that_keeps_what_was_typed(
    browser: Browser, live_server: LiveServer, settings: Settings
) -> None:
    settings.POW_REQUESTS_A_MINUTE, settings.POW_WAIT = 1, 0
    context = browser.new_context(java_script_enabled=False)
    page = english(context, live_server)
    page.goto(live_server.url + PATH)
    page.get_by_label("E-mail or mobile phone").fill("siti@example.test")
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("main").get_by_role("button", name="Continue").click()
    expect(page.get_by_label("E-mail or mobile phone")).to_have_value("siti@example.test")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_crowd_page_is_without_fault(
    browser: Browser, live_server: LiveServer, settings: Settings, width: int, scheme: str
) -> None:
    settings.POW_BITS = 32
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(live_server.url + PATH)
    assert faults_of(page) == []
    assert [line for line in said if "Content Security Policy" in line] == []
    context.close()


def test_script_finds_what_the_server_expects_quickly(
    browser: Browser, live_server: LiveServer, settings: Settings
) -> None:
    """At the difficulty of the service; many tasks, as each takes its own time."""
    context = browser.new_context()
    page = context.new_page()
    for _again in range(5):
        context.clear_cookies()
        page.goto(live_server.url + PATH)
        page.wait_for_url("**crowd_answer=**", timeout=10_000)
    context.close()
