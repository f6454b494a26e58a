"""After an incident: the bills it hit get their time back, with a new code.

The bank stops taking a code at its own time and nobody can move that. So the same bill gets another
code for the time that was left; money for the old one still pays it (payments/codes.py).
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from mpaspor.audit import trail
from payments.enums import BillStatus
from payments.gateway import breaker
from payments.gateway.port import Gateway, GatewayRefused, GatewayUnknown, Issued
from payments.issuing import BATCH, CALLS_AT_ONCE, LEASE, ask_for_code, order_for
from payments.models import Bill, BillCode, Incident
from payments.moments import stop_of
from payments.polling import first_question
from payments.settlement import take_in_orphans
from payments.stopping import current_incident

log = logging.getLogger(__name__)

AGAIN = timedelta(seconds=30)
MINUTE = timedelta(minutes=1)


def renew_codes(*, gateway: Gateway, at: datetime) -> int:
    """New codes for one batch of bills that an incident hit; none while one goes on. How many.

    A worker that dies here loses nothing: a bill's clock stands still until it has its new code.
    """
    if current_incident() or not _due(at).exists():
        return 0
    bills = _claim(at)
    stopped = [bill for bill in bills if stop_of(bill)]
    hit = [bill for bill in stopped if bill.latest is None or bill.latest > at]
    spared = [bill.pk for bill in bills if bill not in stopped]
    Bill.objects.filter(pk__in=spared).update(thawed_at=at, renew_at=None)
    for bill in stopped:
        if bill not in hit:
            _let_run_out(bill, at=at)
    orders = [order_for(_next_order(bill), expires_at=_until(bill, at)) for bill in hit]
    with ThreadPoolExecutor(CALLS_AT_ONCE) as calls:
        replies = list(calls.map(lambda order: ask_for_code(gateway, order), orders))
    if replies:
        answered = any(not isinstance(reply, GatewayUnknown) for reply in replies)
        breaker.note(answered=answered, asked=len(replies), at=at)
    for bill, reply in zip(hit, replies, strict=True):
        _take_reply(bill, reply, at=at)
    return len(bills)


def _due(at: datetime) -> "QuerySet[Bill]":
    """Issued before the last incident ended, and not made good since."""
    last = Incident.objects.aggregate(last=Max("ended_at"))["last"]
    if last is None:
        return Bill.objects.none()
    issued = Bill.objects.filter(status=BillStatus.ISSUED)
    waiting = issued.alias(since=Coalesce("thawed_at", "issued_at")).filter(since__lt=last)
    return waiting.filter(Q(renew_at=None) | Q(renew_at__lte=at))


@transaction.atomic
def _claim(at: datetime) -> list[Bill]:
    """The order number goes up with the claim: each try is another order, for its own time."""
    rows = _due(at).prefetch_related("lines").order_by(F("renew_at").asc(nulls_first=True), "pk")
    batch = breaker.allowed(at=at, batch=BATCH)
    bills = list(rows.select_for_update(skip_locked=True, of=("self",))[:batch])
    claimed = Bill.objects.filter(pk__in=[bill.pk for bill in bills])
    claimed.update(renew_at=at + LEASE, order_number=F("order_number") + 1)
    return bills


def _next_order(bill: Bill) -> Bill:
    bill.order_number += 1
    return bill


def _until(bill: Bill, at: datetime) -> datetime:
    """The time that was left runs from now on, and never into the session."""
    stopped = stop_of(bill)
    assert stopped is not None  # whose clock runs is spared
    assert bill.pay_until is not None
    left = max(bill.pay_until - stopped, timedelta(minutes=settings.THAW_LEAST_MINUTES))
    return min(at + left, bill.latest) if bill.latest else at + left


@transaction.atomic
def _let_run_out(claimed: Bill, *, at: datetime) -> None:
    """No code is to be had for a time that is over: the bill ends as soon as the bank has answered.

    Money that came until the latest moment, while time stood still, pays it all the same.
    """
    bill = Bill.objects.select_for_update().get(pk=claimed.pk)
    if stop_of(bill) is None:
        return  # paid or withdrawn meanwhile
    assert bill.pay_until is not None
    assert bill.latest is not None  # whose time has no end gets a new code
    bill.pay_until = max(bill.pay_until, bill.latest)
    bill.thawed_at, bill.renew_at, bill.next_at = at, None, at
    bill.save(update_fields=["pay_until", "thawed_at", "renew_at", "next_at"])
    trail.record("bill.run_out", subject=f"bill:{bill.code}", by="timetable", at=at)


def _take_reply(
    bill: Bill, reply: Issued | GatewayUnknown | GatewayRefused, *, at: datetime
) -> None:
    if not isinstance(reply, Issued):
        log.warning("bill %s has no new code yet (%s)", bill.code, reply)
        Bill.objects.filter(pk=bill.pk).update(renew_at=at + AGAIN)
        return
    try:
        _renew(bill, reply, at=at)
    except IntegrityError:  # the code of another bill: it must not hold up the others
        log.exception("bill %s was given a code that is taken", bill.code)


@transaction.atomic
def _renew(claimed: Bill, issued: Issued, *, at: datetime) -> None:
    bill = Bill.objects.select_for_update().get(pk=claimed.pk)
    stopped = stop_of(bill)
    if stopped is None or bill.order_number != claimed.order_number:
        return  # paid or withdrawn meanwhile; nobody saw the new code, so nobody can pay it
    assert bill.billing_code is not None  # an issued bill has one
    assert bill.pay_until is not None
    BillCode.objects.create(bill=bill, billing_code=bill.billing_code, replaced_at=at)
    bill.given_minutes += max(issued.expires_at - bill.pay_until, timedelta()) // MINUTE
    bill.billing_code, bill.pay_until = issued.billing_code, issued.expires_at
    bill.thawed_at, bill.renew_at, bill.next_at = at, None, first_question(at)
    bill.save()
    trail.record("bill.renew", subject=f"bill:{bill.code}", by="simponi", at=at)
    take_in_orphans(bill, by="simponi", at=at)
