"""What a person who was moved says: good so, another day, or no and the money back.

Another day is chosen as always (appointments/rescheduling.py); here it is free of the right to it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.cancelling import end
from appointments.enums import TO_COME, AppointmentStatus
from appointments.models import Appointment
from appointments.party import locked_party, together_with
from appointments.reseating.enums import Answer, Place
from appointments.reseating.models import Reseated
from appointments.reseating.queries import choices_of
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from payments.casebook import open_case
from payments.enums import CaseKind
from payments.models import Bill


class NothingToAnswer(Refusal):
    code = "nothing-to-answer"
    message = _("There is no new session that waits for your answer.")
    remedy = _("Look at your appointment: it shows where it stands.")


class PaidTogether(Refusal):
    code = "paid-together"
    message = _("Others who were paid for with the same bill keep their appointment.")
    remedy = _("Choose another day for the people who were moved, or ask at the office.")


@transaction.atomic
def accept(*, appointment: Appointment, by: trail.By, at: datetime) -> list[Appointment]:
    """For everybody who was moved to the new session together; repeatable. Who accepted now.

    Raises NothingToAnswer.
    """
    party = locked_party(appointment)
    mine = next(member for member in party if member.pk == appointment.pk)
    choices = choices_of(party, at=at)
    if mine.pk not in choices or choices[mine.pk].place != Place.MOVED:
        if _answered(mine, Answer.ACCEPTED):
            return []
        raise NothingToAnswer
    going = [one for one in party if one.pk in choices and one.slot_id == mine.slot_id]
    answer(going, choices, Answer.ACCEPTED, by=by, at=at)
    return going


@transaction.atomic
def decline(*, appointment: Appointment, by: trail.By, at: datetime) -> list[Appointment]:
    """Ends what the bill was for; the treasurer gives the fee back. Repeatable.

    Raises NothingToAnswer, PaidTogether.
    """
    party = locked_party(appointment)
    mine = next(member for member in party if member.pk == appointment.pk)
    choices = choices_of(party, at=at)
    if mine.pk not in choices:
        if _answered(mine, Answer.DECLINED):
            return []
        raise NothingToAnswer
    going = [member for member in party if member.pk in choices]
    _refuse_while_others_stay(party, going)
    assert mine.bill is not None  # confirmed
    bill = Bill.objects.select_for_update().get(pk=mine.bill.pk)
    assert bill.paid_by is not None
    answer(going, choices, Answer.DECLINED, by=by, at=at)
    open_case(payment=bill.paid_by, kind=CaseKind.SESSION_CLOSED, by=by, at=at)
    for member in going:
        end(member, by=by, at=at)
    return going


def answer(
    going: Iterable[Appointment],
    choices: dict[int, Reseated],
    said: Answer,
    *,
    by: trail.By,
    at: datetime,
) -> None:
    for member in going:
        row = choices[member.pk]
        row.answer, row.answered_at = said, at
        row.save(update_fields=["answer", "answered_at"])
        subject = f"appointment:{member.code}"
        trail.record("appointment.answer", subject=subject, by=by, at=at, answer=str(said))


def _answered(mine: Appointment, said: Answer) -> bool:
    latest = Reseated.objects.filter(appointment=mine).order_by("-pk").first()
    return latest is not None and latest.answer == said


def _refuse_while_others_stay(party: Iterable[Appointment], going: list[Appointment]) -> None:
    """A refund is of the whole payment. Raises PaidTogether."""
    stay = (*TO_COME, AppointmentStatus.CHECKED_IN)
    if any(member.status in stay and member not in going for member in party):
        raise PaidTogether


def together(appointment: Appointment, *, at: datetime) -> list[Appointment]:
    """Who was moved beside this one and may answer with it, itself included."""
    rows = together_with(appointment).select_related("application__person", "slot__office")
    party = list(rows)
    choices = choices_of(party, at=at)
    return [one for one in party if one.pk in choices and one.slot_id == appointment.slot_id]
