"""The end of a bill that nobody paid, said once."""

from datetime import datetime

from django.db import transaction

from mpaspor.audit import trail
from payments.enums import BillStatus
from payments.models import Bill
from payments.signals import bill_expired


def end_unpaid(bill: Bill, *, by: trail.By, at: datetime, **facts: str) -> None:
    """The bill, locked and saved by the caller, has expired. Announced after the commit."""
    bill.status, bill.closed_at = BillStatus.EXPIRED, at
    trail.record("bill.expire", subject=f"bill:{bill.code}", by=by, at=at, **facts)
    transaction.on_commit(
        lambda: bill_expired.send_robust(sender=Bill, bill_code=bill.code, at=at), robust=True
    )
