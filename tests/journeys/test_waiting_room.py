"""The waiting room in a browser: it follows the status file, and its pages have no faults."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from applicants.models import Person
from mpaspor.core import clock
from quota.models import Release
from quota.waiting_room.enums import TicketStatus
from quota.waiting_room.models import QueueTicket
from tests.appointments.browsing import signed_in
from tests.factories import queue
from tests.factories.applicants import make_person
from tests.journeys.looking import faults_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person() -> Person:
    return make_person(name="Dewi Lestari")


def waiting(person: Person) -> tuple[Release, QueueTicket]:
    """Drawn and called once; the person is not among the first."""
    opens = clock.now() - timedelta(seconds=1)
    release, [ticket, *_others] = queue.make_at_work(
        [[person.identity.code], *[1] * 200], opens=opens, seats=300
    )
    queue.step(release)
    if queue.fresh(ticket).status == TicketStatus.CALLED:
        return waiting(person)
    return release, queue.fresh(ticket)


def at_home(context: BrowserContext, person: Person, server: LiveServer) -> Page:
    cookies = signed_in(person.account).cookies
    context.add_cookies(
        [
            {"name": name, "value": cookies[name].value, "url": server.url}
            for name in (settings.SESSION_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME)
        ]
    )
    return context.new_page()


def saying(page: Page, **status: Any) -> None:
    """What the web server in front hands out from now on."""
    usual = {"state": "active", "called": 1, "pace": 60, "waiting": 200}
    seats = {"regular": "few"}
    body = json.dumps({**usual, "seats": seats, "at": int(clock.now().timestamp()), **status})

    def answer(route: Route) -> None:
        route.fulfill(body=body, content_type="application/json")

    page.unroute("**/queue/*.json")
    page.route("**/queue/*.json", answer)


def test_place_follows_the_file_and_turns_into_the_turn_by_itself(
    context: BrowserContext, person: Person, live_server: LiveServer
) -> None:
    release, ticket = waiting(person)
    number = ticket.number or 0
    page = at_home(context, person, live_server)
    page.clock.install()
    saying(page, called=number - 2)
    page.goto(f"{live_server.url}/releases/{release.code}/queue/")
    expect(page.locator(".place")).to_contain_text(str(number))

    page.clock.run_for(7_000)
    expect(page.locator("[data-show=called]")).to_have_text(f"up to number {number - 2}")
    expect(page.locator("[data-show=before]")).to_have_text("1")
    expect(page.locator("[data-show=seats]")).to_have_text("a few")

    saying(page, called=number - 2, at=int(clock.now().timestamp()) - 31)
    page.clock.run_for(7_000)
    expect(page.get_by_role("heading", name="The waiting room pauses")).to_be_visible()

    at = clock.now()
    QueueTicket.objects.filter(pk=ticket.pk).update(
        status=TicketStatus.CALLED, called_at=at, until=at + timedelta(minutes=10)
    )
    ticket.members.update(turn="open", until=at + timedelta(minutes=10))
    saying(page, called=number)
    page.clock.run_for(10_000)
    expect(page.get_by_role("heading", name="It is your turn")).to_be_visible()


def test_without_a_line_the_place_stays_on_the_page(
    context: BrowserContext, person: Person, live_server: LiveServer
) -> None:
    release, ticket = waiting(person)
    page = at_home(context, person, live_server)
    page.clock.install()
    page.goto(f"{live_server.url}/releases/{release.code}/queue/")
    page.route("**/queue/*.json", lambda route: route.abort())
    page.clock.run_for(30_000)
    expect(page.locator(".place")).to_contain_text(str(ticket.number))


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_pages_have_no_fault_for_axe_no_broken_policy_and_no_sideways_scroll(
    browser: Browser, person: Person, live_server: LiveServer, width: int, scheme: Any
) -> None:
    release, ticket = waiting(person)
    joinable = queue.make_announced(opens=clock.now() + timedelta(minutes=30))
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page, faults, said = at_home(context, person, live_server), {}, []
    page.on("console", lambda message: said.append(message.text))
    page.route("**/queue/*.json", lambda route: route.abort())

    def look(path: str) -> None:
        page.goto(f"{live_server.url}/releases/{path}")
        faults[path] = faults_of(page)

    for path in ("", "join/", "queue/"):
        look(f"{joinable.code}/{path}")
    for path in ("queue/", "draw/", f"draw/?ticket={ticket.code}"):
        look(f"{release.code}/{path}")
    until = clock.now() + timedelta(minutes=10)
    QueueTicket.objects.filter(pk=ticket.pk).update(
        status=TicketStatus.CALLED, called_at=clock.now(), until=until
    )
    ticket.members.update(turn="open", until=until)
    look(f"{release.code}/queue/?called")
    QueueTicket.objects.filter(pk=ticket.pk).update(status=TicketStatus.LAPSED)
    look(f"{release.code}/queue/?lapsed")
    context.close()

    assert [line for line in said if "ERR_FAILED" not in line] == []
    assert faults == {path: [] for path in faults}
