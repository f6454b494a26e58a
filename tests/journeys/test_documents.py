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
    """First by itself, then after a reload, where the same file is chosen again."""
    file = tmp_path / "kartu.jpg"
    file.write_bytes(noise())
    context = browser.new_context(viewport={"width": 320, "height": 740})
    page = signed_in(visit.application.account, context, live_server)
    page.goto(f"{live_server.url}/applications/{visit.application.code}/documents/")
    posted: list[str] = []
    page.on("request", lambda sent: posted.append(sent.url) if "offset=" in sent.url else None)

    def send() -> None:
        paper = page.locator("#proof-of-birth")
        paper.get_by_label("Photo or PDF").set_input_files(file)
        paper.get_by_role("button", name="Send").press("Enter")

    def break_after(offset: int) -> None:
        """The line breaks as soon as the server has what follows there."""

        def broken(route: Route) -> None:
            context.set_offline(True)
            route.fetch()
            route.abort()

        page.route(lambda url: url.endswith(f"offset={offset}"), broken, times=1)

    break_after(0)
    send()
    expect(page.locator("#proof-of-birth")).to_contain_text("No connection.")
    break_after(PART)
    with page.expect_event("requestfailed", lambda sent: sent.url.endswith(f"offset={PART}")):
        context.set_offline(False)
    assert [url.rpartition("=")[2] for url in posted] == ["0", str(PART)]
    page.unroute_all()
    context.set_offline(False)
    page.goto(page.url)
    expect(page.locator("#proof-of-birth")).to_contain_text("Choose the same file again")
    assert faults_of(page) == []
    with page.expect_navigation():
        send()
    expect(page.locator("#proof-of-birth")).to_contain_text("being checked by an officer")
    assert Document.objects.filter(kind="proof-of-birth").count() == 1
    offsets = [url.rpartition("=")[2] for url in posted]
    assert offsets.count("0") == 1
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
