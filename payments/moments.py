"""The moments that count for a bill."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from payments.enums import BillStatus
from payments.models import Bill, Incident
from payments.stopping import NEVER, incidents_between, stopped_at


def end_of(bill: Bill) -> datetime:
    """The deadline people are told, and the minutes banks get on top of it.

    Never, while an incident that hit the bill goes on or is not made good.
    """
    return NEVER if stop_of(bill) else own_end(bill)


def ends_of(bills: Iterable[Bill]) -> dict[int, datetime]:
    """As end_of, for issued bills by their keys, with one question for all of them."""
    issued = [bill for bill in bills if bill.status == BillStatus.ISSUED]
    if not issued:
        return {}
    spans = {bill.pk: (_runs_since(bill), own_end(bill)) for bill in issued}
    since, until = min(each[0] for each in spans.values()), max(each[1] for each in spans.values())
    incidents = incidents_between(since=since, until=until)
    return {key: NEVER if _hit(span, incidents) else span[1] for key, span in spans.items()}


def _hit(span: tuple[datetime, datetime], incidents: "list[Incident]") -> bool:
    since, until = span
    return any(
        (each.ended_at is None or each.ended_at > since) and each.began_at < until
        for each in incidents
    )


def own_end(bill: Bill) -> datetime:
    assert bill.pay_until is not None  # an issued bill has one
    return bill.pay_until + timedelta(minutes=bill.grace_minutes)


def stop_of(bill: Bill) -> datetime | None:
    """When the clock of an issued bill was stopped, if it stands still."""
    if bill.status != BillStatus.ISSUED:
        return None
    return stopped_at(since=_runs_since(bill), until=own_end(bill))


def _runs_since(bill: Bill) -> datetime:
    since = bill.thawed_at or bill.issued_at
    assert since is not None  # an issued bill has one
    return since
