"""Another day, asked for by a program."""

from typing import Any

import pytest

from tests.api.conftest import Integrator
from tests.appointments.test_rescheduling import another, where
from tests.factories.applicants import make_person
from tests.factories.appointments import make_awaiting, make_confirmed

pytestmark = pytest.mark.django_db


def test_reschedule_by_a_program_answers_with_the_new_session(integrator: Integrator) -> None:
    mine = make_confirmed(person=make_person(integrator.account))
    new = another(mine)
    answer = integrator.post(f"appointments/{mine.code}/reschedule/", {"slot": new.code})
    said = answer.json()
    assert (answer.status_code, said["slot"], said["moved"]) == (200, new.code, 1)


def test_reschedule_by_a_program_twice_with_other_keys_moves_once(integrator: Integrator) -> None:
    mine = make_confirmed(person=make_person(integrator.account))
    body = {"slot": another(mine).code}
    answers = [integrator.post(f"appointments/{mine.code}/reschedule/", body) for _ in range(2)]
    assert [(answer.status_code, answer.json()["moved"]) for answer in answers] == [(200, 1)] * 2


def test_reschedule_by_a_program_before_paying_is_refused(integrator: Integrator) -> None:
    mine = make_awaiting(person=make_person(integrator.account))
    body = {"slot": another(mine).code}
    answer = integrator.post(f"appointments/{mine.code}/reschedule/", body)
    assert (answer.status_code, answer.json()["type"].rpartition("#")[2]) == (409, "not-movable")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"slot": "NOSUCHCODE"}, 409),
        ({"slot": [7]}, 400),
        ({"slot": "A", "day": 1}, 400),
    ],
)
def test_reschedule_by_a_program_with_bad_input_changes_nothing(
    integrator: Integrator, body: Any, status: int
) -> None:
    mine = make_confirmed(person=make_person(integrator.account))
    assert integrator.post(f"appointments/{mine.code}/reschedule/", body).status_code == status
    assert where(mine) == [mine.slot]


def test_reschedule_by_a_program_of_somebody_elses_is_not_found(integrator: Integrator) -> None:
    mine = make_confirmed()
    body = {"slot": another(mine).code}
    assert integrator.post(f"appointments/{mine.code}/reschedule/", body).status_code == 404
    assert where(mine) == [mine.slot]
