"""Callbacks about codes that no bill has: we ask about them, for there may be money behind."""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from mpaspor.core.claim import claim
from payments.gateway import breaker
from payments.gateway.port import Gateway, GatewayRefused, GatewayUnknown, Money
from payments.models import CallbackEvent
from payments.settlement import NtpnTaken, settle_by_code

log = logging.getLogger(__name__)

BATCH = 100
LEASE = timedelta(seconds=settings.SIMPONI_LEASE)
# A code may become ours, and the money be booked, some time after the callback.
AGAIN = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=24))


def ask_strays(*, gateway: Gateway, at: datetime) -> int:
    """Asks about one batch of such codes; what was paid with them is settled. How many."""
    due = CallbackEvent.objects.filter(next_at__lte=at)
    if not due.exists():
        return 0
    events = claim(CallbackEvent.objects.all(), at=at, batch=_allowed(at), lease=LEASE)
    answers = _inquire(events, gateway, at=at) if events else None
    for event in events:
        for money in (answers or {}).get(event.billing_code, []):
            _settle(event.billing_code, money, at=at)
        _plan(event, answered=answers is not None, at=at)
    return len(events)


def _allowed(at: datetime) -> int:
    return breaker.allowed(at=at, batch=BATCH)


def _inquire(
    events: list[CallbackEvent], gateway: Gateway, *, at: datetime
) -> dict[str, list[Money]] | None:
    """None: nobody knows."""
    try:
        answers = gateway.inquire({event.billing_code for event in events})
    except (GatewayUnknown, GatewayRefused) as trouble:
        log.warning("%d codes could not be asked about (%s)", len(events), trouble)
        breaker.note(answered=isinstance(trouble, GatewayRefused), at=at)
        return None
    breaker.note(answered=True, at=at)
    return answers


def _settle(billing_code: str, money: Money, *, at: datetime) -> None:
    try:
        settle_by_code(billing_code=billing_code, money=money, by="callback", at=at)
    except NtpnTaken:
        log.exception("the receipt told for a stray code is booked for another bill")


def _plan(event: CallbackEvent, *, answered: bool, at: datetime) -> None:
    waits = [event.received_at + wait for wait in AGAIN]
    later = next((moment for moment in waits if moment > at), None)
    event.next_at = later if answered else at + AGAIN[0]
    event.save(update_fields=["next_at"])
