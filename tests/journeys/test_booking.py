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
from tests.journeys.hands import choose, press, reach, write
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


def test_booking_by_keyboard_without_javascript_at_320_pixels_gets_its_letter(
    browser: Browser, service: Service
) -> None:
    """From the first question over every task of the list to the letter."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    steps.in_english(page, service)
    address = steps.a_new_mail_address()
    steps.sign_up(page, service, address)
    steps.type_the_code(page, service.code_sent_to(address))
    steps.add_herself(page)

    press(page, "link", "Apply for a passport")
    for answer in (
        "Siti Rahayu",
        "No, this is the first one",
        "Electronic passport, 5 years",
        "Regular",
    ):
        choose(page.get_by_label(answer))
    press(page, "button", "Continue")
    press(page, "link", "The journey")
    choose(page.get_by_label("Study"))
    press(page, "button", "Save")
    press(page, "link", "Whom to call in an emergency")
    write(page, "Name of the person to be called", "Rina Santoso")
    choose(page.get_by_label("Brother or sister"))
    write(page, "Phone number to be called", "0812-3456-7890")
    press(page, "button", "Save")
    press(page, "link", "Choose office and day")
    write(page, "Name of the office", steps.OFFICE)
    press(page, "button", "Search")
    press(page, "link", steps.OFFICE)
    reach(page.locator("a.day").first)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    choose(page.locator("input[name=slot]:enabled").first)
    press(page, "button", "Hold this seat")
    press(page, "button", "Get the billing code")
    look_again(page, "Pay to confirm")
    code = page.locator(".code-value").first.inner_text()
    paid = requests.post(
        f"{service.bank}/v1/pay",
        json={"billing_code": re.sub(r"\D", "", code), "channel": "atm"},
        timeout=10,
    )
    assert paid.ok, paid.text
    look_again(page, "Your appointment is confirmed")
    press(page, "link", "Open your letter")
    reach(page.get_by_role("link", name="Letter (PDF)"))
    with page.expect_download() as letter:
        page.keyboard.press("Enter")
    assert "Siti Rahayu" in PdfReader(letter.value.path()).pages[0].extract_text()
    context.close()


def look_again(page: Page, heading: str) -> None:
    """Without scripts a page is asked for anew by its link, or by the browser's own key."""
    shown = page.get_by_role("heading", name=heading)

    def is_there() -> bool:
        if shown.is_visible():
            return True
        if page.get_by_role("link", name="Look again").is_visible():
            press(page, "link", "Look again")
        else:
            page.reload()
        return shown.is_visible()

    until(is_there, seconds=40, what=heading)
