"""Money as a file for a spreadsheet."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from payments.models import Case
from payments.reconciliation.models import Difference
from quota.exchange.writing import as_csv

CASES = (
    "case",
    "kind",
    "status",
    "opened",
    "due",
    "ntpn",
    "billing_code",
    "amount",
    "paid",
    "channel",
    "bill",
    "appointment",
    "proposal",
    "reference",
    "ending",
    "reason",
    "closed",
)
DIFFERENCES = (
    "day",
    "line",
    "difference",
    "ntpn",
    "billing_code",
    "file",
    "books",
    "note",
    "found",
    "cleared",
    "reason",
)


def cases_csv(cases: Iterable[Case]) -> bytes:
    return as_csv(CASES, (_case(case) for case in cases))


def differences_csv(differences: Iterable[Difference]) -> bytes:
    return as_csv(DIFFERENCES, (_difference(row) for row in differences))


def _case(case: Case) -> list[str]:
    money, bill = case.payment, case.payment.bill
    return [
        case.code,
        case.kind,
        case.status,
        _moment(case.opened_at),
        _moment(case.due_at),
        money.ntpn,
        money.billing_code or (bill and bill.billing_code) or "",
        str(money.amount),
        _moment(money.paid_at),
        money.channel,
        bill.code if bill else "",
        bill.payer if bill else "",
        case.remedy,
        case.reference,
        case.ending,
        case.reason,
        _moment(case.closed_at),
    ]


def _difference(row: Difference) -> list[str]:
    return [
        row.day.isoformat(),
        _number(row.line),
        row.kind,
        row.ntpn,
        row.billing_code,
        _number(row.theirs),
        _number(row.ours),
        row.note,
        _moment(row.found_at),
        _moment(row.cleared_at),
        row.reason,
    ]


def _moment(at: datetime | None) -> str:
    """The capital's time, as spreadsheets understand it."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _number(number: int | None) -> str:
    return "" if number is None else str(number)
