"""The one door to each document."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from appointments.access import Account, appointments_at
from appointments.documents.enums import DocumentStatus
from appointments.documents.models import Document, Upload
from appointments.enums import EXPECTED
from appointments.models import Appointment
from mpaspor.core import clock
from mpaspor.core.codes import typed_code


def document_of(user: Account, code: str) -> Document:
    """One of the account's own, with its file. Raises Http404."""
    rows = _with_file().filter(application__account_id=user.pk)
    return get_object_or_404(rows, code=typed_code(code))


def upload_of(user: Account, code: str) -> Upload:
    """One of the account's own that can be gone on with. Raises Http404."""
    rows = Upload.objects.filter(application__account_id=user.pk, ends_at__gt=clock.now())
    return get_object_or_404(rows.select_related("application"), code=typed_code(code))


def document_at(user: Account, code: str) -> tuple[Document, Appointment]:
    """One of a person whom the user's office expects or has received. Raises Http404."""
    document = get_object_or_404(_with_file(), code=typed_code(code))
    visits = appointments_at(user).filter(application=document.application, status__in=EXPECTED)
    return document, get_object_or_404(visits)


def _with_file() -> "QuerySet[Document]":
    rows = Document.objects.exclude(status=DocumentStatus.REPLACED)
    return rows.select_related("application__account", "application__person")
