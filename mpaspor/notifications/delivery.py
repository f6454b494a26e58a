"""Send what lies in the outbox."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import models
from django.utils import translation

from mpaspor.core.claim import claim
from mpaspor.notifications.channels import CARRIERS
from mpaspor.notifications.models import Channel, Notice
from mpaspor.notifications.outbox import opened
from mpaspor.notifications.refusals import NotOnWhatsApp, Undelivered
from mpaspor.notifications.wording import words_of

log = logging.getLogger(__name__)

# Neighbours get ten seconds for each, so that a batch is through before its lease is over.
BATCH = 10
LEASE = timedelta(minutes=2)
# Seconds until the next try, by how many failed; the last one repeats for a day.
BACK_OFF = (5, 30, 120, 600, 3600)
GIVE_UP = timedelta(hours=24)


def deliver(*, at: datetime, batch: int = BATCH) -> int:
    """Sends the notices that are due; returns how many went on, so that some may be due again."""
    waiting = Notice.objects.filter(sent_at__isnull=True, next_at__isnull=False)
    return sum(
        _deliver(notice, at=at) for notice in claim(waiting, at=at, batch=batch, lease=LEASE)
    )


def overdue(*, at: datetime) -> Iterator[str]:
    """Notices that have waited for more than ten minutes, by reference."""
    old = Notice.objects.filter(sent_at__isnull=True, created_at__lt=at - timedelta(minutes=10))
    for reference in old.values_list("reference", flat=True):
        yield f"notice {reference} waits"


def _deliver(notice: Notice, *, at: datetime) -> bool:
    try:
        _hand_over(notice)
    except NotOnWhatsApp as no:
        _turn_to_sms(notice, reason=str(no), at=at)
        return True
    except Exception as trouble:  # a notice that cannot be sent must not hold up the next ones
        reason = str(trouble) if isinstance(trouble, Undelivered) else type(trouble).__name__
        log.warning("notice %s not taken: %s", notice.reference, reason)
        _put_back(notice, reason=reason, at=at)
        return False
    _row(notice).update(sent_at=at, next_at=None, payload=None, error="")
    log.info("notice %s went by %s", notice.reference, notice.channel)
    return True


def _hand_over(notice: Notice) -> None:
    to, context = opened(notice)
    with translation.override(notice.language):
        subject, body = words_of(notice.template, notice.channel, context)
    CARRIERS[notice.channel](
        to=to,
        subject=subject,
        body=body,
        reference=notice.reference,
        language=notice.language,
    )


def _turn_to_sms(notice: Notice, *, reason: str, at: datetime) -> None:
    """Written down before the SMS is sent, which is then due: whoever dies in between sends one.

    Not in the same breath, so that no notice asks two slow neighbours within one lease.
    """
    log.info("notice %s goes by SMS, not by WhatsApp: %s", notice.reference, reason)
    _row(notice).update(channel=Channel.SMS, next_at=at, error="")


def _put_back(notice: Notice, *, reason: str, at: datetime) -> None:
    seconds = BACK_OFF[min(notice.attempts, len(BACK_OFF) - 1)]
    over = at - notice.created_at > GIVE_UP
    _row(notice).update(
        attempts=notice.attempts + 1,
        next_at=None if over else at + timedelta(seconds=seconds),
        error=reason[:80],
    )


def _row(notice: Notice) -> "models.QuerySet[Notice]":
    return Notice.objects.filter(pk=notice.pk)
