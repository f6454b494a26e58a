"""Notices as a deed would leave them."""

from datetime import datetime
from typing import Any

from mpaspor.core import clock
from mpaspor.notifications.models import Channel, Notice
from mpaspor.notifications.outbox import enqueue

# Everything the notices of an appointment say.
CONTEXT = {
    "code": "ACD3EFG4HJ",
    "application": "KMN6PQR7TU",
    "name": "Siti Nurhaliza D'Arcy",
    "office": "Kantor Imigrasi Bandung",
    "zone": "Asia/Jakarta",
    "day": "2026-12-07",
    "starts": "08:00:00",
    "ends": "09:00:00",
}


def make_notice(
    *,
    reference: str = "confirmed:ACD3EFG4HJ",
    template: str = "notices/appointments/confirmed",
    channel: Channel = Channel.EMAIL,
    to: str = "siti@example.test",
    language: str = "id",
    at: datetime | None = None,
    **context: Any,
) -> Notice:
    """The notice as it lies in the outbox."""
    enqueue(
        template,
        reference=reference,
        channel=channel,
        to=to,
        language=language,
        at=at or clock.now(),
        **CONTEXT | context,
    )
    return Notice.objects.get(reference=reference)
