"""The one door to each document and to each picture of a receipt."""

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from appointments.access import Account, appointments_at, appointments_of
from appointments.documents.enums import DocumentStatus
from appointments.documents.models import Document, ReceiptPicture, Upload
from appointments.enums import EXPECTED, AppointmentStatus
from appointments.models import Appointment
from mpaspor.core import clock
from mpaspor.core.codes import typed_code
from quota.access import reads_money


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


def documents_at(user: Account) -> "QuerySet[Document]":
    """Those that wait for a verdict before a visit to the user's office."""
    visits = appointments_at(user).filter(status=AppointmentStatus.CONFIRMED)
    waiting = _with_file().filter(status=DocumentStatus.RECEIVED)
    return waiting.filter(application__in=visits.values("application"))


def picture_of(user: Account, code: str) -> ReceiptPicture:
    """One that the account sent with “I have paid”. Raises Http404."""
    bills = appointments_of(user).filter(bill__isnull=False).values("bill")
    return get_object_or_404(pictures().filter(claim__bill__in=bills), code=typed_code(code))


def picture_at(user: Account, code: str) -> ReceiptPicture:
    """Any, for treasurers and auditors. Raises Http404."""
    if not reads_money(user):
        raise Http404
    return get_object_or_404(pictures(), code=typed_code(code))


def pictures() -> "QuerySet[ReceiptPicture]":
    return ReceiptPicture.objects.select_related("claim__bill", "claim__closed_by")


def _with_file() -> "QuerySet[Document]":
    rows = Document.objects.exclude(status=DocumentStatus.REPLACED)
    return rows.select_related("application__account", "application__person")
