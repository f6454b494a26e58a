"""From held seats to one bill: the applications are submitted, the billing code is asked for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from appointments.applying import AlreadyActive, refuse_if_active, refuse_unready
from appointments.documents.wanted import refuse_without_documents
from appointments.enums import ApplicationStatus, AppointmentStatus, Book, ServiceClass
from appointments.models import Application, Appointment
from appointments.party import in_the_way, together_with
from appointments.priority import refuse_unfit
from appointments.thawing import hold_ends
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from payments.billing import request_bill
from payments.models import Bill
from payments.tariffs import Line, billing_day, price
from quota.models import Slot
from quota.queries import SlotGone, terms_of_slot

TARIFF_OF_BOOK = {Book.FIVE_YEARS: "EPASSPORT-5", Book.TEN_YEARS: "EPASSPORT-10"}
ACCELERATED = "ACCELERATED"


class HoldLapsed(Refusal):
    code = "hold-lapsed"
    message = _("The seat was held for you until the time shown and has been given back.")
    remedy = _("Nothing you typed is lost. Choose a session again.")


def request_payment(*, appointment: Appointment, by: trail.By, at: datetime) -> Appointment:
    """Submits the application and asks for its billing code; the seat now waits for payment.

    With those it is held together with, all or none, on one bill. Repeatable. Raises HoldLapsed,
    OtherService, PriorityOnly, SlotGone, AlreadyActive, TariffMissing, GuardianMissing,
    ConsentMissing, TooYoungForTenYears.
    """
    try:
        return _request_payment(appointment, by=by, at=at)
    except IntegrityError as clash:
        if "one_active_application" in str(clash):
            _refuse_active(list(together_with(appointment).select_related("application__person")))
            raise AlreadyActive from clash
        raise


def _refuse_active(party: list[Appointment]) -> None:
    for member in party:
        with in_the_way(member.application, of=len(party)):
            refuse_if_active(member.identity_id, account_id=member.application.account_id)


@transaction.atomic
def _request_payment(appointment: Appointment, *, by: trail.By, at: datetime) -> Appointment:
    party = _party(appointment)
    mine = next((member for member in party if member.pk == appointment.pk), None)
    if mine is None:
        raise HoldLapsed
    if mine.bill_id is not None:
        return mine
    if any(held.status != AppointmentStatus.HELD or hold_ends(held) <= at for held in party):
        raise HoldLapsed
    for member in party:
        with in_the_way(member.application, of=len(party)):
            _refuse(member, at=at)
    bill = _bill(party, by=by, at=at)
    for member in party:
        _submit(member, bill, by=by, at=at)
    return mine


def _party(appointment: Appointment) -> list[Appointment]:
    """Those still seated, itself included; none of them changes until the transaction ends."""
    rows = together_with(appointment).exclude(status=AppointmentStatus.RELEASED)
    locked = rows.select_for_update(of=("self", "application")).order_by("pk")
    return list(
        locked.select_related("application__person", "application__account", "slot__office")
    )


def _refuse(held: Appointment, *, at: datetime) -> None:
    refuse_unfit(held.application, held.slot)
    refuse_unready(held.application, at=at)
    if terms_of_slot(held.slot).documents_before_billing:
        refuse_without_documents(held.application, at=at)


def _bill(party: Sequence[Appointment], *, by: trail.By, at: datetime) -> Bill:
    first = party[0]
    terms = terms_of_slot(first.slot)
    alone = len(party) == 1
    return request_bill(
        payer=first.payer,
        payer_name=first.application.person.name if alone else first.application.account.name,
        lines=[line for member in party for line in _lines(member, at=at)],
        pay_minutes=_minutes_to_pay(first.slot, terms.pay_minutes, at=at),
        grace_minutes=terms.bank_grace_minutes,
        latest=first.slot.starts_at,
        by=by,
        at=at,
    )


def _submit(held: Appointment, bill: Bill, *, by: trail.By, at: datetime) -> None:
    held.bill, held.status = bill, AppointmentStatus.AWAITING_PAYMENT
    held.save(update_fields=["bill", "status"])
    held.application.status = ApplicationStatus.SUBMITTED
    held.application.save(update_fields=["status"])
    trail.record("appointment.submit", subject=f"appointment:{held.code}", by=by, at=at)


def _minutes_to_pay(slot: Slot, usual: int, *, at: datetime) -> int:
    """Never beyond the session's begin: nobody may pay for a session that is over."""
    left = (slot.starts_at - at) // timedelta(minutes=1)
    if left < 1:
        raise SlotGone
    return min(usual, left)


def _lines(held: Appointment, *, at: datetime) -> list[Line]:
    """Each with whose it is."""
    return [replace(line, for_code=held.code) for line in lines_of(held.application, at=at)]


def lines_of(application: Application, *, at: datetime) -> list[Line]:
    """What the application costs if it is billed now, in Rupiah."""
    codes = [TARIFF_OF_BOOK[Book(application.book)]]
    if application.service == ServiceClass.ACCELERATED:
        codes.append(ACCELERATED)
    return price(codes, on=billing_day(at))
