"""The pages that change an appointment, as browsers show them on the narrowest phone."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from appointments.correcting import Answers
from appointments.corrections.enums import Cause
from appointments.corrections.requesting import ask_correction
from appointments.enums import Book, Kind
from appointments.models import Appointment
from appointments.reseating.beginning import begin
from appointments.reseating.working import reseat
from mpaspor.core import clock
from payments.fees import load_fees
from quota.enums import Role
from tests.appointments.test_cancelling import paid_party
from tests.appointments.test_rescheduling import another
from tests.factories.appointments import make_confirmed
from tests.factories.quota import make_officer, make_open_slot
from tests.journeys.looking import faults_of

pytestmark = pytest.mark.django_db(transaction=True)


def later(mine: Appointment) -> datetime:
    return mine.slot.starts_at + timedelta(hours=2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_changes_have_no_fault(
    browser: Browser, live_server: LiveServer, scheme: Any
) -> None:
    load_fees()
    party = paid_party()
    mine, moved = party[0], make_confirmed()
    another(moved)
    make_confirmed(slot=moved.slot)
    make_confirmed(slot=make_open_slot(office=moved.slot.office, seats=1, starts_at=later(moved)))
    head = make_officer(Role.HEAD, moved.slot.office)
    preview = reverse("admin:reseat", args=[moved.slot.code])
    act = begin(slot=moved.slot, whole_day=False, reason="Banjir", by=head, at=clock.now())
    reseat(at=clock.now())
    new, code = another(mine), mine.application.code
    wish: dict[str, Any] = {"answers": Answers(Kind.REPLACEMENT, Book.FIVE_YEARS)}
    wish |= {"cause": Cause.HAS_BOOK, "by": "test", "at": clock.now()}
    ask_correction(appointment=party[1], **wish)
    pages = {
        mine.application.account: [
            reverse("visit", args=[code]),
            reverse("cancel", args=[code]),
            reverse("earlier", args=[code]),
            reverse("ask_to_correct", args=[code]),
            f"{reverse('move_day', args=[code])}?month={new.date:%Y-%m}",
            reverse("move_session", args=[code, new.date]),
        ],
        moved.application.account: [reverse("new_day", args=[moved.application.code])],
        head: [f"{preview}?what=day", reverse("admin:reseating", args=[act.code])],
        make_officer(Role.COUNTER, mine.slot.office): [
            reverse("admin:give_day", args=[mine.code]),
            reverse("admin:correct", args=[mine.code]),
            reverse("admin:correct", args=[party[1].code]),
        ],
    }
    faults: dict[str, list[str]] = {}
    for user, addresses in pages.items():
        client = Client()
        client.force_login(user)
        context = browser.new_context(
            viewport={"width": 320, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        for address in addresses:
            page.goto(live_server.url + address)
            faults[address] = faults_of(page)
        context.close()
    assert {address: found for address, found in faults.items() if found} == {}
