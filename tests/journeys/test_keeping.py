"""Typing is kept while somebody types, in a real browser."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from applicants.models import FormDraft, User
from tests.factories.applicants import make_user
from tests.journeys.looking import english, faults_of
from tests.simulators.running import until

pytestmark = pytest.mark.django_db(transaction=True)

NEW, SIGN_UP = "/account/persons/new/", "/account/signup/"


def signed_in(context: BrowserContext, server: LiveServer, account: User) -> Page:
    client = Client()
    client.force_login(account)
    name = settings.SESSION_COOKIE_NAME
    key = str(client.cookies[name].value)
    context.add_cookies([{"name": name, "value": key, "url": server.url}])
    return english(context, server)


def is_kept(request: Request) -> bool:
    return request.method == "POST" and "only_keep" in (request.post_data or "")


@pytest.fixture
def account() -> User:
    return make_user("siti@example.com")


def test_typing_is_kept_after_a_pause_and_starts_the_form_on_another_device(
    browser: Browser, live_server: LiveServer, account: User
) -> None:
    phone, computer = browser.new_context(), browser.new_context()
    page = signed_in(phone, live_server, account)
    page.goto(live_server.url + NEW)
    with page.expect_request_finished(is_kept):
        page.locator("#id_name").fill("Budi Sant")
    other = signed_in(computer, live_server, account)
    other.goto(live_server.url + NEW)
    expect(other.locator("#id_name")).to_have_value("Budi Sant")
    expect(other.get_by_text("We kept what you typed on")).to_be_visible()
    other.get_by_role("button", name="Start empty").press("Enter")
    expect(other.locator("#id_name")).to_have_value("")
    phone.close()
    computer.close()


def test_typing_is_kept_when_the_page_is_left_at_once(
    browser: Browser, live_server: LiveServer, account: User
) -> None:
    context = browser.new_context()
    page = signed_in(context, live_server, account)
    page.goto(live_server.url + NEW)
    page.locator("#id_name").fill("Budi")
    page.goto(live_server.url + "/account/")
    until(lambda: FormDraft.objects.count() == 1, seconds=10, what="the draft")
    context.close()


def test_typing_that_is_sent_is_not_kept_behind_it(
    browser: Browser, live_server: LiveServer, account: User
) -> None:
    context = browser.new_context()
    page = signed_in(context, live_server, account)
    kept: list[Request] = []
    page.on("request", lambda request: kept.append(request) if is_kept(request) else None)
    page.goto(live_server.url + NEW)
    page.locator("#id_name").fill("Budi")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".problems")).to_be_focused()
    assert (kept, FormDraft.objects.count()) == ([], 1)
    context.close()


def test_sign_up_never_sends_a_password_to_be_kept(
    browser: Browser, live_server: LiveServer
) -> None:
    context = browser.new_context()
    page = english(context, live_server)
    page.goto(live_server.url + SIGN_UP)
    page.locator("#id_password").fill("kopi-tubruk-panas")
    with page.expect_request(is_kept) as sent:
        page.locator("#id_name").fill("Siti")
    assert ("name=Siti" in str(sent.value.post_data), "kopi" in str(sent.value.post_data)) == (
        True,
        False,
    )
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_devices_and_a_kept_form_are_without_fault(
    browser: Browser, live_server: LiveServer, account: User, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = signed_in(context, live_server, account)
    page.goto(live_server.url + NEW)
    page.get_by_role("button", name="Save").click()
    for address in (NEW, "/account/devices/"):
        page.goto(live_server.url + address)
        assert faults_of(page) == []
    context.close()
