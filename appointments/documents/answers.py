"""A kept file as an answer of the server."""

from django.http import Http404, HttpResponse

from appointments.documents import storing
from appointments.documents.enums import Media
from appointments.documents.models import Stored

# Nothing in a file of strangers may run, even if a browser shows it after all.
SHUT = "sandbox; default-src 'none'"
ENDINGS = {Media.JPEG: "jpg", Media.PDF: "pdf"}


def as_file(stored: Stored, name: str) -> HttpResponse:
    ending = ENDINGS[Media(stored.media)]
    return as_bytes(content_of(stored), stored.media, f"{name}.{ending}".lower())


def content_of(stored: Stored) -> bytes:
    try:
        return storing.read(stored.file)
    except OSError as lost:
        raise Http404 from lost


def as_bytes(content: bytes, media: str, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": SHUT,
        "Cache-Control": "private, no-store",
    }
    # A member of an enumeration is no plain text to every server.
    return HttpResponse(content, content_type=str(media), headers=headers)
