"""What follows from the bill: a paid one confirms its appointments, an expired one ends them."""

import logging
from datetime import datetime

from django.db import transaction

from appointments.enums import ApplicationStatus, AppointmentStatus
from appointments.models import Appointment
from appointments.notices import tell
from appointments.restoring import end_choices, restore
from appointments.telling import tell_cases
from mpaspor.audit import trail
from payments.enums import BillStatus
from payments.queries import paid_without_case
from quota.seats import give_back
from quota.waiting_list.reopening import give_place_back

log = logging.getLogger(__name__)

ENDED = (BillStatus.EXPIRED, BillStatus.VOID)


@transaction.atomic
def confirm(*, bill_code: str, at: datetime) -> None:
    """Confirms the appointments of a paid bill; repeatable."""
    for appointment in _awaiting(bill_code, BillStatus.PAID):
        appointment.status, appointment.confirmed_at = AppointmentStatus.CONFIRMED, at
        appointment.save(update_fields=["status", "confirmed_at"])
        _move(appointment, ApplicationStatus.SCHEDULED)
        subject = f"appointment:{appointment.code}"
        trail.record("appointment.confirm", subject=subject, by="simponi", at=at)
        tell(appointment, "confirmed", at=at)


@transaction.atomic
def expire(*, bill_code: str, at: datetime) -> None:
    """Ends the appointments of a bill that ended unpaid and gives the seats back; repeatable.

    Who had the seat from the waiting list gets the old place there once more.
    """
    for appointment in _awaiting(bill_code, *ENDED):
        appointment.status = AppointmentStatus.EXPIRED
        appointment.save(update_fields=["status"])
        _move(appointment, ApplicationStatus.EXPIRED)
        identity = appointment.identity.code
        give_place_back(slot=appointment.slot, identity=identity, by="timetable", at=at)
        give_back(holder=appointment.code, at=at)
        subject = f"appointment:{appointment.code}"
        trail.record("appointment.expire", subject=subject, by="timetable", at=at)
        tell(appointment, "expired", at=at)


def follow_paid(*, bill_code: str, at: datetime) -> None:
    """What a paid bill brings, whether its appointments wait for it or were given up."""
    confirm(bill_code=bill_code, at=at)
    restore(bill_code=bill_code, at=at)


def catch_up(*, at: datetime, batch: int = 500) -> int:
    """Repeats what a crash between money and appointment lost, and does what was left to it.

    Returns how many bills and cases. One that cannot be followed holds up no other.
    """
    awaiting = Appointment.objects.filter(status=AppointmentStatus.AWAITING_PAYMENT)
    ended = awaiting.filter(bill__status__in=[BillStatus.PAID, *ENDED])
    codes = dict(ended.values_list("bill__code", "bill__status")[:batch])
    codes |= dict.fromkeys(_unseated(batch), BillStatus.PAID)
    followed = sum(_follow(code, BillStatus(status), at=at) for code, status in codes.items())
    return followed + end_choices(at=at) + tell_cases(at=at)


def _follow(bill_code: str, status: BillStatus, *, at: datetime) -> bool:
    deed = follow_paid if status == BillStatus.PAID else expire
    try:
        deed(bill_code=bill_code, at=at)
    except Exception:
        log.exception("bill %s cannot be followed", bill_code)
        return False
    return True


def _unseated(batch: int) -> list[str]:
    """Paid bills that have neither a seat nor a case."""
    seated = Appointment.objects.exclude(status=AppointmentStatus.EXPIRED)
    bills = paid_without_case().exclude(pk__in=seated.filter(bill__isnull=False).values("bill"))
    return list(bills.values_list("code", flat=True)[:batch])


def _awaiting(bill_code: str, *status: BillStatus) -> list[Appointment]:
    rows = Appointment.objects.select_for_update(of=("self",)).select_related(
        "application__account", "application__person", "slot__office", "bill", "identity"
    )
    of_bill = rows.filter(bill__code=bill_code, bill__status__in=status)
    return list(of_bill.filter(status=AppointmentStatus.AWAITING_PAYMENT).order_by("pk"))


def _move(appointment: Appointment, status: ApplicationStatus) -> None:
    appointment.application.status = status
    appointment.application.save(update_fields=["status"])
