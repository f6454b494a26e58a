"""What was applied for, put right by an officer after it was paid, where the fee is the same."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.enums import EXPECTED, Book, Kind, Need
from appointments.models import Application, Appointment
from appointments.notices import tell_corrected
from appointments.party import locked_party
from appointments.requirements import Question, refuse_book
from appointments.submitting import lines_of
from appointments.visits.enums import VoidReason
from appointments.visits.voiding import void_letter
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from payments.tariffs import billing_day


class NotToBeCorrected(Refusal):
    code = "not-to-be-corrected"
    message = _("This cannot be corrected in this state: %(status)s.")
    remedy = _("Before paying the person changes the answers; afterwards only what is confirmed.")


class NothingCorrected(Refusal):
    code = "nothing-corrected"
    message = _("That is what was applied for already.")
    remedy = _("Choose what is right.")
    field = "kind"


class FeeDiffers(Refusal):
    code = "fee-differs"
    message = _("That has another fee than the one that was paid.")
    remedy = _(
        "Only what costs the same is corrected. Otherwise the person applies and pays again."
    )
    field = "book"


@dataclass(frozen=True)
class Answers:
    kind: Kind
    book: Book


@transaction.atomic
def correct(*, appointment: Appointment, answers: Answers, by: trail.By, at: datetime) -> None:
    """The fee that was paid counts on; the letter is a new one, and the person is told.

    Raises NotToBeCorrected, NothingCorrected, FeeDiffers, TooYoungForTenYears.
    """
    mine = next(one for one in locked_party(appointment) if one.pk == appointment.pk)
    application = mine.application
    before = answers_now(application)
    refuse_uncorrectable(mine, answers, at=at)
    application.kind, application.book = answers.kind, answers.book
    application.save(update_fields=["kind", "book"])
    void_letter(appointment=mine, reason=VoidReason.CORRECTED, by=by, at=at)
    facts = {"kind": str(answers.kind), "book": str(answers.book)}
    subject, old = f"application:{application.code}", f"{before.kind} {before.book}"
    trail.record("application.correct", subject=subject, by=by, at=at, old=old, **facts)
    tell_corrected(mine, at=at)


def answers_now(application: Application) -> Answers:
    return Answers(Kind(application.kind), Book(application.book))


def refuse_uncorrectable(mine: Appointment, answers: Answers, *, at: datetime) -> None:
    """Raises NotToBeCorrected, NothingCorrected, FeeDiffers, TooYoungForTenYears."""
    application = mine.application
    if mine.status not in EXPECTED:
        raise NotToBeCorrected(status=mine.get_status_display())
    if answers == answers_now(application):
        raise NothingCorrected
    day = billing_day(at)
    age = application.person.age_on(day)
    refuse_book(Question(Need(answers.kind), age, answers.book), on=day)
    if fee_of(application, answers.book, at=at) != fee_of(application, application.book, at=at):
        raise FeeDiffers


def fee_of(application: Application, book: str, *, at: datetime) -> int:
    """Both sides by the tariffs of one day, so that a new tariff is no difference."""
    asked = copy(application)
    asked.book = book
    return sum(line.amount for line in lines_of(asked, at=at))
