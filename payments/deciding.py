"""Bills about which the gateway said nothing for hours after their end: a person decides.

"Unknown" is never "unpaid": until then the seat stays with whoever may have paid for it.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from payments.cases import ReasonMissing
from payments.enums import BillStatus
from payments.expiring import end_unpaid
from payments.models import Bill
from payments.moments import end_of

REASON = 200


class NotUndecided(Refusal):
    code = "not-undecided"
    message = _("This bill does not wait for a decision.")
    remedy = _("The gateway may have answered meanwhile: look at the bill's status.")


def undecided() -> "QuerySet[Bill]":
    """The longest waiting first."""
    rows = Bill.objects.filter(status=BillStatus.ISSUED, undecided_at__isnull=False)
    return rows.order_by("undecided_at", "pk")


def patience_ends(bill: Bill) -> datetime:
    """From when on an unanswered question is for a person to decide."""
    usual = end_of(bill) + timedelta(hours=settings.UNKNOWN_HOURS)
    return max(usual, bill.patience_until or usual)


def flag_undecided(bills: list[Bill], *, at: datetime) -> None:
    """Those of the unanswered whose time of patience is over; we go on asking about them."""
    over = [bill for bill in bills if _is_over(bill, at)]
    rows = Bill.objects.filter(pk__in=[bill.pk for bill in over], status=BillStatus.ISSUED)
    for bill in rows.filter(undecided_at=None).select_for_update():
        bill.undecided_at = at
        bill.save(update_fields=["undecided_at"])
        trail.record("bill.undecided", subject=f"bill:{bill.code}", by="timetable", at=at)


def _is_over(bill: Bill, at: datetime) -> bool:
    waits = bill.status == BillStatus.ISSUED and bill.undecided_at is None
    return waits and at > patience_ends(bill)


@transaction.atomic
def keep_asking(*, bill_code: str, by: trail.By, at: datetime) -> None:
    """The seat stays for as many hours more. Raises NotUndecided."""
    bill = _undecided(bill_code)
    bill.undecided_at, bill.next_at = None, at
    bill.patience_until = at + timedelta(hours=settings.UNKNOWN_HOURS)
    bill.save(update_fields=["undecided_at", "next_at", "patience_until"])
    trail.record("bill.keep_asking", subject=f"bill:{bill.code}", by=by, at=at)


@transaction.atomic
def expire_by_hand(*, bill_code: str, reason: str, by: trail.By, at: datetime) -> None:
    """Ends the bill without the gateway's word; money in time that is known later still counts.

    Raises NotUndecided, ReasonMissing.
    """
    bill = _undecided(bill_code)
    if not reason.strip():
        raise ReasonMissing
    end_unpaid(bill, by=by, at=at, reason=reason.strip()[:REASON])
    bill.next_at = at
    bill.save(update_fields=["status", "closed_at", "next_at"])


def _undecided(code: str) -> Bill:
    bill = undecided().select_for_update().filter(code=code).first()
    if bill is None:
        raise NotUndecided
    return bill
