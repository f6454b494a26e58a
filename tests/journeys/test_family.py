"""A family of three books together: without JavaScript, on a narrow phone, with one bill."""

import re
import secrets
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import requests
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.journeys import steps
from tests.journeys.conftest import Service
from tests.journeys.looking import faults_of
from tests.simulators.running import until

NAMES = ("Ayu Rahayu", "Budi Rahayu", "Cici Rahayu")

pytestmark = pytest.mark.xdist_group("service")


def test_family_without_javascript_at_320_pixels_pays_one_bill_for_three(
    browser: Browser, service: Service
) -> None:
    narrow: ViewportSize = {"width": 320, "height": 640}
    context = browser.new_context(java_script_enabled=False, viewport=narrow)
    page = context.new_page()
    page.set_default_timeout(15_000)
    steps.in_english(page, service)
    address = steps.a_new_mail_address()
    steps.sign_up(page, service, address)
    steps.type_the_code(page, service.code_sent_to(address))
    for name in NAMES:
        add(page, name)
        apply_for(page, service, name)
    looking = browser.new_context(storage_state=context.storage_state(), viewport=narrow)
    eyes = looking.new_page()
    faults = {}

    def look() -> None:
        eyes.goto(page.url)
        faults[re.sub(r"\b[A-Z0-9]{10}\b", "…", page.url)] = faults_of(eyes)

    choose_together(page, look)
    pay_together(page, service, look)
    assert [page.get_by_role("link", name=f"Letter of {name}").count() for name in NAMES] == [1] * 3
    assert {path: found for path, found in faults.items() if found} == {}
    looking.close()
    context.close()


def choose_together(page: Page, look: Callable[[], None]) -> None:
    """From the list to the review, with seats held."""
    page.get_by_role("link", name="Book together").click()
    look()
    page.get_by_role("button", name="Choose the seats").click()
    look()
    page.get_by_label("Name of the office").fill(steps.OFFICE)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=steps.OFFICE).click()
    look()
    page.locator("a.day").first.click()
    look()
    page.locator("input[name=slot]:enabled").first.check()
    page.get_by_role("button", name="Hold these seats").click()
    expect(page.get_by_role("heading", name="Check everything")).to_be_visible()
    expect(page.get_by_text("Rp1.950.000")).to_be_visible()
    expect(page.get_by_text("Permenkumham 8/2014")).to_be_visible()
    look()


def pay_together(page: Page, service: Service, look: Callable[[], None]) -> None:
    page.get_by_role("button", name="Get the billing code").click()
    look_again_until(page, "Pay to confirm")
    look()
    code = re.sub(r"\D", "", page.locator(".code-value").inner_text())
    bank = requests.post(
        f"{service.bank}/v1/pay",
        json={"billing_code": code, "channel": "mobile_banking"},
        timeout=10,
    )
    assert bank.ok, bank.text
    look_again_until(page, "Your appointment is confirmed")
    look()


def add(page: Page, name: str) -> None:
    page.get_by_role("link", name="Add a person").click()
    born = date(1980, 7, 1) + timedelta(days=secrets.randbelow(6000))
    page.get_by_label("NIK").fill(steps.a_new_nik(born))
    page.get_by_label("Full name").fill(name)
    page.get_by_label("Place of birth").fill("Lhokseumawe")
    page.get_by_label("Date of birth").fill(f"{born:%d-%m-%Y}")
    page.get_by_label("Woman").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="My applications")).to_be_visible()


def apply_for(page: Page, service: Service, name: str) -> None:
    """A draft, and back to the list."""
    steps.apply(page, name)
    expect(page.get_by_role("heading", name="At which office?")).to_be_visible()
    page.goto(f"{service.url}/applications/")


def look_again_until(page: Page, words: str) -> None:
    heading = page.get_by_role("heading", name=words)

    def has_come() -> bool:
        if not heading.is_visible():
            page.get_by_role("link", name="Look again").click()
        return heading.is_visible()

    until(has_come, seconds=40, what=words)
