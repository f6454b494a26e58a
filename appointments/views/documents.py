"""The documents of an application: the list, sending one, and the door to a file."""

from dataclasses import replace
from io import BytesIO

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from PIL import Image

from applicants import proofs
from applicants.models import User
from applicants.requests import SignedInRequest
from appointments.access import application_for, latest_appointment
from appointments.counter import look
from appointments.documents.access import document_at, document_of, picture_at, picture_of
from appointments.documents.answers import as_bytes, as_file, content_of
from appointments.documents.deadlines import mend_by
from appointments.documents.enums import Media
from appointments.documents.models import Document, ReceiptPicture, Stored
from appointments.documents.reading import NoFile, SeveralFiles
from appointments.documents.taking import OPEN, remove_document, take_upload
from appointments.documents.uploading import uploads_of
from appointments.documents.wanted import wanted
from appointments.enums import ApplicationStatus
from appointments.models import Application
from appointments.queries import members_of
from mpaspor.core import clock
from mpaspor.core.errors import Refusal

# Pixels of the longer edge of a small picture.
PREVIEW = 320


@login_required
@never_cache
def documents(request: SignedInRequest, code: str) -> HttpResponse:
    return _page(request, application_for(request.user, code))


@login_required
@never_cache
@require_POST
def document_send(request: SignedInRequest, code: str, kind: str) -> HttpResponse:
    application = application_for(request.user, code)
    try:
        files = request.FILES.getlist("file")
        if len(files) != 1:
            raise SeveralFiles if files else NoFile
        taken = take_upload(
            application=application, kind=kind, file=files[0], by=request.user, at=clock.now()
        )
    except Refusal as no:
        return _page(request, application, refused=kind, errors=[str(no)])
    messages.success(request, _("%(name)s: received.") % {"name": taken.name})
    return redirect("documents", application.code)


@login_required
@require_POST
def document_remove(request: SignedInRequest, code: str) -> HttpResponse:
    document = document_of(request.user, code)
    remove_document(document=document, by=request.user, at=clock.now())
    messages.success(request, _("%(name)s: taken back.") % {"name": document.name})
    return redirect("documents", document.application.code)


@login_required
@require_safe
def document_file(request: SignedInRequest, code: str) -> HttpResponse:
    """To keep, never to be shown as a page of ours."""
    document = _seen(request, code)
    return as_file(document, f"{document.application.code}-{document.kind}")


@login_required
@require_safe
def document_preview(request: SignedInRequest, code: str) -> HttpResponse:
    """A small picture of a photo."""
    return _preview(_seen(request, code))


@login_required
@require_safe
def receipt_file(request: SignedInRequest, code: str) -> HttpResponse:
    picture = _seen_receipt(request, code)
    return as_file(picture, f"{picture.claim.bill.code}-receipt")


@login_required
@require_safe
def receipt_preview(request: SignedInRequest, code: str) -> HttpResponse:
    return _preview(_seen_receipt(request, code))


def _preview(stored: Stored) -> HttpResponse:
    if not stored.is_photo:
        raise Http404
    with Image.open(BytesIO(content_of(stored)), formats=["JPEG"]) as photo:
        photo.draft("RGB", (PREVIEW, PREVIEW))
        photo.thumbnail((PREVIEW, PREVIEW))
        small = BytesIO()
        photo.save(small, "JPEG", quality=75)
    return as_bytes(small.getvalue(), Media.JPEG, "preview.jpg")


def _page(
    request: SignedInRequest,
    application: Application,
    *,
    refused: str = "",
    errors: list[str] | None = None,
) -> HttpResponse:
    at = clock.now()
    uploads = uploads_of(application, at=at)
    rows = [
        replace(row, percent=uploads[row.paper.code].percent) if row.paper.code in uploads else row
        for row in wanted(application, at=at)
    ]
    needed = [row for row in rows if row.is_needed]
    visit = latest_appointment(application)
    context = {
        "application": application,
        "needed": needed,
        "seen": sum(row.is_seen for row in needed),
        "others": [row for row in rows if not row.is_needed],
        "refused": refused,
        "errors": errors,
        "is_open": application.status in OPEN,
        "is_draft": application.status == ApplicationStatus.DRAFT,
        "is_scheduled": application.status == ApplicationStatus.SCHEDULED,
        "mend_by": mend_by(visit, at=at) if visit else None,
    }
    status = 422 if errors else 200
    return render(request, "appointments/documents.html", context, status=status)


def _seen(request: SignedInRequest, code: str) -> Document:
    """The owner's, or one that an officer may see, which is noted. Raises Http404."""
    try:
        return document_of(request.user, code)
    except Http404:
        if not proofs.has_passed(request):
            raise
    document, visit = document_at(request.user, code)
    assert isinstance(request.user, User)
    look([visit], by=request.user, at=clock.now(), through="document")
    return document


def _seen_receipt(request: SignedInRequest, code: str) -> ReceiptPicture:
    """As `_seen`, by those who look after money."""
    try:
        return picture_of(request.user, code)
    except Http404:
        if not proofs.has_passed(request):
            raise
    picture = picture_at(request.user, code)
    assert isinstance(request.user, User)
    members = members_of(picture.claim.bill)
    look(members, by=request.user, at=clock.now(), through="document")
    return picture
