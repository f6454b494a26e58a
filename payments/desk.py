"""What the treasurer's desk shows: how much of what waits, and the cases one looks for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from mpaspor.core.codes import typed_code
from payments.claiming import claims_to_look_at
from payments.enums import OPEN_BILL, CaseKind, CaseStatus
from payments.models import Bill, Case, GatewayLine
from payments.ntpn import look_alike, looks_like
from payments.reconciliation.enums import RunStatus
from payments.reconciliation.models import Reconciliation
from payments.reconciliation.queries import open_differences, runs

# Waiting for a second person.
PROPOSED = "proposed"
ALL = "all"
# Once a refund is sent, the bank has it.
ON_US = Q(status__in=[CaseStatus.OPEN, CaseStatus.APPROVED])
COUNTED = ("kind", "count", "overdue", "next_due")


@dataclass(frozen=True)
class Kind:
    """Open cases of one kind."""

    kind: CaseKind
    count: int
    overdue: int
    due_at: datetime | None


@dataclass(frozen=True)
class Numbers:
    open_bills: int
    undecided: int
    kinds: list[Kind]
    proposed: int
    approved: int
    sent: int
    differences: int
    receipts: int
    receipts_overdue: int
    last: Reconciliation | None
    unanswered: int
    resting_until: datetime | None

    @property
    def overdue(self) -> int:
        return sum(kind.overdue for kind in self.kinds)


def all_cases() -> "QuerySet[Case]":
    """Each with its money, its bill and the two people who decide."""
    return Case.objects.select_related("payment__bill", "match_bill", "proposed_by", "approved_by")


def numbers(*, at: datetime) -> Numbers:
    """Seven questions to the database, however much money there is."""
    bills = Bill.objects.filter(status__in=OPEN_BILL).aggregate(
        open=Count("pk"), undecided=Count("pk", filter=Q(undecided_at__isnull=False))
    )
    line = GatewayLine.objects.first()
    broken = line is not None and line.unanswered >= settings.SIMPONI_FAILURES
    return Numbers(
        open_bills=bills["open"],
        undecided=bills["undecided"],
        kinds=_kinds(at),
        **_steps(),
        differences=open_differences().count(),
        **claims_to_look_at().aggregate(
            receipts=Count("pk"), receipts_overdue=Count("pk", filter=Q(look_by__lt=at))
        ),
        last=runs().filter(status=RunStatus.DONE).first(),
        unanswered=line.unanswered if line else 0,
        resting_until=line.rest_until if line and broken else None,
    )


def _kinds(at: datetime) -> list[Kind]:
    """All of them, also those without a case."""
    rows = Case.objects.exclude(status=CaseStatus.CLOSED).values("kind").order_by()
    counted = rows.annotate(
        count=Count("pk"),
        overdue=Count("pk", filter=Q(due_at__lt=at) & ON_US),
        next_due=Min("due_at", filter=ON_US),
    )
    found = {kind: numbers for kind, *numbers in counted.values_list(*COUNTED)}
    return [Kind(kind, *found.get(kind, (0, 0, None))) for kind in CaseKind]


def _steps() -> dict[str, int]:
    return Case.objects.exclude(status=CaseStatus.CLOSED).aggregate(
        proposed=Count("pk", filter=_is_proposed()),
        approved=Count("pk", filter=Q(status=CaseStatus.APPROVED)),
        sent=Count("pk", filter=Q(status=CaseStatus.SENT)),
    )


def _is_proposed() -> Q:
    return Q(status=CaseStatus.OPEN) & ~Q(remedy="")


@dataclass(frozen=True)
class Row:
    """A case, and how many days are left to look after it; None when nothing presses any more."""

    case: Case
    left: int | None
    is_overdue: bool


def row_of(case: Case, *, at: datetime) -> Row:
    if case.status not in (CaseStatus.OPEN, CaseStatus.APPROVED):
        return Row(case, None, False)
    left = timezone.localtime(case.due_at).date() - timezone.localtime(at).date()
    return Row(case, left.days, case.due_at < at)


def picked_cases(
    *, kind: str = "", status: str = "", words: str = "", bills: Iterable[int] = ()
) -> "QuerySet[Case]":
    """The most urgent first; without any wish those that are open.

    `words` are an NTPN, a billing code, or the code of a case, a bill or whoever pays; whose is
    one of `bills` is found as well.
    """
    cases = Case.objects.alias(alike=looks_like("payment__ntpn"))
    cases = cases.filter(_has_status(status, words))
    if kind:
        cases = cases.filter(kind=kind)
    if words:
        cases = cases.filter(_named(words) | Q(payment__bill__in=list(bills))).distinct()
    return cases.select_related("payment__bill").order_by("due_at", "pk")


def _has_status(status: str, words: str) -> Q:
    """What is looked for by its code is shown although it is closed."""
    if status == PROPOSED:
        return _is_proposed()
    if status == ALL or (words and not status):
        return Q()
    return Q(status=status) if status else ~Q(status=CaseStatus.CLOSED)


def _named(words: str) -> Q:
    code = typed_code(words)
    digits = look_alike(code)
    facts: dict[str, Any] = {
        "code": code,
        "alike": look_alike(code),
        "payment__billing_code": digits,
        "payment__bill__billing_code": digits,
        "payment__bill__code": code,
        "payment__bill__payer": code,
        "payment__bill__lines__for_code": code,
    }
    return Q(*facts.items(), _connector=Q.OR)
