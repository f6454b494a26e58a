"""The door of an office whose line is down, in a real browser: what is genuine, and what is not."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as BrowserError
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from appointments.visits.signing import Claims, signed
from mpaspor.core import clock
from quota.enums import Role
from quota.models import Office
from tests.factories.quota import make_office, make_officer
from tests.journeys.looking import faults_of
from tests.journeys.test_letters_and_passports import cookies_of

pytestmark = pytest.mark.django_db(transaction=True)

# What a phone with a camera would have: a stream, and a reader of squares in it.
CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillRect(0, 0, 10, 10);
  return canvas.captureStream(5);
};
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return window.held ? [{ rawValue: window.held }] : []; }
};
"""


@dataclass(frozen=True)
class Square:
    text: str
    says: str


@pytest.fixture
def office() -> Office:
    return make_office(name="Kanim Palu", zone="Asia/Makassar")


@pytest.fixture
def squares(office: Office, settings: Settings) -> list[Square]:
    """Two keys are good, as while they take turns; a third one came after the page was opened."""
    settings.LETTER_KEYS = {1: bytes(range(32)), 2: bytes(range(32, 64))}
    noon = office.local(clock.now()).replace(hour=12, minute=0, second=0, microsecond=0)
    mine = Claims("ACDEFGHJKM", 1, noon, "new", office.code)
    settings.LETTER_WITH = 1
    token = signed(mine)
    made = [
        Square(f" https://m-paspor.test/verify/{token}/", "Genuine"),
        Square(
            signed(replace(mine, starts_at=noon + timedelta(days=1))), "Genuine, for another day"
        ),
        Square(
            signed(replace(mine, office=make_office(name="Kanim Ambon").code)),
            "Genuine, for another office",
        ),
        Square(signed(replace(mine, office="")), "Genuine, office not said"),
        Square(token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:], "Not genuine"),
        Square(token.upper(), "Not genuine"),
        Square("ey..", "Not genuine"),
        Square(mine.code, "No signature to check"),
        Square("", "No signature to check"),
    ]
    settings.LETTER_WITH = 2
    made.append(Square(signed(mine), "Genuine"))
    keys, settings.LETTER_KEYS = settings.LETTER_KEYS, {3: bytes(32)}
    settings.LETTER_WITH = 3
    made.append(Square(signed(mine), "Unknown key"))
    settings.LETTER_KEYS, settings.LETTER_WITH = keys, 2
    return made


@pytest.fixture
def door(
    browser: Browser, live_server: LiveServer, office: Office, squares: list[Square]
) -> Iterator[Page]:
    """The page, opened while there is a line."""
    context = browser.new_context(viewport={"width": 320, "height": 800}, color_scheme="dark")
    english = {"name": "django_language", "value": "en", "url": live_server.url}
    officer = make_officer(Role.COUNTER, office)
    context.add_cookies([*cookies_of(officer, live_server.url), english])  # type: ignore[list-item]
    context.add_init_script(CAMERA)
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/letter-check/")
    expect(page.get_by_text("this page also opens without a line")).to_be_visible()
    yield page
    context.close()


def test_letters_are_checked_by_hand_and_camera_after_the_line_was_cut(
    door: Page, squares: list[Square]
) -> None:
    door.context.set_offline(True)
    with pytest.raises(BrowserError, match="Failed to fetch"):
        door.evaluate("fetch('/healthz')")
    door.reload()
    expect(door.get_by_label("Square on the letter")).to_be_focused()
    said, faults = [], {"empty": faults_of(door)}
    for square in squares:
        said.append(typed(door, square.text))
        faults[square.says] = faults_of(door)
    assert said == [square.says for square in squares]

    door.get_by_role("button", name="Camera").click()
    door.evaluate("text => { window.held = text }", squares[2].text)
    expect(door.get_by_text("Kanim Ambon")).to_be_visible()
    faults["camera"] = faults_of(door)

    door.evaluate("() => { crypto.subtle.importKey = () => Promise.reject() }")
    assert typed(door, squares[0].text) == "This browser cannot check signatures"
    expect(door.locator("#verdict")).to_contain_text("ACDEFGHJKM")
    faults["no Ed25519"] = faults_of(door)
    assert faults == {name: [] for name in faults}


def typed(door: Page, text: str) -> str:
    """As a scanner by hand does; the heading of what the page then says."""
    door.locator("#verdict").evaluate("verdict => verdict.replaceChildren()")
    door.keyboard.insert_text(text)
    door.keyboard.press("Enter")
    heading = door.locator("#verdict").get_by_role("heading")
    expect(heading).to_be_visible()
    expect(door.get_by_label("Square on the letter")).to_have_value("")
    return heading.inner_text().strip()
