"""Reading the file of a banking day against our books: only theirs is booked, only ours alarms.

Reading it again changes nothing but what has changed in the file or in the books.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce

from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.claim import claim
from payments.gateway.port import GatewayUnknown, OddLine, SettledLine, SettlementFiles
from payments.models import Payment
from payments.reconciliation.asking import BANKS
from payments.reconciliation.enums import DifferenceKind, RunStatus
from payments.reconciliation.models import Difference, FiledPayment, Reconciliation
from payments.settlement import NtpnTaken, settle_by_code
from payments.signals import left_to_the_sweep

log = logging.getLogger(__name__)

BATCH = 2000
LEASE = timedelta(minutes=10)
AGAIN = timedelta(minutes=5)
WHO = "reconciliation"

Line = SettledLine | OddLine


class Known(NamedTuple):
    """What is compared of a payment in our books. A day has a hundred thousand: no whole rows."""

    ntpn: str
    pk: int
    amount: int
    billing_code: str | None
    bill_code: str | None
    filed_on: date | None

    @property
    def code(self) -> str:
        return self.billing_code or self.bill_code or ""


OF_KNOWN = ("ntpn", "pk", "amount", "billing_code", "bill__billing_code", "filed__day")


def reconcile_due(*, files: SettlementFiles, at: datetime) -> int:
    """Reads the file of one day that is due; returns how many (0 or 1).

    A worker that dies meanwhile loses nothing: the day is due again after the lease.
    """
    runs = claim(Reconciliation.objects.all(), at=at, batch=1, lease=LEASE)
    for run in runs:
        try:
            _read(run, files)
        except GatewayUnknown as trouble:
            _try_later(run, str(trouble))
    return len(runs)


def _read(run: Reconciliation, files: SettlementFiles) -> None:
    run.status, run.started_at, run.ended_at = RunStatus.READING, clock.now(), None
    run.lines, run.found = 0, 0
    run.save()
    seen: set[str] = set()
    for batch in _batches(files.settlement_lines(run.day)):
        _compare(run, batch, seen)
    _end(run)


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """Where the file breaks off, the lines that came are a batch too."""
    batch: list[Line] = []
    broken: GatewayUnknown | None = None
    try:
        for line in lines:
            batch.append(line)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except GatewayUnknown as trouble:
        broken = trouble
    yield batch
    if broken:
        raise broken


def _compare(run: Reconciliation, batch: list[Line], seen: set[str]) -> None:
    """One batch of lines. The run tells how far it is, and keeps its lease.

    `seen`: the NTPNs that this reading of the file has met.
    """
    at = clock.now()
    settled = [line for line in batch if isinstance(line, SettledLine)]
    odd = [line for line in batch if isinstance(line, OddLine)]
    run.found += _book_unknown(settled, at=at)
    with transaction.atomic():
        differences = [_odd(run, line, at) for line in odd]
        differences += _differences(run, settled, seen, at)
        Difference.objects.bulk_create(differences, ignore_conflicts=True)
    run.lines += len(batch)
    run.next_at = at + LEASE
    run.save(update_fields=["lines", "found", "next_at"])


def _book_unknown(lines: list[SettledLine], *, at: datetime) -> int:
    """Money that only they know becomes an appointment or a case, as told by anybody else.

    The sweep tells people: the day's other lines do not wait for it.
    """
    booked = _of(lines).values_list("ntpn", flat=True)
    known = set(booked)
    new = [line for line in lines if line.money.ntpn not in known]
    with left_to_the_sweep():
        return sum(_book(line, at=at) for line in new)


def _book(line: SettledLine, *, at: datetime) -> bool:
    try:
        settle_by_code(billing_code=line.billing_code, money=line.money, by=WHO, at=at)
    except NtpnTaken:  # booked meanwhile for another code: a difference, found when comparing
        return False
    return True


def _of(lines: list[SettledLine]) -> "QuerySet[Payment]":
    return Payment.objects.filter(ntpn__in=[line.money.ntpn for line in lines])


def _known(lines: list[SettledLine]) -> dict[str, Known]:
    return {row[0]: Known(*row) for row in _of(lines).values_list(*OF_KNOWN)}


def _differences(
    run: Reconciliation, lines: list[SettledLine], seen: set[str], at: datetime
) -> Iterator[Difference]:
    known, filed = _known(lines), []
    for line in lines:
        payment = known.get(line.money.ntpn)
        if payment is None:
            continue
        # By its day and not by its line: the lines move when a bank reports something late.
        if payment.ntpn in seen or payment.filed_on not in {None, run.day}:
            yield _difference(run, DifferenceKind.TWICE, line, payment, at)
        elif payment.filed_on is None:
            amount = line.money.amount
            filed.append(
                FiledPayment(payment_id=payment.pk, day=run.day, line=line.line, amount=amount)
            )
        seen.add(payment.ntpn)
        if line.money.amount != payment.amount:
            yield _difference(run, DifferenceKind.AMOUNT, line, payment, at)
        if line.billing_code != payment.code:
            yield _difference(run, DifferenceKind.CODE, line, payment, at)
    FiledPayment.objects.bulk_create(filed, ignore_conflicts=True)


def _code(payment: Payment) -> str:
    return payment.billing_code or (payment.bill and payment.bill.billing_code) or ""


def _difference(
    run: Reconciliation, kind: DifferenceKind, line: SettledLine, payment: Known, at: datetime
) -> Difference:
    return Difference(
        kind=kind,
        day=run.day,
        line=line.line,
        ntpn=payment.ntpn,
        billing_code=line.billing_code,
        theirs=line.money.amount,
        ours=payment.amount,
        found_at=at,
    )


def _odd(run: Reconciliation, line: OddLine, at: datetime) -> Difference:
    return Difference(
        kind=DifferenceKind.ODD_LINE,
        day=run.day,
        line=line.line,
        note=line.reason[:80],
        found_at=at,
    )


@transaction.atomic
def _end(run: Reconciliation) -> None:
    at = clock.now()
    _alarm_only_ours(run, at=at)
    _clear_what_agrees(at=at)
    filed = FiledPayment.objects.filter(day=run.day)
    sums = filed.aggregate(
        theirs=Coalesce(Sum("amount"), 0), ours=Coalesce(Sum("payment__amount"), 0)
    )
    run.theirs, run.ours = sums["theirs"], sums["ours"]
    run.status, run.ended_at, run.next_at, run.trouble = RunStatus.DONE, at, None, ""
    run.save()
    facts = {"lines": run.lines, "found": run.found, "difference": run.theirs - run.ours}
    subject = f"reconciliation:{run.day}"
    trail.record("reconciliation.end", subject=subject, by=WHO, at=at, **facts)
    log.info("reconciliation of %s: %d lines, %d new to us", run.day, run.lines, run.found)


def _alarm_only_ours(run: Reconciliation, *, at: datetime) -> None:
    """Banks may report a payment on a later day: its file then clears the alarm."""
    midnight = datetime.combine(run.day, time(0), BANKS)
    of_the_day = Payment.objects.filter(
        paid_at__gte=midnight, paid_at__lt=midnight + timedelta(days=1), filed=None
    )
    missing = [
        Difference(
            kind=DifferenceKind.ONLY_OURS,
            day=run.day,
            ntpn=payment.ntpn,
            billing_code=_code(payment),
            ours=payment.amount,
            found_at=at,
        )
        for payment in of_the_day.select_related("bill")
    ]
    Difference.objects.bulk_create(missing, ignore_conflicts=True)
    if missing:
        log.error("reconciliation of %s: %d payments only we know", run.day, len(missing))


def _clear_what_agrees(*, at: datetime) -> None:
    filed = FiledPayment.objects.filter(payment__ntpn=OuterRef("ntpn"))
    alarms = Difference.objects.filter(kind=DifferenceKind.ONLY_OURS, cleared_at=None)
    alarms.filter(Exists(filed)).update(cleared_at=at)


def _try_later(run: Reconciliation, trouble: str) -> None:
    """What was read so far stays booked; the next time reads the file from its beginning."""
    run.status, run.trouble = RunStatus.WAITING, trouble[:80]
    run.next_at = clock.now() + AGAIN
    run.save(update_fields=["status", "trouble", "next_at"])
    log.warning("the file of %s cannot be read (%s)", run.day, trouble)
