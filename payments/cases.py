"""What treasurers do with a case: one proposes, another one approves.

Give the money back: `propose_refund` → `approve` → `mark_sent` → `close`. Let it pay a bill that a
person found: `match_by_hand` → `approve`. `close` ends an open case for another reason as well.
"""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from payments.casebook import end_case
from payments.enums import CaseStatus, Ending, Remedy
from payments.models import Bill, Case, Payment
from payments.settlement import PAYABLE, pay


class CaseMovedOn(Refusal):
    code = "case-moved-on"
    message = _("This case is no longer where this step begins.")
    remedy = _("Open the case again and look at its status.")


class SecondPersonNeeded(Refusal):
    code = "second-person-needed"
    message = _("Whoever proposed this cannot approve it.")
    remedy = _("Ask another treasurer to look at it.")


class ReasonMissing(Refusal):
    code = "reason-missing"
    message = _("A reason is needed.")
    remedy = _("Write in a few words why; it is kept with the case.")
    field = "reason"
    status = 422


class ReferenceMissing(Refusal):
    code = "reference-missing"
    message = _("The reference of the transfer is needed.")
    remedy = _("Copy it from the order of payment.")
    field = "reference"
    status = 422


class NoCaseForNtpn(Refusal):
    code = "no-case-for-ntpn"
    message = _("There is no open case with this NTPN.")
    remedy = _("Compare the 16 letters and digits with the receipt.")
    field = "ntpn"


class CannotPayBill(Refusal):
    code = "cannot-pay-bill"
    message = _("This money cannot pay that bill.")
    remedy = _("The bill must be unpaid and of the same amount, and the money not of another bill.")
    field = "bill"


@transaction.atomic
def propose_refund(*, case_code: str, by: AbstractBaseUser, at: datetime) -> Case:
    """Also instead of an earlier proposal. Raises CaseMovedOn."""
    case = _in(CaseStatus.OPEN, case_code)
    return _propose(case, Remedy.REFUND, None, by=by, at=at)


@transaction.atomic
def match_by_hand(*, ntpn: str, bill_code: str, by: AbstractBaseUser, at: datetime) -> Case:
    """Proposes that the money of this receipt pays that bill. Raises NoCaseForNtpn, CannotPayBill.

    The letters are taken as they are: whoever reads them from paper forgives O and 0 first.
    """
    cases = Case.objects.filter(payment__ntpn=ntpn, status=CaseStatus.OPEN)
    case = cases.select_related("payment").select_for_update(of=("self",)).first()
    if case is None:
        raise NoCaseForNtpn
    bill = Bill.objects.filter(code=bill_code).first()
    if bill is None or not _can_pay(case.payment, bill):
        raise CannotPayBill
    return _propose(case, Remedy.MATCH, bill, by=by, at=at)


@transaction.atomic
def approve(*, case_code: str, by: AbstractBaseUser, at: datetime) -> Case:
    """By another person. A refund may then be sent; a match pays its bill and closes the case.

    Raises CaseMovedOn, SecondPersonNeeded, CannotPayBill.
    """
    bill = Bill.objects.filter(pk__in=Case.objects.filter(code=case_code).values("match_bill"))
    locked = bill.select_for_update().first()
    case = _in(CaseStatus.OPEN, case_code)
    if not case.remedy or case.match_bill_id != (locked.pk if locked else None):
        raise CaseMovedOn
    if case.proposed_by_id == by.pk:
        raise SecondPersonNeeded
    case.approved_by_id, case.approved_at = by.pk, at
    trail.record("case.approve", subject=f"case:{case.code}", by=by, at=at, remedy=case.remedy)
    if locked is not None:
        _match(case, locked, by=by, at=at)
    else:
        case.status = CaseStatus.APPROVED
        case.save()
    return case


def _match(case: Case, bill: Bill, *, by: AbstractBaseUser, at: datetime) -> None:
    payment = case.payment
    if not _can_pay(payment, bill):
        raise CannotPayBill
    if payment.bill_id is None:
        payment.bill = bill
        payment.save(update_fields=["bill"])
    pay(bill, payment, at=at)
    end_case(case, ending=Ending.MATCHED, by=by, at=at)


@transaction.atomic
def mark_sent(*, case_code: str, reference: str, by: trail.By, at: datetime) -> Case:
    """The refund is on its way. Raises CaseMovedOn, ReferenceMissing."""
    case = _in(CaseStatus.APPROVED, case_code)
    if not reference.strip():
        raise ReferenceMissing
    case.status, case.reference, case.sent_at = CaseStatus.SENT, reference.strip()[:40], at
    case.save()
    trail.record("case.send", subject=f"case:{case.code}", by=by, at=at, reference=case.reference)
    return case


@transaction.atomic
def close(*, case_code: str, by: trail.By, at: datetime, reason: str = "") -> Case:
    """A refund that was sent has arrived; or an open case needs nothing more, for a reason.

    Raises CaseMovedOn, ReasonMissing.
    """
    case = _in((CaseStatus.OPEN, CaseStatus.SENT), case_code)
    sent = case.status == CaseStatus.SENT
    if not sent and not reason.strip():
        raise ReasonMissing
    ending = Ending.REFUNDED if sent else Ending.SETTLED
    end_case(case, ending=ending, reason=reason.strip()[:200], by=by, at=at)
    return case


def _in(status: "CaseStatus | tuple[CaseStatus, ...]", code: str) -> Case:
    """The case, locked."""
    statuses = status if isinstance(status, tuple) else (status,)
    cases = Case.objects.select_related("payment").select_for_update(of=("self",))
    case = cases.filter(code=code, status__in=statuses).first()
    if case is None:
        raise CaseMovedOn
    return case


def _propose(
    case: Case, remedy: Remedy, bill: Bill | None, *, by: AbstractBaseUser, at: datetime
) -> Case:
    case.remedy, case.match_bill = remedy, bill
    case.proposed_by_id, case.proposed_at = by.pk, at
    case.save()
    trail.record("case.propose", subject=f"case:{case.code}", by=by, at=at, remedy=str(remedy))
    return case


def _can_pay(payment: Payment, bill: Bill) -> bool:
    own = payment.bill_id in (None, bill.pk)
    return own and bill.status in PAYABLE and payment.amount == bill.amount
