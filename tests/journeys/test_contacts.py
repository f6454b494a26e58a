"""The pages about an account's contacts, as a small phone and its reader meet them."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from applicants.contacts import read_contact
from applicants.models import PendingContact
from mpaspor.core import clock
from tests.factories.applicants import make_user, newest_code
from tests.journeys.looking import faults_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["light", "dark"])
def siti(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer
) -> Iterator[Page]:
    """Signed in on a small phone; she has a mail address and wants to add a number."""
    account = make_user("siti@example.com")
    number = read_contact("0812-3456-7890")
    PendingContact.objects.create(
        account=account, channel=number.channel, to=number.to, wanted_at=clock.now()
    )
    client = Client()
    client.force_login(account)
    cookies = {
        settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
        settings.LANGUAGE_COOKIE_NAME: "en",
    }
    context = browser.new_context(
        viewport={"width": 320, "height": 700}, color_scheme=request.param, base_url=live_server.url
    )
    context.add_cookies(
        [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
    )
    yield context.new_page()
    context.close()


def test_pages_about_contacts_are_without_fault(siti: Page) -> None:
    for address in (
        "/account/",
        "/account/notices/",
        "/account/registered/",
        "/account/registered/phone/",
    ):
        siti.goto(address)
        assert faults_of(siti) == []
    siti.goto("/account/contacts/phone/")
    expect(siti.get_by_role("heading", name="Is it you?")).to_be_visible()
    assert faults_of(siti) == []
    siti.get_by_label("Six-digit code").fill(newest_code("siti@example.com"))
    siti.get_by_role("button", name="Continue").click()
    siti.get_by_label("Your mobile phone").fill("siti@example.com")
    siti.get_by_role("button", name="Send a code").click()
    expect(siti.locator(".problems")).to_be_focused()
    assert faults_of(siti) == []
    siti.get_by_label("Your mobile phone").fill("0812 3456 7890")
    siti.get_by_role("button", name="Send a code").click()
    expect(siti.get_by_text("You can ask for a new code in 0:")).to_be_visible()
    assert faults_of(siti) == []
    siti.get_by_label("Six-digit code").fill(newest_code("0812-3456-7890"))
    siti.get_by_role("button", name="Continue").click()
    expect(siti.get_by_text("+62 812-3456-7890 is confirmed now.")).to_be_visible()


def test_question_about_a_mistyped_mail_domain_is_without_fault(siti: Page) -> None:
    siti.goto("/account/registered/")
    siti.get_by_label("E-mail or mobile phone").fill("siti.rahayu.handayani@gmial.com")
    siti.get_by_role("button", name="Look").click()
    assert faults_of(siti) == []
    siti.get_by_role("button", name="Yes, siti.rahayu.handayani@gmail.com").click()
    expect(siti.get_by_text("There is no account with")).to_be_visible()
    assert faults_of(siti) == []
