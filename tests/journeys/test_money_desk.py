"""The treasurer's desk in a real browser: on a phone, without scripts, under the policy."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from mpaspor.core import clock
from payments.cases import propose_refund
from payments.models import Bill, Case
from payments.reconciliation.models import Difference, Reconciliation
from quota.enums import Role
from tests.factories.money import make_case, make_difference, yesterday
from tests.factories.quota import make_officer
from tests.journeys.looking import faults_of, press

pytestmark = pytest.mark.django_db(transaction=True)

Cookies = list[dict[str, str]]


@pytest.fixture
def case() -> Case:
    """Proposed for a refund, with an undecided bill and a difference beside it."""
    case = make_case()
    propose_refund(case_code=case.code, by=make_officer(Role.TREASURER), at=clock.now())
    Bill.objects.update(undecided_at=clock.now())
    make_difference()
    return case


@pytest.fixture
def cookies(live_server: LiveServer) -> Cookies:
    """Of a treasurer reading English."""
    client = Client()
    client.force_login(make_officer(Role.TREASURER))
    names = {"sessionid": client.cookies["sessionid"].value, "django_language": "en"}
    return [{"name": name, "value": value, "url": live_server.url} for name, value in names.items()]


@pytest.fixture
def plain(browser: Browser, cookies: Cookies) -> Iterator[Page]:
    """A browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def pages(case: Case) -> list[str]:
    bill, difference = Bill.objects.get(), Difference.objects.get()
    return [
        "/admin/",
        "/admin/money/",
        "/admin/money/?q=nothing",
        f"/admin/money/cases/{case.code}/",
        "/admin/money/undecided/",
        f"/admin/money/bills/{bill.code}/",
        "/admin/reconciliation/",
        f"/admin/reconciliation/{yesterday()}/",
        "/admin/reconciliation/differences/",
        f"/admin/reconciliation/differences/{difference.pk}/",
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_money_pages_have_no_fault_for_axe_no_broken_policy_and_no_sideways_scroll(
    browser: Browser,
    cookies: Cookies,
    case: Case,
    live_server: LiveServer,
    width: int,
    scheme: str,
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page, said, faults = context.new_page(), [], {}
    page.on("console", lambda message: said.append(message.text))
    for path in pages(case):
        page.goto(live_server.url + path)
        page.wait_for_function("!document.documentElement.hasAttribute('x-cloak')")
        faults[path] = faults_of(page)
    context.close()

    assert said == []
    assert faults == {path: [] for path in pages(case)}


def test_refund_without_scripts_is_approved_sent_and_closed(
    plain: Page, case: Case, live_server: LiveServer
) -> None:
    plain.goto(f"{live_server.url}/admin/")
    plain.get_by_role("navigation").get_by_role("link", name="Money desk").click()
    plain.get_by_role("link", name=case.code).click()
    press(plain.get_by_role("button", name="Approve"))
    press(plain.get_by_role("button", name="Mark as sent"))
    expect(plain.get_by_role("alert").first).to_contain_text("The reference of the transfer")
    plain.get_by_label("Reference of the transfer").fill("SP2D-77")
    press(plain.get_by_role("button", name="Mark as sent"))
    press(plain.get_by_role("button", name="Close the case"))

    expect(plain.get_by_text("The money was given back").first).to_be_visible()


def test_day_that_is_read_shows_its_progress_by_itself(
    page: Page, cookies: Cookies, case: Case, live_server: LiveServer
) -> None:
    Reconciliation.objects.update(status="reading")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(f"{live_server.url}/admin/reconciliation/")
    expect(page.get_by_text("A file is being read.")).to_be_visible()

    Reconciliation.objects.update(status="done", lines=123456)

    expect(page.get_by_text("123456")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("A file is being read.")).to_be_hidden()
