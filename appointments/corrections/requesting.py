"""A person asks for a correction after paying; an officer puts it right or says why not."""

from contextlib import suppress
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.correcting import Answers, NothingCorrected, correct, refuse_uncorrectable
from appointments.corrections.enums import Cause, RequestStatus
from appointments.corrections.models import CorrectionRequest
from appointments.enums import Book, Kind
from appointments.models import Appointment
from appointments.notices import tell_not_corrected
from appointments.party import locked_party
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal


class AlreadyAsked(Refusal):
    code = "correction-asked"
    message = _("You have already asked for a correction; the office has not answered yet.")
    remedy = _("Wait for its answer: you are told.")


class AlreadyAnswered(Refusal):
    code = "correction-answered"
    message = _("This request was answered already.")
    remedy = _("Open the appointment again and look at it.")


class AnswerMissing(Refusal):
    code = "answer-missing"
    message = _("Say why it is not put right: the person reads it.")
    field = "answer"
    status = 422


class AnswerTooLong(Refusal):
    code = "answer-too-long"
    message = _("These words have %(length)s signs; %(most)s are the most.")
    remedy = _("Shorten them.")
    field = "answer"
    status = 422


@transaction.atomic
def ask_correction(
    *, appointment: Appointment, answers: Answers, cause: Cause, by: trail.By, at: datetime
) -> CorrectionRequest:
    """Only what the office could do is asked of it.

    Raises NotToBeCorrected, NothingCorrected, FeeDiffers, TooYoungForTenYears, AlreadyAsked.
    """
    mine = next(one for one in locked_party(appointment) if one.pk == appointment.pk)
    refuse_uncorrectable(mine, answers, at=at)
    if open_request(mine):
        raise AlreadyAsked
    request = CorrectionRequest.objects.create(
        appointment=mine, kind=answers.kind, book=answers.book, cause=cause, asked_at=at
    )
    _record("correction.ask", request, by=by, at=at, cause=str(cause))
    return request


@transaction.atomic
def approve(*, request: CorrectionRequest, by: AbstractBaseUser, at: datetime) -> None:
    """Puts it right; repeatable. Raises AlreadyAnswered and what `correct` raises."""
    # The appointment first, as whoever asks.
    locked_party(request.appointment)
    current = _open(request, done=RequestStatus.APPROVED)
    if current is None:
        return
    answers = Answers(Kind(current.kind), Book(current.book))
    with suppress(NothingCorrected):  # another officer may have put it right meanwhile
        correct(appointment=current.appointment, answers=answers, by=by, at=at)
    _end(current, RequestStatus.APPROVED, by=by, at=at)


@transaction.atomic
def refuse(*, request: CorrectionRequest, answer: str, by: AbstractBaseUser, at: datetime) -> None:
    """The person reads the answer; repeatable.

    Raises AnswerMissing, AnswerTooLong, AlreadyAnswered.
    """
    answer, most = answer.strip(), CorrectionRequest.LONGEST_ANSWER
    if not answer:
        raise AnswerMissing
    if len(answer) > most:
        raise AnswerTooLong(length=len(answer), most=most)
    locked_party(request.appointment)
    current = _open(request, done=RequestStatus.REFUSED)
    if current is None:
        return
    current.answer = answer
    _end(current, RequestStatus.REFUSED, by=by, at=at)
    tell_not_corrected(current.appointment, current.code, current.answer, at=at)


def open_request(appointment: Appointment) -> CorrectionRequest | None:
    asked = CorrectionRequest.objects.filter(appointment=appointment)
    return asked.filter(status=RequestStatus.OPEN).first()


def latest_request(appointment: Appointment) -> CorrectionRequest | None:
    return CorrectionRequest.objects.filter(appointment=appointment).order_by("-pk").first()


def _open(request: CorrectionRequest, *, done: RequestStatus) -> CorrectionRequest | None:
    """Locked; None when that was answered already. Raises AlreadyAnswered."""
    CorrectionRequest.objects.select_for_update().get(pk=request.pk)
    rows = CorrectionRequest.objects.select_related(
        "appointment__application__account", "appointment__application__person"
    )
    current = rows.get(pk=request.pk)
    if current.status == done:
        return None
    if current.status != RequestStatus.OPEN:
        raise AlreadyAnswered
    return current


def _end(
    request: CorrectionRequest, status: RequestStatus, *, by: AbstractBaseUser, at: datetime
) -> None:
    request.status, request.answered_at, request.answered_by_id = status, at, by.pk
    request.save(update_fields=["status", "answer", "answered_at", "answered_by"])
    _record(f"correction.{status}", request, by=by, at=at)


def _record(
    deed: str, request: CorrectionRequest, *, by: trail.By, at: datetime, **facts: str
) -> None:
    subject = f"appointment:{request.appointment.code}"
    trail.record(deed, subject=subject, by=by, at=at, request=request.code, **facts)
