"""Waiting list, news of offices and answers of the registry: without fault, and by keyboard."""

from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from applicants.enums import Detail, RegistryVerdict
from applicants.models import Person
from applicants.register.port import Answer
from applicants.verifying import verify_due
from mpaspor.core import clock
from quota.followers.following import unfollow_token
from quota.waiting_list.models import Wish
from tests.applicants.asking import FakeRegister
from tests.appointments.browsing import signed_in
from tests.factories.applicants import make_person
from tests.factories.appointments import make_application
from tests.factories.followers import make_following
from tests.factories.quota import make_office, make_open_slot
from tests.factories.waiting_list import full_slot, make_offer, make_wish
from tests.journeys.hands import press
from tests.journeys.looking import faults_of

pytestmark = pytest.mark.django_db(transaction=True)

SCREENS = [(320, "dark"), (1280, "light")]


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def person() -> Person:
    return make_person(name="Dewi Lestari")


def at_home(context: BrowserContext, person: Person, server: LiveServer) -> Page:
    cookies = signed_in(person.account).cookies
    context.add_cookies(
        [
            {"name": name, "value": cookies[name].value, "url": server.url}
            for name in (settings.SESSION_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME)
        ]
    )
    return context.new_page()


def faults_at(page: Page, server: LiveServer, paths: list[str]) -> dict[str, list[str]]:
    faults = {}
    for path in paths:
        page.goto(server.url + path)
        faults[path] = faults_of(page)
    return faults


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_pages_of_the_waiting_list_are_without_fault(
    browser: Browser, person: Person, live_server: LiveServer, at: datetime, width: int, scheme: Any
) -> None:
    slot = full_slot()
    make_application(person=person, at=at)
    offer = make_offer(slot, make_wish(slot, person, at=at), at=at)
    other = make_wish(full_slot(), make_person(person.account), at=at)
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = at_home(context, person, live_server)

    faults = faults_at(
        page,
        live_server,
        [
            reverse("wish_new"),
            reverse("wish", args=[offer.wish.code]),
            reverse("wish", args=[other.code]),
            reverse("wish_change", args=[other.code]),
            reverse("offer", args=[offer.code]),
            reverse("my_applications"),
        ],
    )
    context.close()

    assert faults == {path: [] for path in faults}


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_pages_of_followers_are_without_fault(
    browser: Browser, person: Person, live_server: LiveServer, width: int, scheme: Any
) -> None:
    following = make_following(account=person.account)
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = at_home(context, person, live_server)

    faults = faults_at(
        page,
        live_server,
        [
            reverse("office_detail", args=[following.office.code]),
            reverse("follow", args=[make_office().code]),
            reverse("followed"),
            reverse("unfollow_by_link", args=[unfollow_token(following)]),
        ],
    )
    context.close()

    assert faults == {path: [] for path in faults}


def answered(answer: Answer, at: datetime) -> None:
    verify_due(register=FakeRegister(lambda _question: answer), at=at)


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_pages_of_the_registry_are_without_fault(
    browser: Browser, live_server: LiveServer, at: datetime, width: int, scheme: Any
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    faults: dict[str, list[str]] = {}
    for verdict in RegistryVerdict:
        person = make_person(at=at)
        details = tuple(Detail) if verdict == RegistryVerdict.MISMATCH else ()
        if verdict != RegistryVerdict.PENDING:
            answered(Answer(verdict, details), at)
        page = at_home(context, person, live_server)
        path = f"/account/persons/{person.code}/registry/"
        faults |= {verdict: faults_at(page, live_server, [path])[path]}
        page.close()
    context.close()

    assert faults == {verdict: [] for verdict in RegistryVerdict}


def test_wish_is_made_by_keyboard_alone(
    context: BrowserContext, person: Person, live_server: LiveServer
) -> None:
    slot = full_slot()
    page = at_home(context, person, live_server)
    day = slot.date.isoformat()
    query = f"?office={slot.office.code}&service=regular&first_day={day}&last_day={day}&hours=any"
    page.goto(live_server.url + reverse("wish_new") + query)

    press(page, "button", "Put me on the list")

    expect(page.get_by_role("heading", name="Your place on the waiting list")).to_be_visible()
    assert Wish.objects.get().size == 1


def test_wish_while_seats_are_free_leads_to_them(
    context: BrowserContext, person: Person, live_server: LiveServer
) -> None:
    slot = make_open_slot()
    page = at_home(context, person, live_server)
    day = slot.date.isoformat()
    query = f"?office={slot.office.code}&service=regular&first_day={day}&last_day={day}&hours=any"
    page.goto(live_server.url + reverse("wish_new") + query)

    press(page, "button", "Put me on the list")

    expect(page.get_by_role("heading", name="There are free seats now")).to_be_visible()
    assert faults_of(page) == []
    assert not Wish.objects.exists()
