"""Withdrawing a bill that nobody is to pay any more."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from payments.enums import OPEN_BILL, BillStatus
from payments.models import Bill
from payments.signals import announce, bill_expired


class BillPaid(Refusal):
    code = "bill-paid"
    message = _("This bill is paid and cannot be withdrawn.")


@transaction.atomic
def void_bill(*, bill_code: str, by: trail.By, at: datetime) -> None:
    """Ends an unpaid bill; repeatable. Money that still comes for it is a case. Raises BillPaid.

    We go on asking for a day. After the commit `bill_expired` is announced.
    """
    bill = Bill.objects.select_for_update().get(code=bill_code)
    if bill.status == BillStatus.PAID:
        raise BillPaid
    if bill.status not in OPEN_BILL:
        return
    bill.status, bill.closed_at = BillStatus.VOID, at
    bill.next_at = at if bill.billing_code else None
    bill.save(update_fields=["status", "closed_at", "next_at"])
    trail.record("bill.void", subject=f"bill:{bill.code}", by=by, at=at)
    announce(bill_expired, sender=Bill, bill_code=bill.code, at=at)
