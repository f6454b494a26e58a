"""Officers set up the second step, sign in with it and lose it, in a real browser."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from applicants import totp
from applicants.models import User
from quota.enums import Role
from quota.models import Officer
from tests.factories.applicants import APP_SECRET, PASSWORD, give_app, make_user
from tests.factories.quota import make_office, make_officer
from tests.journeys import steps
from tests.journeys.looking import faults_of, press

pytestmark = pytest.mark.django_db(transaction=True)

STEP, OVERVIEW = "/account/second-step/", "/account/second-factor/"


@pytest.fixture
def officer() -> User:
    """As the centre makes them: with a password and nothing else."""
    account = make_user()
    Officer.objects.create(user=account, role=Role.COUNTER, office=make_office())
    return account


@pytest.fixture
def home(page: Page, live_server: LiveServer) -> Page:
    """An officer's own browser, reading English."""
    in_language(page.context, live_server, "en")
    page.set_default_timeout(15_000)
    return page


def in_language(context: BrowserContext, live_server: LiveServer, language: str) -> None:
    context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])


def sign_in(page: Page, live_server: LiveServer, account: User, start: str = "/admin/") -> None:
    page.goto(f"{live_server.url}/account/login/?next={start}")
    page.locator("[name=login]").fill(str(account.email))
    page.locator("[name=password]").fill(PASSWORD)
    press(page.locator("main button[type=submit]").first)


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="I have an account: sign in")).to_be_visible()


def expect_todays_desk(page: Page) -> None:
    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()


