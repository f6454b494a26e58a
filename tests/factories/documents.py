"""Documents as they are after somebody sent them, without the workshop's second of work."""

import secrets
from datetime import datetime
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from appointments.documents import storing
from appointments.documents.models import Document, ReceiptPicture
from appointments.models import Application, Appointment
from mpaspor.core import clock
from payments.claiming import claim_paid
from payments.polling import ask_due
from tests.factories.appointments import PromptGateway, make_application, make_awaiting


def make_document(
    *,
    application: Application | None = None,
    kind: str = "ktp",
    content: bytes = b"",
    at: datetime | None = None,
    **facts: Any,
) -> Document:
    """A photo of the identity card, by default."""
    content = content or a_photo()
    usual: dict[str, Any] = {"media": "image/jpeg", "pages": 1, "sha256": secrets.token_hex(32)}
    return Document.objects.create(
        application=application or make_application(),
        kind=kind,
        length=len(content),
        file=storing.place().save(f"aa/{secrets.token_hex(16)}", ContentFile(content)),
        uploaded_at=at or clock.now(),
        **usual | facts,
    )


def make_receipt(appointment: Appointment | None = None, *, content: bytes = b"") -> ReceiptPicture:
    """Sent with “I have paid”, and the bank says "not paid": a treasurer is to look at it."""
    appointment, at, content = appointment or make_awaiting(), clock.now(), content or a_photo()
    assert appointment.bill is not None
    claim = claim_paid(bill_code=appointment.bill.code, ntpn="", has_picture=True, by="test", at=at)
    picture = ReceiptPicture.objects.create(
        claim=claim,
        media="image/jpeg",
        pages=1,
        length=len(content),
        sha256=secrets.token_hex(32),
        file=storing.place().save(f"aa/{secrets.token_hex(16)}", ContentFile(content)),
        uploaded_at=at,
    )
    ask_due(gateway=PromptGateway(), at=at)
    claim.refresh_from_db()
    return picture


def a_photo() -> bytes:
    file = BytesIO()
    Image.new("RGB", (60, 40), "white").save(file, "JPEG")
    return file.getvalue()
