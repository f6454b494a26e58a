"""Cancelling, asked for by a program."""

from typing import Any

import pytest

from tests.api.conftest import Integrator
from tests.appointments.test_cancelling import paid_party, states
from tests.factories.applicants import make_person
from tests.factories.appointments import make_awaiting, make_billed_party, make_confirmed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("body", [{}, {"alone": False}, {"alone": True}])
def test_cancel_by_a_program_answers_with_what_it_is_now(
    integrator: Integrator, body: dict[str, Any]
) -> None:
    mine = make_awaiting(person=make_person(integrator.account))
    answer = integrator.post(f"appointments/{mine.code}/cancel/", body)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert answer.json()["bill"]["status"] == "void"


def test_cancel_by_a_program_of_one_of_an_unpaid_party_is_refused(integrator: Integrator) -> None:
    party = make_billed_party(account=integrator.account)
    answer = integrator.post(f"appointments/{party[0].code}/cancel/", {"alone": True})
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("billed-together")
    assert states(party) == ["awaiting_payment"] * 3


@pytest.mark.parametrize("body", [{"alone": "perhaps"}, {"who": "all"}, [], {"alone": None}])
def test_cancel_by_a_program_with_bad_input_changes_nothing(
    integrator: Integrator, body: Any
) -> None:
    mine = make_confirmed(person=make_person(integrator.account))
    assert integrator.post(f"appointments/{mine.code}/cancel/", body).status_code == 400
    assert states([mine]) == ["confirmed"]


def test_cancel_by_a_program_of_somebody_elses_is_not_found(integrator: Integrator) -> None:
    party = paid_party()
    assert integrator.post(f"appointments/{party[0].code}/cancel/", {}).status_code == 404
    assert states(party) == ["confirmed"] * 3
