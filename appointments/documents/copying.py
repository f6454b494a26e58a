"""Documents taken over into a new application: nobody photographs the same card twice."""

from datetime import datetime

from appointments.documents import storing
from appointments.documents.enums import DocumentStatus
from appointments.documents.models import Document
from appointments.documents.wanted import current, wanted
from appointments.models import Application
from mpaspor.audit import trail

# What a document is, whoever looks at it.
SAME = ("kind", "media", "pages", "remarks", "length", "sha256")


def copy_documents(*, of: Application, to: Application, by: trail.By, at: datetime) -> None:
    """Those that are needed there, too, and were found good or not looked at.

    What was sent there already stays. If the transaction comes to nothing, the files are orphans.
    """
    lacking = {row.paper.code for row in wanted(to, at=at) if row.document is None}
    for document in current(of):
        if document.kind in lacking and document.status != DocumentStatus.NOT_COMPLETE:
            _copy(document, to, by=by, at=at)


def _copy(document: Document, to: Application, *, by: trail.By, at: datetime) -> None:
    try:
        content = storing.read(document.file)
    except OSError:
        return
    same = {name: getattr(document, name) for name in SAME}
    copy = Document.objects.create(
        application=to, file=storing.put_bytes(content), uploaded_at=at, **same
    )
    subject = f"application:{to.code}"
    trail.record("document.copy", subject=subject, document=copy.code, kind=copy.kind, by=by, at=at)
