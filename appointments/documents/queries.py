from datetime import datetime

from django.db.models import Count, Exists, OuterRef, QuerySet

from appointments.documents.enums import DocumentStatus
from appointments.documents.models import Document, ReceiptPicture
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from payments.models import Claim


def with_documents_waiting(rows: "QuerySet[Appointment]") -> "QuerySet[Appointment]":
    """Of these the confirmed ones with a document that no officer has looked at."""
    waiting = Document.objects.filter(
        application=OuterRef("application"), status=DocumentStatus.RECEIVED
    )
    return rows.filter(Exists(waiting), status=AppointmentStatus.CONFIRMED)


def documents_waiting(at: datetime) -> dict[int, int]:
    """How many visits to come have documents to be looked at, by office."""
    rows = with_documents_waiting(Appointment.objects.filter(slot__ends_at__gt=at))
    return dict(rows.values_list("slot__office").annotate(visits=Count("pk")))


def next_waiting(document: Document) -> Document | None:
    """Another one of the same application."""
    rows = Document.objects.filter(application_id=document.application_id)
    return rows.filter(status=DocumentStatus.RECEIVED).order_by("pk").first()


def picture_with(claim: Claim) -> ReceiptPicture | None:
    """What was sent with it, while it is kept."""
    return ReceiptPicture.objects.filter(claim=claim).first() if claim.has_picture else None
