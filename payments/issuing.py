"""Getting billing codes from the gateway for the bills that were requested."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from mpaspor.audit import trail
from mpaspor.core.claim import claim
from payments.enums import BillStatus
from payments.gateway import breaker
from payments.gateway.port import Gateway, GatewayRefused, GatewayUnknown, Issued, Order
from payments.models import Bill
from payments.polling import first_question
from payments.settlement import take_in_orphans
from payments.tariffs import Line

log = logging.getLogger(__name__)

BATCH = 32
CALLS_AT_ONCE = 16
LEASE = timedelta(seconds=settings.SIMPONI_LEASE)
# Seconds until the next try, by how many failed; the last one repeats.
BACK_OFF = (2, 5, 10, 30, 60)

Reply = Issued | GatewayUnknown | GatewayRefused


def issue_requested(*, gateway: Gateway, at: datetime) -> int:
    """Asks for one batch of codes, several at once; returns how many bills were looked at.

    A worker that dies here loses nothing: the rows are due again after the lease, and our request
    key makes the second order the same bill.
    """
    requested = Bill.objects.filter(status=BillStatus.REQUESTED).prefetch_related("lines")
    if not requested.filter(next_at__lte=at).exists():
        return 0
    bills = claim(requested, at=at, batch=breaker.allowed(at=at, batch=BATCH), lease=LEASE)
    with ThreadPoolExecutor(CALLS_AT_ONCE) as calls:
        orders = [order_for(bill, expires_at=_expires(bill, at)) for bill in bills]
        replies = list(calls.map(lambda order: ask_for_code(gateway, order), orders))
    if replies:
        answered = any(not isinstance(reply, GatewayUnknown) for reply in replies)
        breaker.note(answered=answered, asked=len(replies), at=at)
    for bill, reply in zip(bills, replies, strict=True):
        _take_reply(bill, reply, at=at)
    return len(bills)


def _expires(bill: Bill, at: datetime) -> datetime:
    return at + timedelta(minutes=bill.pay_minutes)


def order_for(bill: Bill, *, expires_at: datetime) -> Order:
    return Order(
        request_key=bill.code if bill.order_number == 1 else f"{bill.code}-{bill.order_number}",
        payer_name=bill.payer_name,
        amount=bill.amount,
        expires_at=expires_at,
        lines=[Line(line.tariff, line.description, line.amount) for line in bill.lines.all()],
    )


def ask_for_code(gateway: Gateway, order: Order) -> Reply:
    try:
        return gateway.create(order)
    except (GatewayUnknown, GatewayRefused) as trouble:
        return trouble


def _take_reply(bill: Bill, reply: Reply, *, at: datetime) -> None:
    try:
        _write_back(bill, reply, at=at)
    except IntegrityError:  # it must not hold up the others of its batch
        _write_back(bill, GatewayUnknown("the code of another bill"), at=at)


@transaction.atomic
def _write_back(bill: Bill, reply: Reply, *, at: datetime) -> None:
    fresh = Bill.objects.select_for_update().get(pk=bill.pk)
    if fresh.status != BillStatus.REQUESTED:
        return
    if not isinstance(reply, Issued):
        _try_later(fresh, reply, at=at)
    elif reply.expires_at - at < timedelta(minutes=fresh.pay_minutes) / 2:
        _order_anew(fresh, at=at)
    else:
        _issue(fresh, reply, at=at)


def _issue(bill: Bill, issued: Issued, *, at: datetime) -> None:
    bill.status = BillStatus.ISSUED
    bill.billing_code = issued.billing_code
    bill.issued_at, bill.pay_until = at, issued.expires_at
    bill.next_at, bill.attempts, bill.trouble = first_question(at), 0, ""
    bill.save()
    trail.record("bill.issue", subject=f"bill:{bill.code}", by="simponi", at=at)
    take_in_orphans(bill, by="simponi", at=at)


def _order_anew(bill: Bill, *, at: datetime) -> None:
    """The gateway made the bill long ago and its answer was lost, so its time is running out.

    Nobody has seen that code, so nobody can pay it: another order gets the full time.
    """
    bill.order_number += 1
    bill.save(update_fields=["order_number"])
    _try_later(bill, GatewayUnknown("its first code ran out unseen"), at=at)


def _try_later(bill: Bill, reply: GatewayUnknown | GatewayRefused, *, at: datetime) -> None:
    seconds = BACK_OFF[min(bill.attempts, len(BACK_OFF) - 1)]
    bill.next_at = at + timedelta(seconds=seconds)
    bill.attempts += 1
    bill.trouble = f"{type(reply).__name__}: {reply}"[:80]
    bill.save(update_fields=["next_at", "attempts", "trouble"])
    log.warning("bill %s has no code yet (%s)", bill.code, bill.trouble)
