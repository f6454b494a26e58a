"""Documents taken over into a new application: nobody photographs the same card twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from appointments.documents import storing
from appointments.documents.enums import DocumentStatus
from appointments.documents.models import Document
from appointments.documents.wanted import current, wanted
from appointments.models import Application
from mpaspor.audit import trail

# What a document is, whoever looks at it.
SAME = ("kind", "media", "pages", "remarks", "length", "sha256")

Files = dict[Document, str]
"""Copies in the storage that no row knows yet, by what they are copies of."""


@contextmanager
def copied_files(of: Application) -> Iterator[Files]:
    """Of what was found good or not looked at. What nobody takes over meanwhile goes again.

    To be entered before the transaction: the storage may be far away.
    """
    files: Files = {}
    try:
        for document in current(of):
            if document.status != DocumentStatus.NOT_COMPLETE:
                _copy(document, files)
        yield files
    finally:
        for name in set(files.values()) - _taken(files):
            storing.drop(name)


def take_over(files: Files, *, to: Application, by: trail.By, at: datetime) -> None:
    """In the caller's transaction. Those that are needed there, too; what was sent there stays."""
    lacking = {row.paper.code for row in wanted(to, at=at) if row.document is None}
    for document, name in files.items():
        if document.kind in lacking:
            _take_over(document, name, to, by=by, at=at)


def _copy(document: Document, files: Files) -> None:
    try:
        files[document] = storing.put_bytes(storing.read(document.file))
    except OSError:  # lost in the storage: it is asked for again
        return


def _taken(files: Files) -> set[str]:
    rows = Document.objects.filter(file__in=files.values())
    return set(rows.values_list("file", flat=True))


def _take_over(
    document: Document, name: str, to: Application, *, by: trail.By, at: datetime
) -> None:
    same = {fact: getattr(document, fact) for fact in SAME}
    copy = Document.objects.create(application=to, file=name, uploaded_at=at, **same)
    subject = f"application:{to.code}"
    trail.record("document.copy", subject=subject, document=copy.code, kind=copy.kind, by=by, at=at)
