"""From sign-up to the counter, in a real browser against the whole running service."""

import re
import time
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.journeys import steps
from tests.journeys.conftest import Service
from tests.simulators.running import until

# Three seconds are the promise; the rest is for a machine that runs other tests besides.
SEEN_BY_ITSELF = 12.0

pytestmark = pytest.mark.xdist_group("service")


def test_booking_from_sign_up_to_check_in(
    phone: Page,
    browser: Browser,
    service: Service,
    tmp_path_factory: pytest.TempPathFactory,
    record_property: Callable[[str, object], None],
) -> None:
    steps.in_english(phone, service)
    address = steps.a_new_mail_address()
    steps.sign_up(phone, service, address)
    steps.type_the_code(phone, service.code_sent_to(address))
    steps.add_herself(phone)
    steps.apply(phone)
    steps.hold_the_first_free_seat(phone)
    billing_code = steps.ask_for_the_billing_code(phone)

    bank = requests.post(
        f"{service.bank}/v1/pay",
        json={"billing_code": billing_code, "channel": "mobile_banking"},
        timeout=10,
    )
    paid_at = time.monotonic()
    assert bank.ok, bank.text
    confirmed = phone.get_by_role("heading", name="Your appointment is confirmed")
    expect(confirmed).to_be_visible(timeout=SEEN_BY_ITSELF * 1000)
    record_property("seconds_from_payment_to_page", round(time.monotonic() - paid_at, 1))

    phone.get_by_role("link", name="Open your letter").click()
    code = phone.locator("[data-copy]").get_attribute("data-copy")
    assert code is not None
    with phone.expect_download() as letter:
        phone.get_by_role("link", name="Letter (PDF)").click()
    text = PdfReader(letter.value.path()).pages[0].extract_text()
    assert (code in text, billing_code in text, "Siti Rahayu" in text) == (True, True, True)
    with phone.expect_download() as calendar:
        phone.get_by_role("link", name="Put it in my calendar").click()
    assert "BEGIN:VEVENT" in calendar.value.path().read_text()
    assert code in service.newest_message(address, holding="confirmed")

    officer = browser.new_page()
    steps.in_english(officer, service)
    sign_in = service.facts["officers"]["counter"]
    steps.sign_in(officer, service, sign_in["login"], sign_in["password"], "/admin/check-in/")
    steps.show_the_app(officer, sign_in["totp_secret"])
    officer.get_by_label(re.compile("code", re.IGNORECASE)).first.fill(code)
    officer.keyboard.press("Enter")
    expect(officer.get_by_text("Siti Rahayu").first).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("You have checked in")).to_be_visible()


def test_sign_up_by_phone_takes_any_usual_writing(phone: Page, service: Service) -> None:
    steps.in_english(phone, service)
    digits = f"{time.time_ns() % 10**8:08}"
    steps.sign_up(phone, service, f"0812-{digits[:4]}-{digits[4:]}")
    steps.type_the_code(phone, service.code_sent_to(f"+62812{digits}"))


def test_booking_without_javascript_at_320_pixels_gets_its_code(
    browser: Browser, service: Service
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    steps.in_english(page, service)
    address = steps.a_new_mail_address()
    steps.sign_up(page, service, address)
    steps.type_the_code(page, service.code_sent_to(address))
    steps.add_herself(page)
    steps.apply(page)
    steps.hold_the_first_free_seat(page)
    page.get_by_role("button", name="Get the billing code").click()
    heading = page.get_by_role("heading", name="Pay to confirm")

    def has_code() -> bool:
        if not heading.is_visible():
            page.get_by_role("link", name="Look again").click()
        return heading.is_visible()

    until(has_code, seconds=30, what="the billing code")
    assert page.locator(".code-value").is_visible()
    context.close()
