"""The steps of an integrator, for tests that begin in the middle."""

from itertools import count
from typing import Any

from quota.models import Slot
from tests.api.conftest import Integrator

serials = count(1)


def new_nik() -> str:
    """Of a man born on 1 July 1990; another one each time."""
    return f"117301010790{next(serials):04}"


def person_body(**other: Any) -> dict[str, Any]:
    return {
        "nik": new_nik(),
        "name": "Budi Santoso",
        "birth_place": "Lhokseumawe",
        "birth_date": "1990-07-01",
        "sex": "M",
    } | other


def application_body(person: str, **other: Any) -> dict[str, Any]:
    return {"person": person, "kind": "new", "book": "5", "service": "regular"} | other


def a_person(integrator: Integrator) -> str:
    return str(made(integrator.post("persons/", person_body()))["code"])


def an_application(integrator: Integrator) -> str:
    body = application_body(a_person(integrator))
    return str(made(integrator.post("applications/", body))["code"])


def an_appointment(integrator: Integrator, slot: Slot) -> dict[str, Any]:
    body = {"applications": [an_application(integrator)], "slot": slot.code}
    booked = made(integrator.post("appointments/", body))
    [appointment] = booked["appointments"]
    return dict(appointment)


def made(response: Any) -> dict[str, Any]:
    assert response.status_code == 201, response.content
    body: dict[str, Any] = response.json()
    return body
