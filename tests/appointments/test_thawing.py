"""Holds and outages, and what people see of them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from appointments.booking import lapse_holds
from appointments.enums import AppointmentStatus
from appointments.invariants import broken
from appointments.models import Appointment
from appointments.submitting import request_payment
from appointments.thawing import give_holds_time_back
from mpaspor.audit import trail
from mpaspor.core import clock
from payments.enums import IncidentKind
from payments.fees import load_fees
from payments.incidents import end_incident, open_incident
from payments.models import Incident
from payments.renewing import renew_codes
from quota.enums import Role
from tests.appointments.browsing import signed_in, text_of
from tests.factories.appointments import PromptGateway, make_awaiting, make_held
from tests.factories.quota import make_officer

pytestmark = pytest.mark.django_db

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
GATEWAY, SERVICE = IncidentKind.GATEWAY, IncidentKind.SERVICE
zones = pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def held(at: datetime) -> Appointment:
    """For fifteen minutes."""
    return make_held(at=at)


def begin(at: datetime, what: IncidentKind = GATEWAY) -> Incident:
    return open_incident(what=what, by="test", at=at)


def end(incident: Incident, at: datetime) -> None:
    end_incident(code=incident.code, by="test", at=at)


@pytest.mark.parametrize("what", [GATEWAY, SERVICE])
def test_hold_never_lapses_while_an_incident_is_open(
    held: Appointment, at: datetime, what: IncidentKind
) -> None:
    begin(at + 5 * MINUTE, what)
    assert lapse_holds(at=at + 24 * HOUR) == 0
    held.refresh_from_db()
    assert held.status == AppointmentStatus.HELD


@zones
@pytest.mark.parametrize(("offset", "lapsed"), [(-SECOND, 0), (0 * SECOND, 1), (SECOND, 1)])
def test_hold_gets_back_the_time_that_was_left_and_lapses_after_it(
    zone: str, offset: timedelta, lapsed: int
) -> None:
    at = clock.now().astimezone(ZoneInfo(zone))
    held = make_held(at=at)
    incident = begin(at + 5 * MINUTE)
    end(incident, at + HOUR)
    assert lapse_holds(at=at + HOUR) == 0
    held.refresh_from_db()
    assert (held.hold_until, held.given_minutes) == (at + HOUR + 10 * MINUTE, 55)
    assert lapse_holds(at=at + HOUR + 10 * MINUTE + offset) == lapsed
    assert list(broken(at=at + HOUR)) == []


@pytest.mark.parametrize(("offset", "hit"), [(-SECOND, True), (0 * SECOND, False)])
def test_hold_that_was_over_before_the_incident_lapses(
    held: Appointment, at: datetime, offset: timedelta, hit: bool
) -> None:
    end(begin(at + 15 * MINUTE + offset), at + HOUR)
    assert lapse_holds(at=at + HOUR) == (0 if hit else 1)


def test_nested_incidents_give_a_hold_its_time_back_once(held: Appointment, at: datetime) -> None:
    outer, inner = begin(at + 5 * MINUTE, SERVICE), begin(at + 6 * MINUTE)
    end(inner, at + 7 * MINUTE)
    assert give_holds_time_back(at=at + 7 * MINUTE) == 0
    end(outer, at + 25 * MINUTE)
    assert give_holds_time_back(at=at + 25 * MINUTE) == 1
    assert give_holds_time_back(at=at + 26 * MINUTE) == 0
    held.refresh_from_db()
    assert (held.hold_until, held.given_minutes) == (at + 35 * MINUTE, 20)
    deeds = [entry.deed for entry in trail.of(f"appointment:{held.code}")]
    assert deeds == ["appointment.hold", "appointment.thaw"]


def test_frozen_hold_can_be_billed_although_its_own_time_is_over(
    held: Appointment, at: datetime
) -> None:
    load_fees()
    begin(at + 5 * MINUTE, SERVICE)
    account = held.application.account
    billed = request_payment(appointment=held, by=account, at=at + HOUR)
    assert billed.status == AppointmentStatus.AWAITING_PAYMENT


def review(held: Appointment) -> str:
    address = reverse("review", args=[held.application.code])
    return text_of(signed_in(held.application.account).get(address))


def test_review_says_that_time_stands_still_and_later_how_much_came_back(
    held: Appointment, at: datetime
) -> None:
    load_fees()
    incident = begin(at)
    frozen = review(held)
    assert "Payment has been disturbed since" in frozen
    assert "Your seat is held until" not in frozen
    end(incident, at + SECOND)
    assert "The outage is over" in review(held)
    give_holds_time_back(at=at + 3 * MINUTE)
    given = review(held)
    assert "You got 3 minutes back." in given
    assert "Your seat is held until" in given


def test_bill_page_says_that_time_stands_still_and_later_shows_the_new_code(at: datetime) -> None:
    waiting = make_awaiting(at=at)
    bill = waiting.bill
    assert bill is not None
    address = reverse("bill", args=[waiting.application.code])
    client = signed_in(waiting.application.account)

    incident = open_incident(what=SERVICE, reason="Listrik padam.", by="test", at=at)
    frozen = text_of(client.get(address))
    assert "This service has been disturbed since" in frozen
    assert "Listrik padam." in frozen
    assert "Pay before" not in frozen

    end(incident, at + SECOND)
    renew_codes(gateway=PromptGateway(), at=at + 25 * MINUTE)
    given = text_of(client.get(address))
    bill.refresh_from_db()
    assert "You got 25 minutes back." in given
    assert "Pay before" in given


def test_status_page_shows_what_is_down_and_what_was(client: Client, at: datetime) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    well = text_of(client.get("/status/"))
    end(begin(at - HOUR), at)
    begin(at, SERVICE)
    down, home = text_of(client.get("/status/")), text_of(client.get("/"))

    assert ("Everything works." in well, "No outage." in well) == (True, True)
    assert ("Everything works." in down, "No outage." in down) == (False, False)
    assert "This service is disturbed at the moment" in down
    assert "This service is disturbed at the moment" in home


def test_centre_opens_and_ends_an_outage_in_the_admin(at: datetime) -> None:
    officer = make_officer(Role.CENTRE)
    client = signed_in(officer)
    form = {"what": "service", "reason": "Listrik padam."}

    client.post("/admin/payments/incident/add/", form)
    again = client.post("/admin/payments/incident/add/", form)
    incident = Incident.objects.get()
    assert (incident.opened_by_id, incident.reason) == (officer.pk, "Listrik padam.")
    assert "An outage of this kind is open already." in text_of(again)

    client.post(f"/admin/payments/incident/{incident.pk}/change/", {"over": "on"})
    incident.refresh_from_db()
    assert incident.ended_at is not None
    by = [entry.deed for entry in trail.of(f"incident:{incident.code}")]
    assert by == ["incident.open", "incident.end"]
