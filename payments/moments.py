"""The moments that count for a bill."""

from datetime import datetime, timedelta

from payments.enums import BillStatus
from payments.models import Bill
from payments.stopping import NEVER, stopped_at


def end_of(bill: Bill) -> datetime:
    """The deadline people are told, and the minutes banks get on top of it.

    Never, while an incident that hit the bill goes on or is not made good.
    """
    return NEVER if stop_of(bill) else own_end(bill)


def own_end(bill: Bill) -> datetime:
    assert bill.pay_until is not None  # an issued bill has one
    return bill.pay_until + timedelta(minutes=bill.grace_minutes)


def stop_of(bill: Bill) -> datetime | None:
    """When the clock of an issued bill was stopped, if it stands still."""
    if bill.status != BillStatus.ISSUED:
        return None
    since = bill.thawed_at or bill.issued_at
    assert since is not None  # an issued bill has one
    return stopped_at(since=since, until=own_end(bill))
