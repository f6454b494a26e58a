"""Put a notice into the outbox, inside the transaction of what it tells of."""

import json
from datetime import datetime
from typing import Any

from mpaspor.core.nudge import nudge
from mpaspor.core.sealed_columns import fill
from mpaspor.core.sealed_columns import opened as unsealed
from mpaspor.notifications.models import Channel, Notice

DELIVER = "notifications.deliver"


def enqueue(
    template: str,
    *,
    reference: str,
    channel: Channel,
    to: str,
    language: str,
    at: datetime,
    **context: Any,
) -> None:
    """Exactly one notice for each `reference`, however often it is asked for.

    `template` names `templates/<template>.<channel>.txt`, .sms.txt for WhatsApp, too; the first
    line is the subject of an e-mail. `context` must be JSON.
    """
    notice = Notice(
        reference=reference,
        channel=channel,
        template=template,
        language=language,
        created_at=at,
        next_at=at,
    )
    fill(notice, "payload", json.dumps({"to": to, "context": context}))
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    nudge(DELIVER)


def opened(notice: Notice) -> tuple[str, dict[str, Any]]:
    """Recipient and context of a notice that is not sent yet."""
    content = json.loads(unsealed(notice, "payload"))
    return content["to"], content["context"]
