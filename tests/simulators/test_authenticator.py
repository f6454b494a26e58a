"""The page that stands for the phones of the demonstration's officers."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from simulators.inbox.authenticator import Account
from tests.simulators.running import Inbox, start_inbox

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inbox]:
    data = tmp_path_factory.mktemp("phone")
    inbox = start_inbox(data, demo_file=str(data / "demo.json"))
    yield inbox
    assert inbox.stop() == 0
    assert inbox.failures() == []


@pytest.fixture
def sign_ins(phone: Inbox) -> Path:
    file = phone.data / "demo.json"
    file.unlink(missing_ok=True)
    return file


def shown(phone: Inbox) -> dict[str, list[str]]:
    text = phone.web.get(f"{phone.url}/authenticator", timeout=10).text
    return {
        login: re.findall("[0-9]{6}", rest)
        for login, rest in re.findall('<dl class="card">\\s*<dt>(.*?)</dt>(.*?)</dl>', text, re.S)
    }


def test_authenticator_codes_are_those_of_the_standard() -> None:
    """The test vectors of RFC 6238, appendix B, their last six digits."""
    phone = Account(login="", secret=base64.b32decode(SECRET))
    vectors = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    assert {at: phone.code(at // 30) for at in vectors} == vectors


def test_authenticator_shows_the_codes_of_who_has_a_secret(phone: Inbox, sign_ins: Path) -> None:
    officers = {
        "head": {"login": "<head>@example.org", "totp_secret": SECRET},
        "planner": {"login": "planner@example.org"},
    }
    sign_ins.write_text(json.dumps({"officers": officers}))

    page = phone.web.get(f"{phone.url}/authenticator", timeout=10)
    assert list(shown(phone)) == ["&lt;head&gt;@example.org"]
    assert 1 <= int(page.headers["Refresh"]) <= 30


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"officers": {"a": {"totp_secret": 1}}}'])
def test_authenticator_without_sign_ins_says_so(
    phone: Inbox, sign_ins: Path, text: str | None
) -> None:
    if text is not None:
        sign_ins.write_text(text)
    assert shown(phone) == {}
    assert "Tidak ada akun contoh" in phone.web.get(f"{phone.url}/authenticator", timeout=10).text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_authenticator_has_no_fault_for_axe_and_no_sideways_scroll(
    page: Page, phone: Inbox, sign_ins: Path, scheme: Any
) -> None:
    officers = {"head": {"login": "head@example.org", "totp_secret": SECRET}}
    sign_ins.write_text(json.dumps({"officers": officers}))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{phone.url}/authenticator")

    assert [each["id"] for each in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
