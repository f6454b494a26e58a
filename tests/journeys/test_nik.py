"""The page that explains a NIK, in a real browser."""

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.journeys.looking import english, faults_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
@pytest.mark.parametrize(
    "typed",
    ["", "1173014107110001", "1173990107900001", "9973018107900000", "1173O141O790OOO1", "1" * 99],
)
def test_nik_page_in_both_schemes_and_any_width_is_without_fault(
    browser: Browser, live_server: LiveServer, typed: str, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    ask(page, live_server, typed)
    assert faults_of(page) == []
    context.close()


def test_nik_page_without_javascript_explains_and_takes_the_suggestion_by_one_press(
    browser: Browser, live_server: LiveServer
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = english(context, live_server)
    ask(page, live_server, "11730141O7900OO1")
    expect(page.get_by_text("Did you mean the digit 0?").first).to_be_visible()
    page.get_by_role("button", name="Yes, I mean 1173 0141 0790 0001").press("Enter")
    expect(page.get_by_text("Kota Lhokseumawe, Aceh; woman; born 1 July 1990")).to_be_visible()
    expect(page).to_have_url(f"{live_server.url}/nik/")
    context.close()


def ask(page: Page, server: LiveServer, typed: str) -> None:
    page.goto(f"{server.url}/nik/")
    if typed:
        page.locator("#id_nik").fill(typed)
        page.locator("#id_nik").press("Enter")
        page.wait_for_url("**/nik/")
        expect(page.locator("#id_nik")).to_have_value(typed)
