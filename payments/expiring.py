"""The end of a bill that nobody paid, said once."""

from datetime import datetime

from mpaspor.audit import trail
from payments.enums import BillStatus
from payments.models import Bill
from payments.signals import announce, bill_expired


def end_unpaid(bill: Bill, *, by: trail.By, at: datetime, **facts: str) -> None:
    """The bill, locked and saved by the caller, has expired. Announced after the commit."""
    bill.status, bill.closed_at = BillStatus.EXPIRED, at
    trail.record("bill.expire", subject=f"bill:{bill.code}", by=by, at=at, **facts)
    announce(bill_expired, sender=Bill, bill_code=bill.code, at=at)
