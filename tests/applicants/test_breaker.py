"""The registry is left in peace while it does not answer, and found again when it does."""

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from applicants.enums import RegistryVerdict
from applicants.register import breaker
from applicants.verifying import BATCH, verify_due
from mpaspor.core import clock
from tests.applicants.asking import DOWN, MATCH, FakeRegister, down, verification_of
from tests.factories.applicants import make_person

pytestmark = pytest.mark.django_db

REST = timedelta(seconds=30)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def rules(settings: Settings) -> None:
    settings.DUKCAPIL_FAILURES, settings.DUKCAPIL_REST = 5, 30


@pytest.fixture
def at() -> datetime:
    return clock.now()


def test_breaker_lets_a_batch_through_while_nothing_is_known(at: datetime) -> None:
    assert breaker.allowed(at=at, batch=BATCH) == BATCH


@pytest.mark.parametrize(("failures", "allowed"), [(1, BATCH), (4, BATCH), (5, 0), (6, 0)])
def test_breaker_opens_at_the_fifth_question_in_a_row_without_an_answer(
    at: datetime, failures: int, allowed: int
) -> None:
    for _ in range(failures):
        breaker.note([DOWN], at=at)
    assert breaker.allowed(at=at, batch=BATCH) == allowed


def test_breaker_counts_afresh_after_an_answer(at: datetime) -> None:
    breaker.note([DOWN] * 4, at=at)
    breaker.note([DOWN, MATCH], at=at)
    breaker.note([DOWN] * 4, at=at)
    assert breaker.allowed(at=at, batch=BATCH) == BATCH


@pytest.mark.parametrize(("offset", "allowed"), [(-1, 0), (0, 1), (1, 1)])
def test_breaker_after_its_rest_lets_one_question_through(
    at: datetime, offset: int, allowed: int
) -> None:
    breaker.note([DOWN] * 5, at=at)
    later = at + REST + offset * SECOND
    assert breaker.allowed(at=later, batch=BATCH) == allowed
    assert breaker.allowed(at=later, batch=BATCH) == 0


def test_breaker_when_the_one_question_gets_no_answer_rests_again(at: datetime) -> None:
    breaker.note([DOWN] * 5, at=at)
    again = at + REST
    breaker.allowed(at=again, batch=BATCH)
    breaker.note([DOWN], at=again)
    assert breaker.allowed(at=again + REST - SECOND, batch=BATCH) == 0
    assert breaker.allowed(at=again + REST, batch=BATCH) == 1


def test_breaker_whose_worker_died_with_the_one_question_sends_another_after_the_rest(
    at: datetime,
) -> None:
    breaker.note([DOWN] * 5, at=at)
    breaker.allowed(at=at + REST, batch=BATCH)
    assert breaker.allowed(at=at + 2 * REST, batch=BATCH) == 1


def test_verify_due_of_a_registry_that_went_away_and_came_back(at: datetime) -> None:
    persons = [make_person(at=at) for _ in range(7)]
    gone = FakeRegister(down)
    assert [verify_due(register=gone, at=at) for _ in range(2)] == [7, 0]
    late = make_person(at=at)
    assert verify_due(register=gone, at=at + SECOND) == 0
    assert (len(gone.asked), verification_of(late).attempts) == (7, 0)

    back = FakeRegister()
    asked = [verify_due(register=back, at=at + REST) for _ in range(3)]

    assert (asked[0], sum(asked)) == (1, 8)
    verdicts = {verification_of(person).verdict for person in [*persons, late]}
    assert verdicts == {RegistryVerdict.MATCH}
