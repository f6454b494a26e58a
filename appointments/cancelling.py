"""Cancelling: what was booked is given up, before it is paid for or afterwards."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.enums import ApplicationStatus, AppointmentStatus
from appointments.models import Appointment
from appointments.notices import tell
from appointments.party import locked_party
from appointments.reseating.queries import choice_of
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.core.templatetags.words import moment
from payments.voiding import BillPaid, void_bill
from quota.seats import give_back

CANCELLABLE = (AppointmentStatus.AWAITING_PAYMENT, AppointmentStatus.CONFIRMED)


class NotCancellable(Refusal):
    code = "not-cancellable"
    message = _("There is nothing to cancel in this state: %(status)s.")
    remedy = _("Open it under “My applications” to see how to go on.")


class TooLateToCancel(Refusal):
    code = "too-late-to-cancel"
    message = _("The session began at %(began)s: it is too late to cancel.")
    remedy = _("If you come before the office closes the session, you are still received.")


class BilledTogether(Refusal):
    code = "billed-together"
    message = _("There is one unpaid bill for all who were booked together.")
    remedy = _("Cancel for all of you, then book again for those who go. No money is lost.")
    field = "alone"


class PaidMeanwhile(Refusal):
    code = "paid-meanwhile"
    message = _("Your payment has just arrived, so nothing was cancelled.")
    remedy = _("Open this page again: it says what you lose if you cancel now.")


class AnswerInstead(Refusal):
    code = "answer-instead"
    message = _("The office closed the session, so nobody need lose the fee.")
    remedy = _("Open the appointment and answer there: another day, or the fee back.")


@transaction.atomic
def cancel(
    *, appointment: Appointment, alone: bool = False, by: trail.By, at: datetime
) -> list[Appointment]:
    """Ends it for everybody who was booked with it, or for one `alone`; repeatable.

    Unpaid: the bill is withdrawn. Paid: the fee stays with the state. The seats go back. Returns
    who was cancelled now. Raises NotCancellable, AnswerInstead, TooLateToCancel, BilledTogether,
    PaidMeanwhile.
    """
    party = locked_party(appointment)
    mine = next(member for member in party if member.pk == appointment.pk)
    if mine.status == AppointmentStatus.CANCELLED:
        return []
    _refuse(mine, at=at)
    going = [mine] if alone else going_with(mine, party, at=at)
    if mine.status == AppointmentStatus.AWAITING_PAYMENT:
        _withdraw(mine, party, going, by=by, at=at)
    for member in going:
        what = "cancelled" if member.status == AppointmentStatus.CONFIRMED else "cancelled_unpaid"
        end(member, by=by, at=at)
        tell(member, what, at=at)
    return going


def going_with(mine: Appointment, party: list[Appointment], *, at: datetime) -> list[Appointment]:
    """Of the party those whom cancelling for all would touch; `mine` is one of them."""
    return [
        member for member in party if member.status == mine.status and member.slot.starts_at > at
    ]


def _refuse(mine: Appointment, *, at: datetime) -> None:
    if mine.status not in CANCELLABLE:
        raise NotCancellable(status=mine.get_status_display())
    if choice_of(mine, at=at):
        raise AnswerInstead
    slot = mine.slot
    if slot.starts_at <= at:
        raise TooLateToCancel(began=moment(slot.starts_at, slot.office.zone))


def _withdraw(
    mine: Appointment,
    party: list[Appointment],
    going: list[Appointment],
    *,
    by: trail.By,
    at: datetime,
) -> None:
    if len(going) < len(going_with(mine, party, at=at)):
        raise BilledTogether
    assert mine.bill is not None
    try:
        void_bill(bill_code=mine.bill.code, by=by, at=at)
    except BillPaid as paid:
        raise PaidMeanwhile from paid


def end(member: Appointment, *, by: trail.By, at: datetime) -> None:
    """In the caller's transaction, which has it locked and tells why; the seat goes back."""
    member.status = AppointmentStatus.CANCELLED
    member.save(update_fields=["status"])
    member.application.status = ApplicationStatus.CANCELLED
    member.application.save(update_fields=["status"])
    trail.record("appointment.cancel", subject=f"appointment:{member.code}", by=by, at=at)
    give_back(holder=member.code, at=at)
