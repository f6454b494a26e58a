"""Opening and ending cases: money that a person has to look after, with a day until which."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from mpaspor.audit import trail
from payments.enums import CaseKind, CaseStatus, Ending
from payments.models import Case, Payment
from payments.signals import announce, case_opened, days_off_wanted

SATURDAY = 5
# The longest row of days off, around the end of Ramadan, is shorter.
AHEAD = timedelta(days=30)


def open_case(*, payment: Payment, kind: CaseKind, by: trail.By, at: datetime) -> Case:
    """The open case of the payment, made if there is none. After the commit it is announced.

    To be called in a transaction that has the payment's bill locked, if it has a bill.
    """
    found = open_case_of(payment)
    if found is not None:
        return found
    case = Case.objects.create(payment=payment, kind=kind, opened_at=at, due_at=due(at))
    trail.record("case.open", subject=f"case:{case.code}", by=by, at=at, kind=str(kind))
    announce(case_opened, sender=Case, case_code=case.code, at=at)
    return case


def open_case_of(payment: Payment) -> Case | None:
    """Locked."""
    cases = Case.objects.filter(payment=payment).exclude(status=CaseStatus.CLOSED)
    return cases.select_for_update().first()


def end_case(case: Case, *, ending: Ending, by: trail.By, at: datetime, reason: str = "") -> None:
    case.status, case.ending, case.closed_at = CaseStatus.CLOSED, ending, at
    case.reason = reason or case.reason
    case.save()
    trail.record("case.close", subject=f"case:{case.code}", by=by, at=at, ending=str(ending))


def due(at: datetime) -> datetime:
    """So many working days of the capital later: neither weekends nor holidays nor joint leave."""
    left, moment, first = settings.CASE_DAYS, at, timezone.localdate(at)
    off = days_off(first, first + timedelta(days=2 * left) + AHEAD)
    while left > 0:
        moment += timedelta(days=1)
        day = timezone.localdate(moment)
        left -= day.weekday() < SATURDAY and day not in off
    return moment


def days_off(first: date, last: date) -> set[date]:
    """As whoever keeps the calendar says: this app knows none."""
    answers: list[tuple[Any, Any]] = days_off_wanted.send(sender=Case, first=first, last=last)
    return {day for _receiver, days in answers for day in days}


def untold_cases(batch: int) -> list[Case]:
    """Cases of whose opening nobody was told yet, locked; those in other hands are left out."""
    open_ = Case.objects.filter(told_at=None, payment__bill__isnull=False)
    rows = open_.exclude(status=CaseStatus.CLOSED).select_related("payment")
    return list(rows.order_by("pk").select_for_update(of=("self",), skip_locked=True)[:batch])


def mark_told(case: Case, *, at: datetime) -> None:
    case.told_at = at
    case.save(update_fields=["told_at"])
