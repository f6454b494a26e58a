"""What becomes of money: the one place where a payment is booked."""

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction

from mpaspor.audit import trail
from payments.casebook import end_case, open_case, open_case_of
from payments.codes import bills_with, codes_of
from payments.enums import BillStatus, CaseKind, Ending, Outcome
from payments.gateway.port import Money
from payments.models import Bill, Payment, Settlement
from payments.moments import end_of
from payments.signals import announce, bill_paid

# A bill that money in time pays, also when we gave it up before we knew.
PAYABLE = (BillStatus.ISSUED, BillStatus.EXPIRED)


class NtpnTaken(Exception):
    """The gateway names a receipt for this bill that is booked for another one."""


def settle(
    *, bill_code: str, money: Money, billing_code: str = "", by: trail.By, at: datetime
) -> Settlement:
    """Books one payment exactly once, however often and by whomever it is told (the NTPN names it).

    It pays the bill, or it opens a case for the treasurer; never nothing. Whether it was in time
    the bank's clock says, not ours. After the commit `bill_paid` or `case_opened` is announced.
    `billing_code`: what was paid with, where the bill has several. Raises NtpnTaken.
    """
    return _or_meet(
        money,
        lambda: _settle(bill_code, money, billing_code=billing_code, by=by, at=at),
    )


@transaction.atomic
def _settle(
    bill_code: str, money: Money, *, billing_code: str, by: trail.By, at: datetime
) -> Settlement:
    bill = Bill.objects.select_for_update().get(code=bill_code)
    known = _known(money.ntpn)
    if known is None:
        return _book(bill, money, billing_code=billing_code, by=by, at=at)
    payment = known.payment
    if payment.bill_id is None and payment.billing_code in codes_of([bill])[bill.pk]:
        _take_in(payment, bill, by=by, at=at)
    elif payment.bill_id != bill.pk:
        raise NtpnTaken(money.ntpn)
    return known


def settle_by_code(*, billing_code: str, money: Money, by: trail.By, at: datetime) -> Settlement:
    """As settle, for who knows only the code that was paid with.

    If no bill has it (yet), the money is an orphan: a case, until its bill turns up
    (`match_orphans`) or a person finds it. Raises NtpnTaken.
    """
    bill = bills_with(billing_code).first()
    if bill is not None:
        return settle(bill_code=bill.code, money=money, billing_code=billing_code, by=by, at=at)
    return _or_meet(money, lambda: _settle_orphan(billing_code, money, by=by, at=at))


def _or_meet(money: Money, book: Callable[[], Settlement]) -> Settlement:
    """Books once more where somebody else, without this bill, did so in the same moment."""
    try:
        return book()
    except IntegrityError:
        if _known(money.ntpn) is None:
            raise
        return book()


@transaction.atomic
def _settle_orphan(billing_code: str, money: Money, *, by: trail.By, at: datetime) -> Settlement:
    known = _known(money.ntpn)
    if known is None:
        return _book(None, money, billing_code=billing_code, by=by, at=at)
    if known.payment.billing_code != billing_code:
        raise NtpnTaken(money.ntpn)
    return known


def match_orphans(*, at: datetime, batch: int = 100) -> int:
    """Gives orphans whose bill has its code by now to that bill; returns how many."""
    codes = Bill.objects.filter(billing_code__isnull=False).values("billing_code")
    found = Payment.objects.filter(bill=None, billing_code__in=codes)
    billing_codes = set(found.values_list("billing_code", flat=True)[:batch])
    return sum(_match(code, at=at) for code in billing_codes)


@transaction.atomic
def _match(billing_code: str, *, at: datetime) -> int:
    return take_in_orphans(
        Bill.objects.select_for_update().get(billing_code=billing_code), by="timetable", at=at
    )


def take_in_orphans(bill: Bill, *, by: trail.By, at: datetime) -> int:
    """Money that came before the code did. The bill is locked by the caller."""
    orphans = Payment.objects.filter(bill=None, billing_code=bill.billing_code or "none")
    found = list(orphans.order_by("pk").select_for_update())
    for payment in found:
        _take_in(payment, bill, by=by, at=at)
    return len(found)


def _take_in(payment: Payment, bill: Bill, *, by: trail.By, at: datetime) -> None:
    kind = kind_of_case(bill, amount=payment.amount, paid_at=payment.paid_at)
    payment.bill = bill
    payment.save(update_fields=["bill"])
    orphan = open_case_of(payment)
    if orphan is not None:
        end_case(orphan, ending=Ending.MATCHED, by=by, at=at)
    if kind:
        open_case(payment=payment, kind=kind, by=by, at=at)
    else:
        pay(bill, payment, at=at)


def _known(ntpn: str) -> Settlement | None:
    return Settlement.objects.select_related("payment").filter(payment__ntpn=ntpn).first()


def kind_of_case(bill: Bill, *, amount: int, paid_at: datetime) -> CaseKind | None:
    """None: this money pays the bill."""
    if bill.status == BillStatus.PAID:
        return CaseKind.DUPLICATE
    if bill.status == BillStatus.VOID:
        return CaseKind.DEAD_BILL
    if bill.status not in PAYABLE or bill.pay_until is None or paid_at > end_of(bill):
        return CaseKind.LATE
    return CaseKind.AMOUNT if amount != bill.amount else None


def _book(
    bill: Bill | None, money: Money, *, billing_code: str = "", by: trail.By, at: datetime
) -> Settlement:
    kind = (
        kind_of_case(bill, amount=money.amount, paid_at=money.paid_at) if bill else CaseKind.ORPHAN
    )
    payment = Payment.objects.create(
        bill=bill,
        billing_code=billing_code or (bill and bill.billing_code) or "",
        ntpn=money.ntpn,
        ntb=money.ntb,
        amount=money.amount,
        paid_at=money.paid_at,
        channel=money.channel,
        known_at=at,
    )
    outcome = Outcome.CASE if kind else Outcome.BILL_PAID
    booked = Settlement.objects.create(payment=payment, outcome=outcome, case=kind or "", at=at)
    subject = f"bill:{bill.code}" if bill else f"payment:{payment.ntpn}"
    facts = {"amount": money.amount, "case": kind}
    trail.record("payment.settle", subject=subject, by=by, at=at, **facts)
    if kind:
        open_case(payment=payment, kind=kind, by=by, at=at)
    elif bill:
        pay(bill, payment, at=at)
    return booked


def pay(bill: Bill, payment: Payment, *, at: datetime) -> None:
    """The bill, locked by the caller, is paid by this payment."""
    bill.status, bill.closed_at, bill.paid_by = BillStatus.PAID, at, payment
    bill.save(update_fields=["status", "closed_at", "paid_by"])
    announce(bill_paid, sender=Bill, bill_code=bill.code, at=at)
