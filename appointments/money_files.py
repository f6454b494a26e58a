"""Money as a file for a spreadsheet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from mpaspor.audit import trail
from payments.models import Case
from payments.reconciliation.models import Difference
from quota.exchange.writing import Cell, as_csv, as_sheet

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


@dataclass(frozen=True)
class Sheet:
    """A list as treasurers and auditors take it away."""

    name: str
    columns: tuple[str, ...]
    rows: list[list[Cell]]

    def csv(self) -> bytes:
        return as_csv(self.columns, ([_text(cell) for cell in row] for row in self.rows))

    def xlsx(self) -> bytes:
        return as_sheet(self.columns, self.rows)


def cases_sheet(cases: Iterable[Case]) -> Sheet:
    return Sheet("cases", CASES, [_case(case) for case in cases])


def differences_sheet(differences: Iterable[Difference], *, day: date) -> Sheet:
    rows = [_difference(row) for row in differences]
    return Sheet(f"differences-{day}", DIFFERENCES, rows)


def note_export(sheet: Sheet, *, form: str, by: trail.By, at: datetime) -> None:
    """Who took which list away, and how much of it."""
    facts = {"rows": len(sheet.rows), "form": form}
    trail.record("money.export", subject=f"list:{sheet.name}", by=by, at=at, **facts)


def _case(case: Case) -> list[Cell]:
    money, bill = case.payment, case.payment.bill
    return [
        case.code,
        case.kind,
        case.status,
        _moment(case.opened_at),
        _moment(case.due_at),
        money.ntpn,
        money.billing_code or (bill and bill.billing_code) or "",
        money.amount,
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


def _difference(row: Difference) -> list[Cell]:
    return [
        row.day,
        row.line,
        row.kind,
        row.ntpn,
        row.billing_code,
        row.theirs,
        row.ours,
        row.note,
        _moment(row.found_at),
        _moment(row.cleared_at),
        row.reason,
    ]


def _moment(at: datetime | None) -> datetime | None:
    """The capital's time, without a zone, as spreadsheets understand it."""
    return timezone.localtime(at).replace(tzinfo=None, microsecond=0) if at else None


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)
