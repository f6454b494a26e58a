"""The messages of an account (kotak pesan): what it was told, whatever became of mail and SMS."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mpaspor.core.sealed_columns import fill, opened
from mpaspor.notifications.models import Channel, Message, Notice
from mpaspor.notifications.wording import words_of


@dataclass(frozen=True)
class Letter:
    """A message in words, and the notice that was sent beside it."""

    message: Message
    subject: str
    body: str
    notice: Notice | None


def keep(template: str, *, holder: str, reference: str, at: datetime, **context: Any) -> None:
    """Exactly one message for each `reference`, inside the transaction of what it tells of."""
    message = Message(holder=holder, reference=reference, template=template, created_at=at)
    fill(message, "payload", json.dumps(context))
    Message.objects.bulk_create([message], ignore_conflicts=True)


def letters_of(holder: str, *, most: int | None = None) -> list[Letter]:
    """All of them, or the newest; the newest first."""
    messages = list(Message.objects.filter(holder=holder).order_by("-created_at", "-pk")[:most])
    notices = Notice.objects.in_bulk(
        [message.reference for message in messages], field_name="reference"
    )
    return [_letter(message, notices.get(message.reference)) for message in messages]


def read(*, holder: str, code: str, at: datetime) -> Letter | None:
    """The message of this account, from now on read; nothing for a code that is not its own."""
    message = Message.objects.filter(holder=holder, code=code).first()
    if message is None:
        return None
    if message.read_at is None:
        Message.objects.filter(pk=message.pk, read_at=None).update(read_at=at)
        message.read_at = at
    return _letter(message, Notice.objects.filter(reference=message.reference).first())


def unread(holder: str) -> int:
    return Message.objects.filter(holder=holder, read_at=None).count()


def forget(holder: str) -> None:
    Message.objects.filter(holder=holder).delete()


def _letter(message: Message, notice: Notice | None) -> Letter:
    subject, body = words_of(
        message.template, Channel.EMAIL, json.loads(opened(message, "payload"))
    )
    return Letter(message=message, subject=subject, body=body, notice=notice)
