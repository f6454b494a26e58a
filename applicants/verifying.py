"""Asking the civil registry about the persons that accounts typed. No page ever waits for it."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from applicants.enums import RegistryVerdict
from applicants.models import Person, Verification
from applicants.register import breaker
from applicants.register.port import PURPOSE, Answer, Question, Register, unavailable
from mpaspor.audit import trail
from mpaspor.core.claim import claim
from mpaspor.core.nudge import nudge
from mpaspor.core.sealed import SealBroken

log = logging.getLogger(__name__)

TASK = "applicants.verify"
BATCH = 32
CALLS_AT_ONCE = 16
LEASE = timedelta(seconds=settings.DUKCAPIL_LEASE)


def request_verification(person: Person, *, at: datetime) -> None:
    """For a new person, inside the deed that adds it."""
    Verification.objects.create(person=person, since=at, next_at=at)
    nudge(TASK)


def request_anew(person: Person, *, at: datetime) -> None:
    """For a corrected person, inside the deed: whatever the registry said is open again."""
    _reopen(_locked(person), at=at)


@transaction.atomic
def ask_again(*, person: Person, by: trail.By, at: datetime) -> None:
    """The registry was put right. Changes nothing while it is being asked or after a MATCH."""
    verification = _locked(person)
    if verification.needs_the_person:
        _reopen(verification, at=at)
        trail.record("ask_registry_again", subject=f"person:{person.code}", by=by, at=at)


def _locked(person: Person) -> Verification:
    return Verification.objects.select_for_update().get(person=person)


def _reopen(verification: Verification, *, at: datetime) -> None:
    """The more often, the later it is asked: nobody finds out by trying what the registry has."""
    pauses = settings.VERIFICATION_PAUSES
    pause = timedelta(seconds=pauses[min(verification.round, len(pauses)) - 1])
    verification.verdict, verification.mismatches = RegistryVerdict.PENDING, []
    verification.round += 1
    verification.since, verification.next_at = at, at + pause
    verification.attempts, verification.trouble, verification.reason = 0, "", ""
    verification.save()
    nudge(TASK)


def verify_due(*, register: Register, at: datetime) -> int:
    """Asks about one batch of persons, several at once; returns how many were asked about.

    A worker that dies here loses nothing: the rows are due again after the lease.
    """
    due = claimed(breaker.allowed(at=at, batch=BATCH), at=at)
    if not due:
        return 0
    with ThreadPoolExecutor(CALLS_AT_ONCE) as calls:
        answers = list(calls.map(lambda verification: _ask(register, verification), due))
    breaker.note(answers, at=at)
    for verification, answer in zip(due, answers, strict=True):
        take_answer(verification, answer, at=at)
    return len(due)


@transaction.atomic
def claimed(batch: int, *, at: datetime) -> list[Verification]:
    """Each question is in the audit trail before it is sent.

    The persons are read after their rows are locked, so that what is asked belongs to the round.
    """
    rows = Verification.objects.prefetch_related("person__identity")
    due = claim(rows, at=at, batch=batch, lease=LEASE) if batch else []
    for verification in due:
        trail.record(
            "ask_registry",
            subject=f"person:{verification.person.code}",
            by="timetable",
            at=at,
            purpose=PURPOSE,
            request=_request(verification),
        )
    return due


def _request(verification: Verification) -> str:
    return f"{verification.person.code}-{verification.round}"


def _ask(register: Register, verification: Verification) -> Answer:
    person = verification.person
    try:
        nik = person.identity.nik
    except SealBroken:  # it must not hold up the others of its batch
        return unavailable("the seal of the NIK is broken")
    return register.verify(
        Question(
            request=_request(verification),
            nik=nik,
            name=person.name,
            birth_place=person.birth_place,
            birth_date=person.birth_date,
            sex=person.sex,
        )
    )


@transaction.atomic
def take_answer(verification: Verification, answer: Answer, *, at: datetime) -> None:
    """Unless the person was corrected or an officer decided while we asked."""
    asked = Verification.objects.filter(round=verification.round, next_at__isnull=False)
    fresh = asked.select_for_update().filter(pk=verification.pk).first()
    if fresh is None:
        return
    fresh.asked_at, fresh.trouble = at, answer.trouble[:80]
    fresh.verdict, fresh.mismatches = answer.verdict, list(answer.mismatches)
    code = verification.person.code
    if answer.verdict == RegistryVerdict.UNAVAILABLE:
        _try_later(fresh, at=at)
        log.warning("the registry said nothing of person %s (%s)", code, fresh.trouble)
    else:
        fresh.next_at = None
        facts = {"verdict": fresh.verdict}
        trail.record("take_verdict", subject=f"person:{code}", by="dukcapil", at=at, **facts)
    fresh.save()


def _try_later(verification: Verification, *, at: datetime) -> None:
    pauses = settings.VERIFICATION_BACK_OFF
    seconds = pauses[min(verification.attempts, len(pauses) - 1)]
    verification.next_at = at + timedelta(seconds=seconds)
    verification.attempts += 1
