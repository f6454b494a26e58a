"""What people do, step by step, in the words on the pages (English)."""

import re
import secrets
from datetime import UTC, date, datetime, timedelta

from playwright.sync_api import Page, expect

from applicants import totp
from tests.journeys.conftest import Service

PASSWORD = "rahasia-sekali-7"
OFFICE = "Unit Demonstrasi Jakarta"


def in_english(page: Page, service: Service) -> None:
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": service.url}])


def a_new_mail_address() -> str:
    return f"{secrets.token_hex(5)}@example.org"


def a_new_nik(born: date) -> str:
    """A woman's NIK with a serial nobody had before."""
    serial = 1 + secrets.randbelow(9998)
    district = 1 + secrets.randbelow(98)
    return f"1173{district:02}{born.day + 40:02}{born:%m%y}{serial:04}"


def sign_up(page: Page, service: Service, contact: str) -> None:
    page.goto(service.url)
    page.get_by_role("link", name="Start an application").click()
    page.get_by_label("Your name").fill("Siti Rahayu")
    page.get_by_label("E-mail or mobile phone").fill(contact)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", name="Type the code")).to_be_visible()


def type_the_code(page: Page, code: str) -> None:
    page.get_by_label("Six-digit code").fill(code)
    page.get_by_role("main").get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="My applications")).to_be_visible()


def sign_in(page: Page, service: Service, login: str, password: str, start: str = "/") -> None:
    page.goto(f"{service.url}/account/login/?next={start}")
    page.get_by_label("E-mail or mobile phone").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def show_the_app(page: Page, secret: str, *, after: int = 0) -> None:
    """Types what the authenticator app shows.

    `after` is the half minute of the code typed before: none counts twice, and the next one counts
    early.
    """
    step = max(totp.step_at(datetime.now(UTC)), after + 1)
    page.get_by_label("Six-digit code").fill(totp.code_of(secret, step))
    page.get_by_role("main").get_by_role("button", name=re.compile("Continue|Finish")).click()


def add_herself(page: Page) -> None:
    page.get_by_role("link", name="Add a person").click()
    born = date(1990, 7, 1) + timedelta(days=secrets.randbelow(3000))
    page.get_by_label("NIK").fill(a_new_nik(born))
    page.get_by_label("Full name").fill("Siti Rahayu")
    page.get_by_label("Place of birth").fill("Lhokseumawe")
    page.get_by_label("Date of birth").fill(f"{born:%d-%m-%Y}")
    page.get_by_label("Woman").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="My applications")).to_be_visible()


def apply(page: Page, name: str = "Siti Rahayu") -> None:
    page.get_by_role("link", name=re.compile("Apply for a passport|New application")).click()
    page.get_by_label(name).check()
    page.get_by_label("No, this is the first one").check()
    page.get_by_label("Electronic passport, 5 years").check()
    page.get_by_label("Regular").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Choose office and day").click()


def hold_the_first_free_seat(page: Page, office: str = OFFICE) -> None:
    page.get_by_label("Name of the office").fill(office)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=office).click()
    page.locator("a.day").first.click()
    page.locator("input[name=slot]:enabled").first.check()
    page.get_by_role("button", name="Hold this seat").click()
    expect(page.get_by_role("heading", name="Check everything")).to_be_visible()


def ask_for_the_billing_code(page: Page) -> str:
    """The fifteen digits, as soon as the page shows them by itself."""
    page.get_by_role("button", name="Get the billing code").click()
    expect(page.get_by_role("heading", name="Pay to confirm")).to_be_visible()
    code = page.locator("[data-copy]").get_attribute("data-copy")
    assert code is not None
    assert re.fullmatch(r"[0-9]{15}", code)
    return code
