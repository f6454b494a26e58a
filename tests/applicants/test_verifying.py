"""Asking the registry about persons: late, repeated, interrupted, overtaken, in nobody's way."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import InternalError

from applicants.enums import FINAL_VERDICTS, Detail, RegistryVerdict
from applicants.models import Identity, Person, Verification
from applicants.persons import correct_person
from applicants.register.dukcapil import Dukcapil as Adapter
from applicants.register.port import PURPOSE, Answer, Question
from applicants.removing import remove_person
from applicants.verifying import BATCH, LEASE, ask_again, claimed, take_answer, verify_due
from mpaspor.audit import trail
from mpaspor.core import clock
from tests.applicants.asking import (
    DIFFERS,
    MATCH,
    FakeRegister,
    down,
    due_in,
    verification_of,
)
from tests.database import hits
from tests.factories.applicants import make_person
from tests.payments.answering import Answering
from tests.simulators.running import Dukcapil

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.fixture
def at() -> datetime:
    return clock.now()


def correct(person: Person, at: datetime, **facts: Any) -> None:
    names = ("name", "birth_place", "birth_date", "sex")
    usual: dict[str, Any] = {name: getattr(person, name) for name in names}
    correct_person(person=person, **usual | facts, by=person.account, at=at)


def state_of(person: Person) -> tuple[str, list[str]]:
    verification = verification_of(person)
    return verification.verdict, verification.mismatches


def deeds(person: Person) -> list[str]:
    return [entry.deed for entry in trail.of(f"person:{person.code}")]


def test_person_added_is_to_be_asked_about_at_once(at: datetime) -> None:
    person = make_person(at=at)
    assert state_of(person) == (RegistryVerdict.PENDING, [])
    assert due_in(person, at) == 0


def test_verify_due_asks_what_the_account_typed(at: datetime) -> None:
    person = make_person(at=at, name="Budi Santoso", birth_place="Bandung")
    registry = FakeRegister()

    assert [verify_due(register=registry, at=at) for _ in range(2)] == [1, 0]

    assert registry.asked == [
        Question(
            request=f"{person.code}-1",
            nik=person.identity.nik,
            name="Budi Santoso",
            birth_place="Bandung",
            birth_date=person.birth_date,
            sex=person.sex,
        )
    ]


@pytest.mark.parametrize(
    ("serial", "verdict", "mismatches"),
    [
        (1, RegistryVerdict.MATCH, []),
        (9005, RegistryVerdict.MISMATCH, [Detail.NAME, Detail.BIRTH_PLACE]),
        (9011, RegistryVerdict.NOT_FOUND, []),
        (9012, RegistryVerdict.NOT_ONLINE, []),
        (9013, RegistryVerdict.BLOCKED, []),
    ],
)
def test_verify_due_keeps_the_verdict_and_asks_no_more(
    adapter: Adapter, at: datetime, serial: int, verdict: RegistryVerdict, mismatches: list[str]
) -> None:
    person = make_person(at=at, nik=f"327301010790{serial:04}")

    assert [verify_due(register=adapter, at=at + days * DAY) for days in (0, 9)] == [1, 0]

    assert state_of(person) == (verdict, mismatches)
    row = verification_of(person)
    assert (row.next_at, row.asked_at, row.attempts, row.trouble) == (None, at, 0, "")


def test_verify_due_leaves_a_line_with_the_purpose_and_one_with_the_verdict(at: datetime) -> None:
    person = make_person(at=at)
    verify_due(register=FakeRegister(lambda _question: DIFFERS), at=at)

    asked, answered = trail.of(f"person:{person.code}")[-2:]
    assert (asked.deed, asked.door, asked.facts) == (
        "ask_registry",
        "timetable",
        {"purpose": PURPOSE, "request": f"{person.code}-1"},
    )
    assert (answered.deed, answered.door, answered.facts) == (
        "take_verdict",
        "dukcapil",
        {"verdict": "mismatch"},
    )


@pytest.mark.parametrize("fault", ["500", "html", "json", "down", "timeout"])
def test_verify_due_of_a_registry_in_trouble_is_provisional_and_asks_again(
    adapter: Adapter, dukcapil: Dukcapil, at: datetime, fault: str
) -> None:
    person = make_person(at=at)
    dukcapil.control(fail=fault, fail_count=1)

    assert [verify_due(register=adapter, at=at) for _ in range(2)] == [1, 0]
    assert state_of(person) == (RegistryVerdict.UNAVAILABLE, [])
    assert (due_in(person, at), verification_of(person).attempts) == (30, 1)
    assert verification_of(person).trouble != ""

    again = at + 30 * SECOND
    assert verify_due(register=adapter, at=again) == 1
    assert state_of(person) == (RegistryVerdict.MATCH, [])
    assert verification_of(person).trouble == ""
    assert deeds(person) == ["add_person", "ask_registry", "ask_registry", "take_verdict"]


@pytest.mark.parametrize(
    ("failed_before", "seconds"), [(0, 30), (1, 120), (4, 21_600), (5, 86_400), (99, 86_400)]
)
def test_verify_due_without_an_answer_waits_longer_each_time(
    at: datetime, failed_before: int, seconds: int
) -> None:
    person = make_person(at=at)
    Verification.objects.update(attempts=failed_before)
    verify_due(register=FakeRegister(down), at=at)
    assert due_in(person, at) == seconds
    assert verification_of(person).attempts == failed_before + 1


class PowerCut(BaseException):
    """The worker is gone in the middle of its work."""


@pytest.mark.parametrize(("offset", "asked"), [(-1, 0), (0, 1), (1, 1)])
def test_verify_due_after_a_worker_died_goes_on_when_its_lease_is_over(
    at: datetime, offset: int, asked: int
) -> None:
    def die(_question: Question) -> Answer:
        raise PowerCut

    person = make_person(at=at)
    with pytest.raises(PowerCut):
        verify_due(register=FakeRegister(die), at=at)
    assert deeds(person) == ["add_person", "ask_registry"]

    again = at + LEASE + offset * SECOND
    assert verify_due(register=FakeRegister(), at=again) == asked
    assert state_of(person)[0] == (RegistryVerdict.MATCH if asked else RegistryVerdict.PENDING)


def test_correct_person_is_asked_about_anew_with_what_is_typed_now(at: datetime) -> None:
    person = make_person(at=at)
    verify_due(register=FakeRegister(lambda _question: DIFFERS), at=at)
    registry = FakeRegister()

    correct(person, at, name="Budi S. Santoso")
    assert state_of(person) == (RegistryVerdict.PENDING, [])
    verify_due(register=registry, at=at)

    assert [(question.request, question.name) for question in registry.asked] == [
        (f"{person.code}-2", "Budi S. Santoso")
    ]
    assert state_of(person) == (RegistryVerdict.MATCH, [])


def test_correct_person_without_a_change_asks_nobody(at: datetime) -> None:
    person = make_person(at=at)
    verify_due(register=FakeRegister(), at=at)
    correct(person, at)
    assert state_of(person) == (RegistryVerdict.MATCH, [])


def test_correct_person_while_the_registry_is_asked_drops_the_answer_to_the_old(
    at: datetime,
) -> None:
    person = make_person(at=at)
    [asked] = claimed(BATCH, at=at)
    correct(person, at, name="Budi S. Santoso")

    take_answer(asked, DIFFERS, at=at)

    assert state_of(person) == (RegistryVerdict.PENDING, [])
    verify_due(register=FakeRegister(), at=at)
    assert state_of(person) == (RegistryVerdict.MATCH, [])


def test_person_removed_while_the_registry_is_asked_is_forgotten(at: datetime) -> None:
    person, other = make_person(at=at), make_person(at=at)
    asked = claimed(BATCH, at=at)
    remove_person(person=person, by=person.account, at=at)
    for verification in asked:
        take_answer(verification, MATCH, at=at)
    assert Verification.objects.get().person == other


@pytest.mark.parametrize(
    ("corrections", "seconds"),
    [(1, 0), (2, 0), (3, 60), (4, 600), (5, 3600), (6, 86_400), (9, 86_400)],
)
def test_correct_person_often_is_asked_about_later_each_time(
    at: datetime, corrections: int, seconds: int
) -> None:
    """Otherwise somebody could find out by trying what the registry has of another person."""
    person = make_person(at=at)
    for number in range(corrections):
        correct(person, at, birth_place=f"Kota {'I' * (number + 1)}")
    assert due_in(person, at) == seconds


@pytest.mark.parametrize("verdict", FINAL_VERDICTS)
def test_ask_again_opens_what_the_person_has_to_put_right_and_leaves_a_match(
    at: datetime, verdict: RegistryVerdict
) -> None:
    person = make_person(at=at)
    answer = DIFFERS if verdict == RegistryVerdict.MISMATCH else Answer(verdict)
    verify_due(register=FakeRegister(lambda _question: answer), at=at)

    ask_again(person=person, by=person.account, at=at)

    opened = verdict != RegistryVerdict.MATCH
    assert state_of(person) == (RegistryVerdict.PENDING if opened else RegistryVerdict.MATCH, [])
    assert ("ask_registry_again" in deeds(person)) is opened


def test_ask_again_while_the_registry_is_asked_changes_nothing(at: datetime) -> None:
    person = make_person(at=at)
    before = verification_of(person)
    ask_again(person=person, by=person.account, at=at + SECOND)
    now = verification_of(person)
    assert (now.round, now.next_at) == (before.round, before.next_at)


def test_verify_due_with_a_broken_seal_holds_up_no_other(at: datetime) -> None:
    broken, sound = make_person(at=at), make_person(at=at)
    Identity.objects.filter(pk=broken.identity_id).update(nik_sealed=b"\x01broken")
    verify_due(register=FakeRegister(), at=at)
    assert verification_of(broken).trouble == "the seal of the NIK is broken"
    assert [state_of(person)[0] for person in (broken, sound)] == ["unavailable", "match"]


def test_verify_due_takes_a_batch_and_leaves_the_rest(at: datetime) -> None:
    account = make_person(at=at).account
    account.person_limit = BATCH * 2
    account.save()
    for _ in range(BATCH + 2):
        make_person(account, at=at)
    assert [verify_due(register=FakeRegister(), at=at) for _ in range(3)] == [BATCH, 3, 0]


def test_verify_due_of_a_slow_registry_asks_about_many_at_once(
    adapter: Adapter, dukcapil: Dukcapil, at: datetime
) -> None:
    for _ in range(16):
        make_person(at=at)
    dukcapil.control(latency_ms=400)
    started = time.monotonic()
    assert verify_due(register=adapter, at=at) == 16
    one_after_the_other = 16 * 0.4
    assert time.monotonic() - started < one_after_the_other / 2
    assert Verification.objects.filter(verdict=RegistryVerdict.MATCH).count() == 16


def test_verify_due_stores_no_word_of_what_the_registry_says(
    answering: Answering, at: datetime
) -> None:
    person = make_person(at=at)
    record = {"mother": "Cut Nyak Meutia Sarirasa", "number": "9988776655443322"}
    answering.says(
        {
            "request_id": f"{person.code}-1",
            "verdict": "MISMATCH",
            "mismatches": ["name"],
            "record": record,
        }
    )
    verify_due(register=Adapter(answering.url, "key", timeout=1), at=at)

    assert state_of(person) == (RegistryVerdict.MISMATCH, ["name"])
    assert hits(person.code) > 0
    assert [hits(word) for word in (*record.values(), person.identity.nik)] == [0, 0, 0]


def test_verification_without_a_next_question_and_without_a_verdict_is_refused_by_the_database(
    at: datetime,
) -> None:
    person = make_person(at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Verification.objects.filter(person=person).update(next_at=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Verification.objects.filter(person=person).update(verdict="mismatch", next_at=None)


def test_verdict_does_not_turn_into_another_without_being_asked_anew(at: datetime) -> None:
    person = make_person(at=at)
    verify_due(register=FakeRegister(), at=at)
    with pytest.raises(InternalError, match="Invalid transition"), transaction.atomic():
        Verification.objects.filter(person=person).update(verdict=RegistryVerdict.BLOCKED)
