from datetime import datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.journeys.looking import english, faults_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.journeys.gallery")]

FAR_AWAY = datetime(2040, 1, 1)


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
@pytest.mark.parametrize("address", ["/", "/gallery/", "/no-such-page/"])
def test_page_in_both_schemes_and_any_width_is_without_fault(
    browser: Browser, live_server: LiveServer, address: str, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(live_server.url + address)
    assert faults_of(page) == []
    assert [line for line in said if "Content Security Policy" in line] == []
    context.close()


def test_form_with_errors_moves_focus_to_a_summary_that_links_to_the_fields(
    page: Page, live_server: LiveServer
) -> None:
    page.goto(f"{live_server.url}/gallery/")
    page.locator("#id_name").fill("Siti")
    page.locator("main form .actions button").first.click()
    summary = page.locator(".problems")
    expect(summary).to_be_focused()
    assert faults_of(page) == []
    expect(page.locator("#id_name")).to_have_value("Siti")
    summary.locator("a[href='#id_office']").click()
    expect(page.locator("#id_office")).to_be_focused()
    described = page.locator("#id_office").get_attribute("aria-describedby")
    assert described == "id_office_error"


def test_countdown_on_a_phone_with_a_wrong_clock_counts_right(
    context: BrowserContext, live_server: LiveServer
) -> None:
    page = english(context, live_server)
    page.clock.install(time=FAR_AWAY)
    page.goto(f"{live_server.url}/gallery/")
    left = page.locator(".countdown")
    expect(left).to_have_text("– 12 minutes left")
    page.clock.run_for(11 * 60_000 + 10_000)
    expect(left).to_have_text("– less than a minute left")
    page.clock.run_for(60_000)
    expect(left).to_have_text("– the time is up")


def test_wait_for_a_new_code_counts_down_and_says_when_it_is_over(
    context: BrowserContext, live_server: LiveServer
) -> None:
    page = english(context, live_server)
    page.clock.install(time=FAR_AWAY)
    page.goto(f"{live_server.url}/gallery/")
    wait, said = page.locator("[data-wait]"), page.locator("[data-wait] + [role=status]")
    expect(wait).to_have_text("You can ask for a new code in 0:45.")
    page.clock.run_for(40_000)
    expect(wait).to_have_text("You can ask for a new code in 0:05.")
    expect(said).to_have_text("")
    page.clock.run_for(5_000)
    expect(wait).to_have_text("You can ask for a new code now.")
    expect(said).to_have_text("You can ask for a new code now.")


def test_copy_button_puts_the_bare_code_on_the_clipboard(
    context: BrowserContext, live_server: LiveServer
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = english(context, live_server)
    page.goto(f"{live_server.url}/gallery/")
    page.locator("[data-copy]").first.click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "820261109123456"


def test_page_without_javascript_switches_language_and_shows_no_idle_button(
    browser: Browser, live_server: LiveServer
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/gallery/?day=2026-12-07")
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(page.locator("[data-copy]").first).to_be_hidden()
    page.locator(".bar button[name=language]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(f"{live_server.url}/gallery/?day=2026-12-07")
    context.close()
