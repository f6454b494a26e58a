"""Requests about data: the clock to the second, and the answer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation

from applicants.enums import PrivacyKind, PrivacyStatus
from applicants.erasing import StillServes
from applicants.models import PrivacyRequest, User
from applicants.privacy_requests import (
    WORDS_LENGTH,
    AlreadyAsked,
    AnswerNotValid,
    NotOpen,
    WordsNotValid,
    answer,
    take_back,
)
from applicants.queries import waiting_requests
from appointments.leaving import StillUnderWay
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.core.templatetags.words import everywhere
from mpaspor.notifications.models import Notice
from mpaspor.notifications.outbox import opened
from quota.enums import Role
from tests.factories.applicants import make_privacy_request
from tests.factories.appointments import make_awaiting
from tests.factories.quota import make_officer

pytestmark = pytest.mark.django_db

ASKED = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)
DUE = datetime(2026, 11, 28, 15, 30, tzinfo=UTC)


def decide(asked: PrivacyRequest, *, grant: bool = True, text: str = "Sudah.") -> PrivacyRequest:
    by = make_officer(Role.CENTRE)
    return answer(request=asked, grant=grant, text=text, by=by, at=clock.now())


def test_ask_is_due_after_three_times_24_hours_and_keeps_the_words_sealed() -> None:
    asked = make_privacy_request(words="NIK saya\n3273010107900001\x00", at=ASKED)
    asked.refresh_from_db()
    assert (asked.asked_at, asked.due_at) == (ASKED, DUE)
    assert asked.words == "NIK saya\n3273010107900001"
    assert b"3273010107900001" not in bytes(asked.words_sealed)
    (entry,) = [e for e in trail.of(f"account:{asked.account.code}") if e.deed == "privacy.ask"]
    assert entry.facts == {"request": asked.code, "kind": "correction", "status": "open"}


@pytest.mark.parametrize(("seconds", "overdue"), [(-1, 0), (0, 0), (1, 1)])
def test_request_is_overdue_a_second_after_it_was_due(seconds: int, overdue: int) -> None:
    asked = make_privacy_request(at=ASKED)
    at = DUE + timedelta(seconds=seconds)
    assert asked.is_overdue(at) is bool(overdue)
    assert waiting_requests(at=at) == {"waiting": 1, "overdue": overdue}
    decide(asked, grant=False)
    assert waiting_requests(at=at) == {"waiting": 0, "overdue": 0}


SATURDAY, SUNDAY = "Saturday, 28 November 2026", "Sunday, 29 November 2026"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        # Midnight in Jayapura, an hour later in Makassar, another one later in Jakarta.
        (-1, f"{SATURDAY}, 21:59 WIB / 22:59 WITA / 23:59 WIT"),
        (0, f"{SATURDAY}, 22:00 WIB / 23:00 WITA / {SUNDAY}, 00:00 WIT"),
        (1, f"{SATURDAY}, 22:00 WIB / 23:00 WITA / {SUNDAY}, 00:00 WIT"),
        (3599, f"{SATURDAY}, 22:59 WIB / 23:59 WITA / {SUNDAY}, 00:59 WIT"),
        (3600, f"{SATURDAY}, 23:00 WIB / {SUNDAY}, 00:00 WITA / 01:00 WIT"),
        (3601, f"{SATURDAY}, 23:00 WIB / {SUNDAY}, 00:00 WITA / 01:00 WIT"),
        (7199, f"{SATURDAY}, 23:59 WIB / {SUNDAY}, 00:59 WITA / 01:59 WIT"),
        (7200, f"{SUNDAY}, 00:00 WIB / 01:00 WITA / 02:00 WIT"),
        (7201, f"{SUNDAY}, 00:00 WIB / 01:00 WITA / 02:00 WIT"),
    ],
)
def test_due_moment_is_said_in_all_zones_with_the_day_of_each(seconds: int, said: str) -> None:
    midnight = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)
    with translation.override("en"):
        assert everywhere(midnight + timedelta(seconds=seconds)) == said


@pytest.mark.parametrize("words", ["", "  \n ", "\x00\x07", "w" * (WORDS_LENGTH + 1)])
def test_ask_for_a_correction_without_words_or_with_too_many_is_refused(words: str) -> None:
    with pytest.raises(WordsNotValid):
        make_privacy_request(words=words)
    assert PrivacyRequest.objects.count() == 0


def test_ask_again_before_the_answer_is_refused_and_afterwards_taken() -> None:
    first = make_privacy_request()
    with pytest.raises(AlreadyAsked):
        make_privacy_request(account=first.account)
    take_back(request=first, by=first.account, at=clock.now())
    again = make_privacy_request(account=first.account)
    assert again.status == PrivacyStatus.OPEN
    first.refresh_from_db()
    assert (first.status, first.answered_by) == (PrivacyStatus.TAKEN_BACK, None)


def awaiting() -> User:
    return make_awaiting().application.account


@pytest.mark.parametrize(
    ("whose", "refusal"),
    [(awaiting, StillUnderWay), (lambda: make_officer(Role.CENTRE), StillServes)],
)
def test_ask_for_erasure_while_something_stands_in_the_way_is_refused(
    whose: Callable[[], User], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        make_privacy_request(account=whose(), kind=PrivacyKind.ERASURE, words="")
    assert PrivacyRequest.objects.count() == 0


def test_answer_is_kept_sealed_told_and_given_once() -> None:
    asked = make_privacy_request()
    answered = decide(asked, grant=False, text="Tidak bisa, karena …")
    answered.refresh_from_db()
    assert (answered.status, answered.answer) == (PrivacyStatus.DECLINED, "Tidak bisa, karena …")
    assert b"Tidak" not in bytes(answered.answer_sealed)
    (notice,) = Notice.objects.filter(reference=f"privacy:{asked.code}")
    assert opened(notice)[1]["answer"] == "Tidak bisa, karena …"
    with pytest.raises(NotOpen):
        decide(asked)
    with pytest.raises(NotOpen):
        take_back(request=asked, by=asked.account, at=clock.now())


@pytest.mark.parametrize("text", ["", "\x00", "w" * (WORDS_LENGTH + 1)])
def test_answer_without_words_is_refused_and_changes_nothing(text: str) -> None:
    asked = make_privacy_request()
    with pytest.raises(AnswerNotValid):
        decide(asked, text=text)
    asked.refresh_from_db()
    assert asked.status == PrivacyStatus.OPEN
    assert Notice.objects.filter(reference=f"privacy:{asked.code}").count() == 0


def test_answer_to_an_erasure_that_became_impossible_is_refused_and_stays_open() -> None:
    asked = make_privacy_request(kind=PrivacyKind.ERASURE, words="")
    User.objects.filter(pk=asked.account_id).update(is_staff=True)
    with pytest.raises(StillServes):
        decide(asked)
    asked.refresh_from_db()
    assert asked.status == PrivacyStatus.OPEN


@pytest.mark.parametrize(
    "change",
    [
        {"due_at": DUE + timedelta(hours=1)},
        {"status": PrivacyStatus.GRANTED},
        {"answered_at": DUE},
        {"kind": PrivacyKind.ERASURE},
    ],
)
def test_database_keeps_clock_and_answer_of_a_request(change: dict[str, Any]) -> None:
    asked = make_privacy_request(at=ASKED)
    with pytest.raises(DatabaseError), transaction.atomic():
        PrivacyRequest.objects.filter(pk=asked.pk).update(**change)


def test_database_lets_no_answered_request_open_again() -> None:
    asked = decide(make_privacy_request(), grant=False)
    with pytest.raises(DatabaseError), transaction.atomic():
        PrivacyRequest.objects.filter(pk=asked.pk).update(status="open", answered_at=None)
