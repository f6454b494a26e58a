"""Money that a person has to look after."""

from datetime import date, datetime, timedelta
from itertools import count

from mpaspor.core import clock
from payments.models import Bill, Case
from payments.reconciliation.asking import BANKS
from payments.reconciliation.enums import DifferenceKind, RunStatus
from payments.reconciliation.models import Difference, Reconciliation
from payments.settlement import settle, settle_by_code
from tests.factories.appointments import make_awaiting, make_money

numbers = count(1)


def make_case(bill: Bill | None = None, *, ntpn: str = "", at: datetime | None = None) -> Case:
    """Too little was paid for a bill that waits still."""
    at = at or clock.now()
    if bill is None:
        bill = make_awaiting(at=at).bill
        assert bill is not None
    facts = {"ntpn": ntpn} if ntpn else {}
    money = make_money(bill, amount=7, at=at, **facts)
    settle(bill_code=bill.code, money=money, by="test", at=at)
    return Case.objects.get(payment__ntpn=money.ntpn)


def make_orphan(*, amount: int = 650_000, ntpn: str = "") -> Case:
    """Money under a code that nobody knows."""
    at = clock.now()
    facts = {"ntpn": ntpn} if ntpn else {}
    money = make_money(Bill(amount=amount), at=at, **facts)
    settle_by_code(billing_code=f"{next(numbers):015}", money=money, by="test", at=at)
    return Case.objects.get(payment__ntpn=money.ntpn)


def yesterday() -> date:
    return clock.now().astimezone(BANKS).date() - timedelta(days=1)


def make_difference(
    *, day: date | None = None, note: str = "no such field"
) -> tuple[Reconciliation, Difference]:
    """A day whose file was read to the end, with a line that could not be read."""
    at, day = clock.now(), day or yesterday()
    facts = {"status": RunStatus.DONE, "asked_at": at, "ended_at": at, "lines": 12}
    run = Reconciliation.objects.get_or_create(day=day, defaults=facts)[0]
    kind, line = DifferenceKind.ODD_LINE, next(numbers)
    return run, Difference.objects.create(kind=kind, day=day, line=line, note=note, found_at=at)