def with_a_device(page: Page) -> None:
    """The browser's own virtual authenticator: one that asks its owner, and is told yes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def set_up_the_app(page: Page) -> str:
    page.get_by_role("link", name="An app on your phone").click()
    secret = re.sub(r"\s", "", page.locator(".groups").inner_text())
    steps.show_the_app(page, secret)
    return secret


def keep_the_codes(page: Page) -> list[str]:
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    codes = page.locator(".codes li").all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()
    return codes


def test_officer_sets_up_the_app_on_the_way_and_signs_in_with_it(
    home: Page, officer: User, live_server: LiveServer
) -> None:
    sign_in(home, live_server, officer)
    secret = set_up_the_app(home)
    assert len(keep_the_codes(home)) == 10
    expect_todays_desk(home)

    sign_out(home)
    sign_in(home, live_server, officer)
    used = officer.second_factors.get().last_step
    assert used is not None
    steps.show_the_app(home, secret, after=used)
    expect_todays_desk(home)


def test_officer_makes_a_passkey_and_signs_in_with_it_alone_and_as_second_step(
    home: Page, officer: User, live_server: LiveServer
) -> None:
    with_a_device(home)
    sign_in(home, live_server, officer)
    home.get_by_role("link", name="A passkey").click()
    home.get_by_role("button", name="Make a passkey").click()
    keep_the_codes(home)
    expect_todays_desk(home)

    sign_out(home)
    home.goto(f"{live_server.url}/account/login/?next=/admin/")
    home.get_by_role("button", name="Sign in with a passkey").click()
    expect_todays_desk(home)

    sign_out(home)
    sign_in(home, live_server, officer)
    home.get_by_role("button", name="Use a passkey").click()
    expect_todays_desk(home)


def test_officer_without_the_device_signs_in_by_a_recovery_code_and_replaces_it(
    home: Page, officer: User, live_server: LiveServer
) -> None:
    sign_in(home, live_server, officer)
    set_up_the_app(home)
    codes = keep_the_codes(home)
    sign_out(home)

    sign_in(home, live_server, officer)
    home.get_by_role("link", name="Type a recovery code instead").click()
    home.get_by_label("Recovery code").fill(codes[3])
    home.get_by_role("main").get_by_role("button", name="Continue").click()
    expect_todays_desk(home)
    home.get_by_role("link", name="Second step").click()
    expect(home.get_by_text("9 left")).to_be_visible()
    set_up_the_app(home)
    expect(home.get_by_text("Your authenticator app is set up.")).to_be_visible()


def test_passkey_that_does_not_come_is_told_and_another_way_is_open(
    home: Page, live_server: LiveServer
) -> None:
    """The owner says no."""
    home.goto(f"{live_server.url}/account/login/")
    home.evaluate("() => { navigator.credentials.get = () => Promise.reject(new DOMException()) }")
    home.get_by_role("button", name="Sign in with a passkey").click()
    expect(home.get_by_text("No passkey came")).to_be_visible()


def test_second_step_without_scripts(
    browser: Browser, officer: User, live_server: LiveServer
) -> None:
    context = browser.new_context(java_script_enabled=False)
    in_language(context, live_server, "en")
    page = context.new_page()
    give_app(officer)
    sign_in(page, live_server, officer)
    expect(page.get_by_role("button", name="passkey")).to_have_count(0)
    steps.show_the_app(page, APP_SECRET)
    expect(page).to_have_url(f"{live_server.url}/admin/")
    context.close()


@pytest.fixture
def looks(browser: Browser) -> Iterator[Any]:
    contexts = []

    def open_page(width: int, scheme: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


LOOKS = pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("id", 320, "dark"), ("en", 1280, "light")],
)


@LOOKS
def test_pages_of_the_second_step_have_no_fault_for_axe_and_no_sideways_scroll(
    looks: Any, officer: User, live_server: LiveServer, language: str, width: int, scheme: str
) -> None:
    page, faults, said = looks(width, scheme), {}, []
    page.on("console", lambda message: said.append(message.text))
    in_language(page.context, live_server, language)

    def look(name: str) -> None:
        faults[name] = faults_of(page)

    page.goto(f"{live_server.url}/account/login/")
    look("sign in")
    sign_in(page, live_server, officer)
    look("nothing set up")
    for part in ("app/", "passkey/"):
        page.goto(live_server.url + OVERVIEW + part)
        look(part)
    page.goto(live_server.url + OVERVIEW + "app/")
    page.locator("[name=code]").fill("1")
    press(page.locator("main button[type=submit]"))
    look("wrong first code")
    secret = re.sub(r"\s", "", page.locator(".groups").inner_text())
    page.locator("[name=code]").fill(totp.code_of(secret, totp.step_at(datetime.now(UTC))))
    press(page.locator("main button[type=submit]"))
    page.locator(".codes").wait_for()
    look("recovery codes")
    press(page.locator("main button[type=submit]"))
    look("set up")
    press(page.locator(".change a"))
    look("remove")
    press(page.locator("main button.danger"))
    look("kept")
    page.context.clear_cookies(name="sessionid")
    sign_in(page, live_server, officer)
    look("second step")
    page.locator("[name=code]").fill("1")
    press(page.locator("main button[type=submit]").first)
    look("wrong code")
    page.goto(live_server.url + STEP + "recovery/")
    look("recovery")

    assert said == []
    assert faults == {name: [] for name in faults}


@LOOKS
def test_reset_by_the_centre_has_no_fault_for_axe_and_no_sideways_scroll(
    looks: Any, officer: User, live_server: LiveServer, language: str, width: int, scheme: str
) -> None:
    page, client = looks(width, scheme), Client()
    client.force_login(make_officer(Role.CENTRE))
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    in_language(page.context, live_server, language)
    give_app(officer)
    page.goto(f"{live_server.url}/admin/second-factor/{officer.code}/")
    page.wait_for_function("!document.documentElement.hasAttribute('x-cloak')")
    before = faults_of(page)
    press(page.locator(".desk .button"))
    page.wait_for_function("!document.documentElement.hasAttribute('x-cloak')")
    expect(page.locator(".desk .button")).to_have_count(0)

    assert (before, faults_of(page)) == ([], [])
