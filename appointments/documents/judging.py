"""An officer's verdict on a document, before the person comes."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.documents.deadlines import mend_by
from appointments.documents.enums import DocumentStatus, Reason
from appointments.documents.models import Document
from appointments.enums import ApplicationStatus
from appointments.models import Application, Appointment
from appointments.notices import tell_document_again
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal

NOTE_LENGTH = 300


class DocumentChanged(Refusal):
    code = "document-changed"
    message = _("This document was sent anew, or somebody decided about it, in the meantime.")
    remedy = _("Open it again under the appointment.")


class VisitHasBegun(Refusal):
    code = "visit-has-begun"
    message = _("The person has come, or the appointment is not confirmed.")
    remedy = _("Compare the originals at the counter.")


class ReasonMissing(Refusal):
    code = "reason-missing"
    message = _("The person must learn why.")
    remedy = _("Choose a reason.")
    field = "reason"
    status = 422


class NoteMissing(Refusal):
    code = "note-missing"
    message = _("“Another reason” says nothing by itself.")
    remedy = _("Write in a few words what the person is to do.")
    field = "note"
    status = 422


@transaction.atomic
def find_complete(*, document: Document, by: trail.By, at: datetime) -> None:
    """Raises DocumentChanged, VisitHasBegun."""
    waiting = _waiting(document)
    waiting.status, waiting.decided_at = DocumentStatus.COMPLETE, at
    waiting.save(update_fields=["status", "decided_at"])
    _record("document.complete", waiting, by=by, at=at)


@transaction.atomic
def ask_again(
    *, document: Document, visit: Appointment, reason: str, note: str, by: trail.By, at: datetime
) -> None:
    """The person is told why and until when. Raises ReasonMissing, NoteMissing too."""
    if reason not in Reason.values:
        raise ReasonMissing
    if reason == Reason.OTHER and not note.strip():
        raise NoteMissing
    waiting = _waiting(document)
    waiting.status, waiting.decided_at = DocumentStatus.NOT_COMPLETE, at
    waiting.reason, waiting.note = reason, note.strip()[:NOTE_LENGTH]
    waiting.save(update_fields=["status", "decided_at", "reason", "note"])
    _record("document.not_complete", waiting, by=by, at=at, reason=reason)
    tell_document_again(waiting, until=mend_by(visit, at=at), at=at)


def _waiting(document: Document) -> Document:
    """As it is now; neither it nor its application changes until the transaction ends."""
    application = Application.objects.select_for_update().get(pk=document.application_id)
    if application.status != ApplicationStatus.SCHEDULED:
        raise VisitHasBegun
    rows = Document.objects.select_related("application__account", "application__person")
    now = rows.filter(pk=document.pk, status=DocumentStatus.RECEIVED).first()
    if now is None:
        raise DocumentChanged
    return now


def _record(deed: str, document: Document, *, by: trail.By, at: datetime, **facts: str) -> None:
    subject = f"application:{document.application.code}"
    facts |= {"document": document.code, "kind": document.kind}
    trail.record(deed, subject=subject, by=by, at=at, **facts)
