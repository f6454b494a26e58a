"""Taking a document that was sent, and giving one back while the application is a draft."""

from datetime import datetime

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.documents import storing
from appointments.documents.enums import DocumentStatus
from appointments.documents.models import Document
from appointments.documents.reading import Clean, FileRefused, cleaned
from appointments.documents.wanted import wanted
from appointments.enums import ApplicationStatus
from appointments.models import Application
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal

# From the draft until the person stands at the counter.
OPEN = (ApplicationStatus.DRAFT, ApplicationStatus.SUBMITTED, ApplicationStatus.SCHEDULED)


class DocumentNotWanted(FileRefused):
    code = "document-not-wanted"
    message = _("This application needs no document of that kind.")
    remedy = _("Choose one of the documents in the list.")
    field = "kind"


class DocumentsClosed(Refusal):
    code = "documents-closed"
    message = _("This application is over or the visit has begun; documents are no longer taken.")
    remedy = _("Bring the originals to the office, or start a new application.")


class DocumentComplete(Refusal):
    code = "document-complete"
    message = _("An officer has looked at this document and found it complete.")
    remedy = _("You need not send it again.")


class DocumentStays(Refusal):
    code = "document-stays"
    message = _("The application was already submitted, so its documents stay with it.")
    remedy = _("You can send another photo or PDF in place of this one.")


def take_upload(
    *, application: Application, kind: str, file: "File[bytes]", by: trail.By, at: datetime
) -> Document:
    """Stores what the workshop made of the file, in place of what was there of this kind.

    The same again is the same document. Raises FileRefused, DocumentNotWanted, DocumentsClosed,
    DocumentComplete.
    """
    refuse_unless_open(application, kind, at=at)
    with cleaned(file) as clean:
        name = storing.put(clean.path)
        try:
            taken = _take(application, kind, clean, name, by=by, at=at)
        except BaseException:
            storing.drop(name)
            raise
    if taken.file != name:
        storing.drop(name)
    return taken


@transaction.atomic
def remove_document(*, document: Document, by: trail.By, at: datetime) -> None:
    """Gone with its file. Raises DocumentStays."""
    application = _locked(document.application)
    if application.status != ApplicationStatus.DRAFT:
        raise DocumentStays
    Document.objects.filter(application=application, kind=document.kind).delete()
    trail.record("document.remove", **_about(document), by=by, at=at)


def refuse_unless_open(application: Application, kind: str, *, at: datetime) -> None:
    """Raises DocumentsClosed, DocumentNotWanted, DocumentComplete."""
    if application.status not in OPEN:
        raise DocumentsClosed
    row = next((row for row in wanted(application, at=at) if row.paper.code == kind), None)
    if row is None:
        raise DocumentNotWanted
    if row.document and row.document.status == DocumentStatus.COMPLETE:
        raise DocumentComplete


@transaction.atomic
def _take(
    application: Application, kind: str, clean: Clean, name: str, *, by: trail.By, at: datetime
) -> Document:
    locked = _locked(application)
    refuse_unless_open(locked, kind, at=at)
    before = _current(locked, kind)
    if before and before.sha256 == clean.sha256 and before.status == DocumentStatus.RECEIVED:
        return before
    document = Document(
        application=locked,
        kind=kind,
        media=clean.media,
        pages=clean.pages,
        remarks=clean.remarks,
        length=clean.length,
        sha256=clean.sha256,
        file=name,
        uploaded_at=at,
    )
    _replace(before, document)
    trail.record("document.take", **_about(document), by=by, at=at)
    return document


def _replace(before: Document | None, document: Document) -> None:
    if before:
        storing.drop_after_commit(before.file)
        before.status, before.file = DocumentStatus.REPLACED, ""
        before.save(update_fields=["status", "file"])
    document.save()
    if before:
        before.replaced_by = document
        before.save(update_fields=["replaced_by"])


def _locked(application: Application) -> Application:
    rows = Application.objects.select_for_update(of=("self",)).select_related("person")
    return rows.get(pk=application.pk)


def _current(application: Application, kind: str) -> Document | None:
    rows = Document.objects.filter(application=application, kind=kind)
    return rows.exclude(status=DocumentStatus.REPLACED).first()


def _about(document: Document) -> dict[str, str]:
    subject = f"application:{document.application.code}"
    return {"subject": subject, "document": document.code, "kind": document.kind}
