"""Asking that data be put right or erased, and the answer within three times 24 hours."""

import unicodedata
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applicants.announcing import send
from applicants.enums import PrivacyKind, PrivacyStatus
from applicants.erasing import erase_account, refuse_unless_closable
from applicants.models import PrivacyRequest, User
from applicants.persons import locked
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal

WORDS_LENGTH = 2000


class WordsNotValid(Refusal):
    code = "words-not-valid"
    message = _("Write at least one word and at most %(limit)s signs.")
    field = "words"
    status = 422


class AnswerNotValid(WordsNotValid):
    field = "answer"


class AlreadyAsked(Refusal):
    code = "already-asked"
    message = _("You asked for this before, and the answer is not there yet.")
    remedy = _("You see until when it is due under “Your data”.")


class NotOpen(Refusal):
    code = "request-not-open"
    message = _("This request was already answered or taken back.")


@transaction.atomic
def ask(
    *, account: User, kind: PrivacyKind, words: str, by: trail.By, at: datetime
) -> PrivacyRequest:
    """A request whose answer is due PRIVACY_ANSWER_HOURS after `at` (UU 27/2022: 3 × 24 hours).

    A correction needs `words`. Raises WordsNotValid, AlreadyAsked; for an erasure what
    refuse_unless_closable raises.
    """
    text = _clean(words)
    if text is None or (kind == PrivacyKind.CORRECTION and not text):
        raise WordsNotValid(limit=WORDS_LENGTH)
    user = locked(account)
    if user.privacy_requests.open().filter(kind=kind).exists():
        raise AlreadyAsked
    if kind == PrivacyKind.ERASURE:
        refuse_unless_closable(user, at=at)
    due_at = at + timedelta(hours=settings.PRIVACY_ANSWER_HOURS)
    request = PrivacyRequest(account=user, kind=kind, asked_at=at, due_at=due_at)
    request.write("words", text)
    request.save()
    _record("privacy.ask", request, by=by, at=at)
    return request


@transaction.atomic
def take_back(*, request: PrivacyRequest, by: trail.By, at: datetime) -> None:
    """Raises NotOpen."""
    asked = _open(request)
    asked.status, asked.answered_at = PrivacyStatus.TAKEN_BACK, at
    asked.save()
    _record("privacy.take_back", asked, by=by, at=at)


@transaction.atomic
def answer(
    *, request: PrivacyRequest, grant: bool, text: str, by: User, at: datetime
) -> PrivacyRequest:
    """The centre's answer; the holder is told. A granted erasure is carried out at once.

    Raises NotOpen, AnswerNotValid; for an erasure what refuse_unless_closable raises.
    """
    asked = _open(request)
    said = _clean(text)
    if not said:
        raise AnswerNotValid(limit=WORDS_LENGTH)
    asked.write("answer", said)
    asked.status = PrivacyStatus.GRANTED if grant else PrivacyStatus.DECLINED
    asked.answered_at, asked.answered_by = at, by
    asked.save()
    _record("privacy.answer", asked, by=by, at=at)
    _tell(asked, said, at=at)
    if grant and asked.kind == PrivacyKind.ERASURE:
        erase_account(account=asked.account, by=by, at=at)
    return asked


def _open(request: PrivacyRequest) -> PrivacyRequest:
    rows = PrivacyRequest.objects.select_related("account")
    asked = rows.select_for_update(of=("self",)).get(pk=request.pk)
    if asked.status != PrivacyStatus.OPEN:
        raise NotOpen
    return asked


def _clean(words: str) -> str | None:
    """Without signs that cannot be seen, but for the ends of lines; None when it is too long."""
    lines = unicodedata.normalize("NFC", words).splitlines()
    text = "\n".join("".join(sign for sign in line if _is_seen(sign)).strip() for line in lines)
    return text.strip() if len(text.strip()) <= WORDS_LENGTH else None


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign)[0] != "C"


def _tell(request: PrivacyRequest, said: str, *, at: datetime) -> None:
    send(
        request.account,
        "notices/applicants/privacy_answered",
        f"privacy:{request.code}",
        at=at,
        kind=request.kind,
        status=request.status,
        answer=said,
    )


def _record(deed: str, request: PrivacyRequest, *, by: trail.By, at: datetime) -> None:
    trail.record(
        deed,
        subject=f"account:{request.account.code}",
        by=by,
        at=at,
        request=request.code,
        kind=request.kind,
        status=request.status,
    )
