"""An officer decides what the registry left open too long, and only that."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from applicants.deciding import (
    DetailsMissing,
    NotForAnOfficer,
    VerdictMissing,
    WordsMissing,
    decide_verification,
    may_decide,
)
from applicants.enums import FINAL_VERDICTS, RegistryVerdict
from applicants.models import User, Verification
from applicants.verifying import verify_due
from mpaspor.audit import trail
from mpaspor.core import clock
from tests.applicants.asking import FakeRegister, down, verification_of
from tests.factories.applicants import make_person, make_user

pytestmark = pytest.mark.django_db

TRIES, DAYS = 8, 3
SECOND = timedelta(seconds=1)
WORDS = "Asked Disdukcapil Bandung by telephone, 25 November"


@pytest.fixture(autouse=True)
def rules(settings: Settings) -> None:
    settings.VERIFICATION_TRIES, settings.VERIFICATION_DAYS = TRIES, DAYS


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def officer() -> User:
    return make_user(is_staff=True)


@pytest.fixture
def waiting(at: datetime) -> Verification:
    """The registry did not answer for so long that an officer may decide."""
    person = make_person(at=at - timedelta(days=DAYS))
    verify_due(register=FakeRegister(down), at=at)
    return verification_of(person)


def decide(row: Verification, by: User, at: datetime, **facts: Any) -> Verification:
    usual: dict[str, Any] = {"verdict": "match", "mismatches": [], "reason": WORDS}
    return decide_verification(verification=row, **usual | facts, by=by, at=at)


@pytest.mark.parametrize("verdict", FINAL_VERDICTS)
def test_decide_verification_settles_it_with_the_words_and_a_line(
    waiting: Verification, officer: User, at: datetime, verdict: RegistryVerdict
) -> None:
    mismatches = ["name"] if verdict == RegistryVerdict.MISMATCH else []

    decide(waiting, officer, at, verdict=verdict, mismatches=mismatches, reason=f"  {WORDS} ")

    waiting.refresh_from_db()
    assert (waiting.verdict, waiting.mismatches) == (verdict, mismatches)
    assert (waiting.reason, waiting.next_at) == (WORDS, None)
    line = trail.of(f"person:{waiting.person.code}")[-1]
    assert (line.deed, line.by, line.facts) == (
        "decide_verification",
        officer,
        {"verdict": verdict},
    )
    registry = FakeRegister()
    assert verify_due(register=registry, at=at + timedelta(days=9)) == 0


@pytest.mark.parametrize(
    ("tries", "age", "may"),
    [
        (TRIES - 1, timedelta(days=DAYS) - SECOND, False),
        (TRIES, timedelta(0), True),
        (0, timedelta(days=DAYS), True),
        (0, timedelta(days=DAYS) + SECOND, True),
    ],
)
def test_decide_verification_before_so_many_tries_or_days_is_refused(
    officer: User, at: datetime, tries: int, age: timedelta, may: bool
) -> None:
    """Days count even while nobody asks because the registry is left in peace."""
    row = verification_of(make_person(at=at - age))
    Verification.objects.update(attempts=tries)
    assert may_decide(row, at=at) is may
    if may:
        decide(row, officer, at)
    else:
        with pytest.raises(NotForAnOfficer):
            decide(row, officer, at)
        assert verification_of(row.person).verdict == RegistryVerdict.PENDING


def test_decide_verification_after_the_registry_answered_is_refused(
    waiting: Verification, officer: User, at: datetime
) -> None:
    later = at + timedelta(days=1)
    verify_due(register=FakeRegister(), at=later)
    with pytest.raises(NotForAnOfficer):
        decide(waiting, officer, later, verdict="blocked")
    waiting.refresh_from_db()
    assert (waiting.verdict, waiting.reason) == (RegistryVerdict.MATCH, "")


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"verdict": ""}, VerdictMissing),
        ({"verdict": "pending"}, VerdictMissing),
        ({"verdict": "unavailable"}, VerdictMissing),
        ({"verdict": "MATCH"}, VerdictMissing),
        ({"verdict": "mismatch"}, DetailsMissing),
        ({"verdict": "mismatch", "mismatches": ["nik"]}, DetailsMissing),
        ({"mismatches": ["name"]}, DetailsMissing),
        ({"reason": " "}, WordsMissing),
        ({"reason": "x" * 201}, WordsMissing),
    ],
)
def test_decide_verification_that_is_not_whole_is_refused(
    waiting: Verification, officer: User, at: datetime, facts: dict[str, Any], refusal: Any
) -> None:
    with pytest.raises(refusal):
        decide(waiting, officer, at, **facts)
    waiting.refresh_from_db()
    assert waiting.verdict == RegistryVerdict.UNAVAILABLE
