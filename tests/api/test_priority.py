"""What an integrator says of a need, and which seats it is good for."""

from typing import Any

import pytest

from quota.enums import Service
from quota.models import Slot
from tests.api.conftest import Integrator
from tests.api.steps import a_person, application_body, made, person_body
from tests.factories.quota import make_open_slot

pytestmark = pytest.mark.django_db


def asked(application: dict[str, Any], slot: Slot) -> dict[str, Any]:
    return {"applications": [application["code"]], "slot": slot.code}


@pytest.mark.parametrize("need", ["disability", "pregnancy"])
def test_booking_of_a_priority_seat_with_a_said_need(integrator: Integrator, need: str) -> None:
    body = application_body(a_person(integrator), need=need)
    application = made(integrator.post("applications/", body))
    assert application["need"] == need
    slot = make_open_slot(service=Service.PRIORITY)
    booked = integrator.post("appointments/", asked(application, slot))
    assert [each["slot"] for each in made(booked)["appointments"]] == [slot.code]


def test_booking_of_a_priority_seat_by_age_needs_no_word(integrator: Integrator) -> None:
    body = person_body(nik="1173010107500001", birth_date="1950-07-01")
    person = made(integrator.post("persons/", body))["code"]
    application = made(integrator.post("applications/", application_body(person)))
    slot = make_open_slot(service=Service.PRIORITY)
    made(integrator.post("appointments/", asked(application, slot)))


def test_booking_of_a_priority_seat_without_a_need_is_refused(integrator: Integrator) -> None:
    application = made(integrator.post("applications/", application_body(a_person(integrator))))
    assert application["need"] == "none"
    slot = make_open_slot(service=Service.PRIORITY)
    refused = integrator.post("appointments/", asked(application, slot))
    assert refused.status_code == 409
    assert refused.json()["type"] == "/api/docs/problems/#priority-only"


@pytest.mark.parametrize("need", ["elderly", "maybe", 3, None, ["disability"], ""])
def test_application_with_an_odd_need_is_refused(integrator: Integrator, need: object) -> None:
    body = application_body(a_person(integrator), need=need)
    refused = integrator.post("applications/", body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "#/need")


def test_availability_of_priority_seats_alone(integrator: Integrator) -> None:
    slot = make_open_slot(service=Service.PRIORITY, seats=4)
    make_open_slot(office=slot.office, starts_at=slot.starts_at)
    asked = f"from={slot.date}&to={slot.date}&service=priority"
    found = integrator.get(f"offices/{slot.office.code}/availability/?{asked}").json()
    assert [(one["service"], one["free"]) for one in found["sessions"]] == [("priority", 4)]
