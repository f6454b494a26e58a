"""Asking the gateway whether bills are paid. Its answer to our question is the truth."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from mpaspor.core import clock
from mpaspor.core.claim import claim
from payments.claiming import answer_claim
from payments.codes import codes_of
from payments.deciding import flag_undecided
from payments.enums import BillStatus
from payments.expiring import end_unpaid
from payments.gateway import breaker
from payments.gateway.port import Gateway, GatewayRefused, GatewayUnknown, Money
from payments.models import Bill
from payments.moments import end_of, ends_of
from payments.noting import booked, note_nothing_new
from payments.settlement import settle

log = logging.getLogger(__name__)

# Money with the code that it was paid with.
Told = list[tuple[str, Money]]

BATCH = 500
LEASE = timedelta(seconds=settings.SIMPONI_LEASE)
UNKNOWN_AGAIN = timedelta(seconds=15)
EARLY, EARLY_EVERY = timedelta(minutes=5), timedelta(seconds=30)
EVERY = timedelta(minutes=2)
# After the end we still look for money that came late.
AFTER_END = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=60),
    timedelta(hours=6),
    timedelta(hours=24),
)


def first_question(issued: datetime) -> datetime:
    return issued + EARLY_EVERY


@dataclass(frozen=True)
class Batch:
    """Bills that this worker alone asks about, and the codes of each."""

    bills: list[Bill]
    codes: dict[int, list[str]]
    at: datetime

    def asked(self, gateway: Gateway) -> dict[str, list[Money]]:
        """Touches no database: any thread may ask."""
        return gateway.inquire(code for own in self.codes.values() for code in own)


def ask_all_due(*, gateway: Gateway) -> int:
    """Batch after batch until nothing is due; returns how many bills.

    While the gateway answers about one batch, the answers about the one before are written down.
    """
    asked = 0
    before: tuple[Batch, Future[dict[str, list[Money]]]] | None = None
    with ThreadPoolExecutor(1) as asker:
        while True:
            # After less than a whole batch nothing more is due, or the gateway is left in peace.
            more = before is None or len(before[0].bills) == BATCH
            batch = _claimed(clock.now()) if more else None
            now = (batch, asker.submit(batch.asked, gateway)) if batch else None
            if before:
                _take(before[0], before[1].result)
                asked += len(before[0].bills)
            if now is None:
                return asked
            before = now


def ask_due(*, gateway: Gateway, at: datetime) -> int:
    """Asks about one batch of bills that are due; returns how many."""
    batch = _claimed(at)
    if batch is None:
        return 0
    _take(batch, lambda: batch.asked(gateway))
    return len(batch.bills)


def _claimed(at: datetime) -> Batch | None:
    codes = Bill.objects.filter(billing_code__isnull=False)
    if not codes.filter(next_at__lte=at).exists():
        return None
    bills = claim(codes, at=at, batch=breaker.allowed(at=at, batch=BATCH), lease=LEASE)
    return Batch(bills, codes_of(bills), at) if bills else None


def _take(batch: Batch, answered: Callable[[], dict[str, list[Money]]]) -> None:
    bills, at = batch.bills, batch.at
    try:
        answers = answered()
    except (GatewayUnknown, GatewayRefused) as trouble:
        log.warning("%d bills could not be asked about (%s)", len(bills), trouble)
        breaker.note(answered=isinstance(trouble, GatewayRefused), at=at)
        _no_answer(bills, trouble=str(trouble), at=at)
        return
    breaker.note(answered=True, at=at)
    told = {bill.pk: _paid_with(batch.codes[bill.pk], answers) for bill in bills}
    noted = _note_nothing_new(bills, told, at=at)
    for bill in bills:
        if bill.pk not in noted:
            _take_answer(bill, told[bill.pk], at=at)


def _note_nothing_new(
    bills: list[Bill], told: Mapping[int, "Told | None"], *, at: datetime
) -> set[int]:
    """Of those that end by no answer and got no money since the last one; by their keys."""
    known = booked({key: [money for _code, money in paid] for key, paid in told.items() if paid})
    ends = ends_of(bills)
    planned = {
        bill: next_question(bill, at, end=ends.get(bill.pk))
        for bill in bills
        if (told[bill.pk] == [] or bill.pk in known) and at <= ends.get(bill.pk, at)
    }
    return note_nothing_new(planned, lease=at + LEASE, at=at)


def _paid_with(codes: list[str], answers: dict[str, list[Money]]) -> Told | None:
    """Money for any of the codes; None while the gateway knows one of them not."""
    if not codes or any(code not in answers for code in codes):
        return None
    return [(code, money) for code in codes for money in answers[code]]


def _take_answer(bill: Bill, money: Told | None, *, at: datetime) -> None:
    if money is None:
        _ask_again(bill, trouble="unknown to the gateway", at=at)
        return
    try:
        for code, payment in money:
            settle(bill_code=bill.code, money=payment, billing_code=code, by="simponi", at=at)
        _note_answer(bill, at=at)
    except Exception as odd:  # one bill must not hold up the hundreds asked about with it
        log.exception("the answer about bill %s cannot be used", bill.code)
        _ask_again(bill, trouble=f"{type(odd).__name__}: {odd}", at=at)


def _ask_again(bill: Bill, *, trouble: str, at: datetime) -> None:
    _no_answer([bill], trouble=trouble, at=at)
    if bill.closed_at is not None:
        _rows([bill]).update(next_at=next_question(bill, at))


@transaction.atomic
def _no_answer(bills: list[Bill], *, trouble: str, at: datetime) -> None:
    _rows(bills).update(next_at=at + UNKNOWN_AGAIN, trouble=trouble[:80])
    flag_undecided(bills, at=at)


@transaction.atomic
def _note_answer(bill: Bill, *, at: datetime) -> None:
    """Plans the next question; ends the bill when the answer "not paid" came after the end."""
    fresh = Bill.objects.select_for_update().get(pk=bill.pk)
    if fresh.status == BillStatus.ISSUED and at > end_of(fresh):
        end_unpaid(fresh, by="timetable", at=at)
    answer_claim(fresh, at=at)
    fresh.asked_at, fresh.trouble, fresh.undecided_at = at, "", None
    if fresh.next_at == at + LEASE:  # otherwise a callback came while we asked
        fresh.next_at = next_question(fresh, at)
    fresh.save(
        update_fields=["status", "closed_at", "asked_at", "trouble", "undecided_at", "next_at"]
    )


def next_question(bill: Bill, at: datetime, *, end: datetime | None = None) -> datetime | None:
    """`end`: as end_of says, where the caller knows it."""
    if bill.status == BillStatus.ISSUED:
        assert bill.issued_at is not None
        step = EARLY_EVERY if at < bill.issued_at + EARLY else EVERY
        end = (end or end_of(bill)) + timedelta(seconds=1)
        return min(at + step, end) if at < end else at + UNKNOWN_AGAIN
    assert bill.closed_at is not None
    return next(
        (bill.closed_at + wait for wait in AFTER_END if bill.closed_at + wait > at),
        None,
    )


def _rows(bills: list[Bill]) -> "QuerySet[Bill]":
    return Bill.objects.filter(pk__in=[bill.pk for bill in bills])
