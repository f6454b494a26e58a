"""Six-digit codes: whoever types back what we sent to a contact holds that contact."""

import hmac
import math
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applicants.contacts import Contact
from applicants.enums import Purpose
from applicants.models import ContactCode, User
from applicants.sms_budget import spend_sms, typed_back
from applicants.try_later import TryLater
from mpaspor.audit import trail
from mpaspor.core.codes import new_code
from mpaspor.core.errors import Refusal
from mpaspor.core.sealed import blind_index
from mpaspor.notifications import outbox
from mpaspor.notifications.models import Channel

QUIET = timedelta(days=1)


class CodeTooSoon(TryLater):
    code = "code-too-soon"
    message = _("We sent you a code a moment ago.")
    remedy = _(
        "Look into your messages first, also among the unwanted ones (spam). You can ask for a new "
        "code in %(wait)s."
    )


class CodeWrong(Refusal):
    code = "code-wrong"
    message = _("This is not the code. Tries left: %(left)s.")
    remedy = _("Type the six digits of the newest message.")
    field = "code"
    status = 422


class CodeUsedUp(Refusal):
    code = "code-used-up"
    message = _("This code cannot be used any more.")
    remedy = _("Press “Send a new code” and type the new one.")
    field = "code"
    status = 422


@dataclass(frozen=True)
class Standing:
    """Whether a code was sent within a day and can be typed back still; seconds to the next one."""

    sent: bool = False
    usable: bool = False
    wait: int = 0


@transaction.atomic
def send_code(
    *, account: User | None, to: Contact, purpose: Purpose, by: trail.By, at: datetime
) -> None:
    """Sends a new code to the contact; the ones before it for this purpose are void.

    Without an account it speaks the language of the page. Raises CodeTooSoon, SmsNumberSpent,
    SmsBlockPaused.
    """
    index = _index(to, purpose)
    ContactCode.objects.bulk_create([ContactCode(contact_index=index)], ignore_conflicts=True)
    row = ContactCode.objects.select_for_update().get(contact_index=index)
    if (again := _again_at(row)) > at:
        raise CodeTooSoon(until=again, at=at)
    if to.channel == Channel.SMS:
        spend_sms(to=to, purpose=purpose, at=at)
    code = f"{secrets.randbelow(1_000_000):06}"
    row.code_digest = _digest(to, code, account)
    row.sendings = row.sendings + 1 if row.sent_at and at - row.sent_at < QUIET else 1
    row.sent_at, row.tries = at, 0
    row.save()
    outbox.enqueue(
        "notices/applicants/code",
        reference=f"code:{new_code()}",
        channel=to.channel,
        to=to.to,
        language=account.language if account else get_language() or "id",
        at=at,
        contact_code=code,
        minutes=settings.CODE_LIFETIME // 60,
    )
    facts = {"channel": to.channel, "purpose": purpose}
    subject = f"account:{account.code}" if account else "account:none"
    trail.record("send_code", subject=subject, by=by, at=at, **facts)


def use_code(
    *, account: User | None, to: Contact, purpose: Purpose, typed: str, at: datetime
) -> None:
    """Returns when `typed` is the newest code sent to the contact for this account and purpose.

    It is used up then. Raises CodeWrong or CodeUsedUp (none sent, too old, too many tries). Every
    try is counted for good, whatever the caller rolls back, so this must not run inside a
    transaction.
    """
    row = ContactCode.objects.filter(
        contact_index=_index(to, purpose),
        sent_at__gt=at - timedelta(seconds=settings.CODE_LIFETIME),
    ).first()
    if row is None or not _counted(row):
        raise CodeUsedUp
    if not hmac.compare_digest(bytes(row.code_digest), _digest(to, typed, account)):
        _refuse_wrong(left=settings.CODE_TRIES - row.tries)
    if not ContactCode.objects.filter(pk=row.pk, sent_at=row.sent_at).delete()[0]:
        raise CodeUsedUp
    if to.channel == Channel.SMS:
        typed_back(to=to, purpose=purpose)


def standing(*, to: Contact, purpose: Purpose, at: datetime) -> Standing:
    row = ContactCode.objects.filter(
        contact_index=_index(to, purpose), sent_at__gt=at - QUIET
    ).first()
    if row is None or row.sent_at is None:
        return Standing()
    wait = math.ceil((_again_at(row) - at).total_seconds())
    young = at - row.sent_at < timedelta(seconds=settings.CODE_LIFETIME)
    return Standing(sent=True, usable=young and row.tries < settings.CODE_TRIES, wait=max(wait, 0))


def forget_codes(contact: Contact) -> None:
    """None that was sent to the contact counts any more, and nothing tells of it."""
    indexes = [_index(contact, purpose) for purpose in Purpose]
    ContactCode.objects.filter(contact_index__in=indexes).delete()


@transaction.atomic(durable=True)
def _counted(row: ContactCode) -> bool:
    """Counts the try before it is judged: many at once have no more tries than one by one."""
    same = ContactCode.objects.filter(pk=row.pk, sent_at=row.sent_at)
    counted = same.filter(tries__lt=settings.CODE_TRIES).update(tries=models.F("tries") + 1)
    if counted:
        row.refresh_from_db(fields=["tries"])
    return bool(counted)


def _refuse_wrong(*, left: int) -> None:
    if left < 1:
        raise CodeUsedUp
    raise CodeWrong(left=left)


def _again_at(row: ContactCode) -> datetime:
    """From when on another code may be sent."""
    if row.sent_at is None:
        return datetime.min.replace(tzinfo=UTC)
    pauses = settings.CODE_PAUSES
    return row.sent_at + timedelta(seconds=pauses[min(row.sendings, len(pauses)) - 1])


def _index(contact: Contact, purpose: Purpose) -> bytes:
    return blind_index(contact.to, purpose=f"contact:{purpose}")


def _digest(contact: Contact, code: str, account: User | None) -> bytes:
    holder = account.code if account else ""
    return blind_index(f"{contact.to}:{holder}:{code}", purpose="contact-code")
