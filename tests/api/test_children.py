"""Children through the API: the same questions as on the page."""

from typing import Any

import pytest

from applicants.consents import withdraw_consent
from applicants.models import Consent, Person
from mpaspor.core import clock
from tests.api.conftest import Integrator
from tests.api.steps import a_person, application_body, made, person_body
from tests.factories.applicants import make_person
from tests.factories.quota import make_open_slot


def child_body(guardian: str, **other: Any) -> dict[str, Any]:
    child = {"nik": "1173010107180001", "birth_date": "2018-07-01", "name": "Bayu"}
    asked = {"guardian": guardian, "relation": "father", "consent": True}
    return person_body() | child | asked | other


def test_child_with_guardian_and_consent_is_registered(integrator: Integrator) -> None:
    father = a_person(integrator)
    child = made(integrator.post("persons/", child_body(father)))
    assert (child["guardian"], child["relation"]) == (father, "father")
    consent = Consent.objects.get()
    assert (consent.person, consent.language) == (Person.objects.get(name="Bayu"), "en")


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("guardian", "guardian-needed"),
        ("relation", "relation-not-valid"),
        ("consent", "consent-needed"),
    ],
)
def test_child_lacking_something_is_refused(integrator: Integrator, field: str, code: str) -> None:
    body = child_body(a_person(integrator))
    del body[field]
    answer = integrator.post("persons/", body)
    faults = [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]
    assert (answer.status_code, faults) == (422, [(f"#/{field}", code)])
    assert (Person.objects.count(), Consent.objects.count()) == (1, 0)


def test_child_with_a_guardian_of_another_account_is_refused(integrator: Integrator) -> None:
    answer = integrator.post("persons/", child_body(make_person().code))
    faults = [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]
    assert (answer.status_code, faults) == (400, [("#/guardian", "not-found")])


def test_application_and_appointment_of_a_child_need_the_consent_in_force(
    integrator: Integrator,
) -> None:
    child = made(integrator.post("persons/", child_body(a_person(integrator))))["code"]
    application = made(integrator.post("applications/", application_body(child)))["code"]
    withdraw_consent(consent=Consent.objects.get(), by=integrator.account, at=clock.now())
    booking = {"applications": [application], "slot": make_open_slot().code}
    answers = [
        integrator.post("applications/", application_body(child)),
        integrator.post("appointments/", booking),
    ]
    said = [(no.status_code, no.json()["type"].split("#")[1]) for no in answers]
    assert said == [(422, "consent-needed")] * 2
