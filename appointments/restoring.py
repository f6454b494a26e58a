"""Paid in time, known too late: the seat was given back, and the people get it or an equal one."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.booking import release_one
from appointments.enums import (
    ACTIVE_APPLICATION,
    TO_COME,
    ApplicationStatus,
    AppointmentStatus,
)
from appointments.models import Application, Appointment
from appointments.notices import tell
from appointments.priority import refuse_unfit
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from payments.casebook import end_case, open_case
from payments.enums import BillStatus, CaseKind, CaseStatus, Ending
from payments.models import Bill, Case
from quota.models import Slot
from quota.queries import slot_for_booking
from quota.restoring import restore_seats
from quota.seats import take_seats
from quota.waiting_room.turns import is_gated, use_turn


class NothingToChoose(Refusal):
    code = "nothing-to-choose"
    message = _("There is no paid bill that waits for a session to be chosen.")
    remedy = _("Look at your application: it shows where it stands.")


@transaction.atomic
def restore(*, bill_code: str, at: datetime) -> None:
    """Seats the people of a paid bill whose appointments had expired, all together; repeatable.

    Where no equal seat is left they choose again without paying, and where somebody has another
    application by now the money is a case: never nothing.
    """
    members = _given_up(bill_code)
    bill = Bill.objects.select_for_update().filter(code=bill_code, status=BillStatus.PAID).first()
    if bill is None or bill.paid_by is None or _is_case(bill):
        return
    if not members:
        _case_of_nobody(bill, at=at)
        return
    elsewhere = [member for member in members if _is_elsewhere(member, at=at)]
    if elsewhere:
        open_case(payment=bill.paid_by, kind=CaseKind.DUPLICATE, by="simponi", at=at)
    _seat([member for member in members if member not in elsewhere], bill, at=at)


def _given_up(bill_code: str) -> list[Appointment]:
    """Locked."""
    rows = Appointment.objects.select_for_update(of=("self",)).select_related(
        "application__account", "application__person", "slot__office", "slot__release__room"
    )
    expired = rows.filter(bill__code=bill_code, status=AppointmentStatus.EXPIRED)
    return list(expired.order_by("pk"))


def _is_case(bill: Bill) -> bool:
    return Case.objects.filter(payment=bill.paid_by).exclude(ending=Ending.MATCHED).exists()


def _case_of_nobody(bill: Bill, *, at: datetime) -> None:
    """The appointment is forgotten; the money is not."""
    if bill.paid_by and not Appointment.objects.filter(bill=bill).exists():
        open_case(payment=bill.paid_by, kind=CaseKind.ORPHAN, by="simponi", at=at)


def _is_elsewhere(member: Appointment, *, at: datetime) -> bool:
    """A seat that is only held for a new draft is not: what is paid comes first."""
    own = Appointment.objects.filter(identity=member.identity_id).exclude(pk=member.pk)
    for held in own.filter(status=AppointmentStatus.HELD):
        release_one(appointment=held, by="simponi", at=at)
    others = Application.objects.filter(identity=member.identity_id)
    active = others.exclude(pk=member.application_id).filter(status__in=ACTIVE_APPLICATION)
    return active.exists() or own.filter(status__in=TO_COME).exists()


def _seat(members: list[Appointment], bill: Bill, *, at: datetime) -> None:
    if not members:
        return
    slot = restore_seats(slot=members[0].slot, holders=[each.code for each in members], at=at)
    if slot is None:
        _let_choose(members, bill, at=at)
        return
    for member in members:
        what = "restored" if slot.pk == member.slot_id else "restored_elsewhere"
        _confirm(member, slot, by="simponi", at=at)
        tell(member, what, at=at)


def _let_choose(members: list[Appointment], bill: Bill, *, at: datetime) -> None:
    assert bill.paid_by is not None
    for member in members:
        _move(member, ApplicationStatus.PAID)
    open_case(payment=bill.paid_by, kind=CaseKind.CHOOSE_AGAIN, by="simponi", at=at)


@transaction.atomic
def choose_paid(*, application: Application, slot_code: str, by: trail.By, at: datetime) -> None:
    """Confirms the chosen session for all whom the paid bill is for; nothing is held or billed.

    Raises NothingToChoose, SlotGone, OtherService, PriorityOnly, TooFewSeats, QueueFirst,
    TurnForOtherService.
    """
    own = application.appointments.filter(bill__status=BillStatus.PAID).select_related("bill")
    bill = getattr(own.order_by("-pk").first(), "bill", None)
    members = [
        each
        for each in _given_up(bill.code if bill else "")
        if each.application.status == ApplicationStatus.PAID
    ]
    case = _choice(bill)
    if case is None or not members:
        raise NothingToChoose
    slot = slot_for_booking(code=slot_code, at=at)
    for member in members:
        refuse_unfit(member.application, slot, [each.application for each in members])
        if is_gated(slot):
            use_turn(slot=slot, identity=member.identity.code, at=at)
        _confirm(member, slot, by=by, at=at)
        tell(member, "confirmed", at=at)
    end_case(case, ending=Ending.SEATED, by=by, at=at)
    take_seats(slot=slot, holders=[member.code for member in members])


def _choice(bill: Bill | None) -> Case | None:
    """Locked; none once a refund was approved."""
    if bill is None:
        return None
    open_ = Case.objects.filter(kind=CaseKind.CHOOSE_AGAIN, status=CaseStatus.OPEN)
    return open_.filter(payment=bill.paid_by_id).select_for_update().first()


@transaction.atomic
def end_choices(*, at: datetime) -> int:
    """Ends applications whose money was given back instead; returns how many."""
    closed = Case.objects.filter(kind=CaseKind.CHOOSE_AGAIN, status=CaseStatus.CLOSED)
    given_back = closed.exclude(ending=Ending.SEATED).values("payment")
    rows = Appointment.objects.filter(bill__paid_by__in=given_back)
    waiting = rows.filter(application__status=ApplicationStatus.PAID).select_related("application")
    members = list(waiting.select_for_update(of=("self",)))
    for member in members:
        _move(member, ApplicationStatus.EXPIRED)
        subject = f"application:{member.application.code}"
        trail.record("application.expire", subject=subject, by="timetable", at=at)
    return len(members)


def _confirm(member: Appointment, slot: Slot, *, by: trail.By, at: datetime) -> None:
    member.slot, member.status, member.confirmed_at = slot, AppointmentStatus.CONFIRMED, at
    member.save(update_fields=["slot", "status", "confirmed_at"])
    _move(member, ApplicationStatus.SCHEDULED)
    subject = f"appointment:{member.code}"
    trail.record("appointment.restore", subject=subject, by=by, at=at, slot=slot.code)


def _move(member: Appointment, status: ApplicationStatus) -> None:
    member.application.status = status
    member.application.save(update_fields=["status"])
