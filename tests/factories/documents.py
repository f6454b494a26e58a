"""Documents as they are after somebody sent them, without the workshop's second of work."""

import secrets
from datetime import datetime
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image

from appointments.documents import storing
from appointments.documents.models import Document
from appointments.models import Application
from mpaspor.core import clock
from tests.factories.appointments import make_application


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


def a_photo() -> bytes:
    file = BytesIO()
    Image.new("RGB", (60, 40), "white").save(file, "JPEG")
    return file.getvalue()
