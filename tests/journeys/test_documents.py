"""Sending a document and judging it, in a real browser: with and without scripts, on a phone."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from applicants.models import User
from appointments.documents.models import Document
from appointments.models import Appointment
from quota.enums import Role
from tests.appointments.documents.files import jpeg, pdf, saved
from tests.factories.appointments import make_confirmed
from tests.factories.documents import make_document
from tests.factories.quota import make_officer
from tests.journeys.looking import faults_of, press

pytestmark = pytest.mark.django_db(transaction=True)

PART = settings.UPLOAD_PART_BYTES


@pytest.fixture
def visit() -> Appointment:
    visit = make_confirmed()
    refused: dict[str, Any] = {"reason": "cut_off", "note": "Sisi kanan terpotong."}
    make_document(application=visit.application, content=jpeg())
    make_document(application=visit.application, kind="kk", status="not_complete", **refused)
    return visit


def signed_in(user: User, context: BrowserContext, server: LiveServer) -> Page:
    client = Client()
    client.force_login(user)
    names = {"sessionid": client.cookies["sessionid"].value, "django_language": "en"}
    for name, value in names.items():
        context.add_cookies([{"name": name, "value": value, "url": server.url}])
    return context.new_page()


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    size = {"width": 320, "height": 740}
    context = browser.new_context(java_script_enabled=request.param, viewport=size)  # type: ignore[arg-type]
    yield context
    context.close()


def test_document_sent_on_a_phone_is_received(
    context: BrowserContext, visit: Appointment, live_server: LiveServer, tmp_path: Path
) -> None:
    file = tmp_path / "akta.pdf"
    file.write_bytes(pdf(2))
    page = signed_in(visit.application.account, context, live_server)
    page.goto(f"{live_server.url}/applications/{visit.application.code}/documents/")
    paper = page.locator("#proof-of-birth")
    paper.get_by_label("Photo or PDF").set_input_files(file)
    press(paper.get_by_role("button", name="Send"))
    expect(page.locator("#proof-of-birth")).to_contain_text("being checked by an officer")
    assert Document.objects.filter(kind="proof-of-birth", pages=2).count() == 1


def test_upload_goes_on_where_it_stopped_when_the_line_breaks(
    browser: Browser, visit: Appointment, live_server: LiveServer, tmp_path: Path
) -> None:
    """First by itself, then on a page opened anew, where the same file is chosen again."""
    file = tmp_path / "kartu.jpg"
    file.write_bytes(noise())
    context = browser.new_context(viewport={"width": 320, "height": 740})
    posted: list[str] = []
    context.on("request", lambda sent: posted.extend(sent.url.split("?offset=")[1:]))
    page = signed_in(visit.application.account, context, live_server)
    address = f"{live_server.url}/applications/{visit.application.code}/documents/"

    def send(page: Page) -> None:
        paper = page.locator("#proof-of-birth")
        paper.get_by_label("Photo or PDF").set_input_files(file)
        paper.get_by_role("button", name="Send").press("Enter")

    def breaks(route: Route) -> None:
        """The server has what was sent, and the line breaks before it can say so."""
        context.set_offline(True)
        route.fetch()
        route.abort()

    page.route("**/*offset=*", breaks)
    page.goto(address)
    send(page)
    expect(page.locator("#proof-of-birth")).to_contain_text("No connection.")
    with page.expect_event("requestfailed", lambda sent: f"offset={PART}" in sent.url):
        context.set_offline(False)
    page.close()
    context.set_offline(False)
    other = context.new_page()
    other.goto(address)
    expect(other.locator("#proof-of-birth")).to_contain_text("Choose the same file again")
    assert faults_of(other) == []
    with other.expect_navigation():
        send(other)
    expect(other.locator("#proof-of-birth")).to_contain_text("being checked by an officer")
    assert Document.objects.filter(kind="proof-of-birth").count() == 1
    assert posted == ["0", str(PART), str(2 * PART)]
    context.close()


def noise() -> bytes:
    """A photo of several parts, which cannot be made small."""
    size = (1400, 900)
    content = saved(Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)), "JPEG")
    assert len(content) > 2 * PART
    return content


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_of_documents_are_without_fault(
    browser: Browser, visit: Appointment, live_server: LiveServer, width: int
) -> None:
    officer = make_officer(Role.COUNTER, visit.slot.office)
    document = Document.objects.get(kind="ktp")
    addresses = {
        f"/applications/{visit.application.code}/documents/": visit.application.account,
        f"/admin/documents/{document.code}/": officer,
        f"/admin/appointments/appointment/{visit.pk}/change/": officer,
    }
    faults = {}
    for address, user in addresses.items():
        context = browser.new_context(viewport={"width": width, "height": 900})
        page = signed_in(user, context, live_server)
        page.goto(live_server.url + address)
        faults[address] = faults_of(page)
        context.close()
    assert {address: found for address, found in faults.items() if found} == {}
