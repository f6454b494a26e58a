"""From the letter to the passport: pages of person, officer and anybody in a real browser."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from applicants.models import User
from appointments.letters import letter_url
from appointments.visits.declining import decline_token
from appointments.visits.processing import defer
from mpaspor.core import clock
from quota.enums import Role
from tests.factories.applicants import make_person
from tests.factories.appointments import make_arrived, make_at_step, make_confirmed
from tests.factories.quota import make_officer, make_open_slot
from tests.journeys.looking import faults_of

pytestmark = pytest.mark.django_db(transaction=True)


def cookies_of(user: User, url: str) -> list[dict[str, str]]:
    client = Client()
    client.force_login(user)
    return [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_pages_have_no_fault_for_axe_no_broken_policy_and_no_sideways_scroll(
    browser: Browser, live_server: LiveServer, width: int, scheme: str
) -> None:
    slot = make_open_slot(starts_at=clock.now() + timedelta(minutes=20), seats=5)
    good = make_confirmed(slot=slot)
    ready = make_at_step("ready", make_confirmed(slot=slot, person=make_person(name="Dewi Sari")))
    stopped = make_arrived(make_confirmed(slot=slot)).application
    defer(application=stopped, reason="document", by="test", at=clock.now())
    square = letter_url(good).partition("/verify/")[2]
    seen: list[tuple[User | None, str]] = [
        (None, "/verify/"),
        (None, "/verify/?code=-"),
        (None, f"/verify/{square}"),
        (None, f"/verify/{square[:-4]}/"),
        (None, reverse("cannot_come", args=[decline_token(good)])),
        (good.application.account, f"/applications/{good.application.code}/visit/"),
        (ready.account, f"/applications/{ready.code}/visit/"),
        (stopped.account, f"/applications/{stopped.code}/visit/"),
    ]
    officer = make_officer(Role.COUNTER, slot.office)
    seen += [(officer, f"/admin/passports/{each.code}/") for each in (ready, stopped)]
    said: list[str] = []
    faults = {}
    for user, path in seen:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        context.add_cookies(cookies_of(user, live_server.url) if user else [])  # type: ignore[arg-type]
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.goto(live_server.url + path)
        faults[path] = faults_of(page)
        context.close()
    assert [text for text in said if "404" not in text] == []
    assert faults == {path: [] for _user, path in seen}
