"""The door for a file that comes in parts, for static/js/upload.js. Answers are JSON."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from applicants.requests import SignedInRequest
from appointments.access import application_for
from appointments.documents.access import upload_of
from appointments.documents.models import Upload
from appointments.documents.uploading import (
    PartTooLarge,
    begin_upload,
    finish_upload,
    take_part,
)
from mpaspor.core import clock
from mpaspor.core.errors import Refusal

View = Callable[..., HttpResponse]

RAW = "application/octet-stream"
# More digits than any file has bytes mean nothing here.
NUMBER = re.compile(r"[0-9]{1,9}")


def says_no(view: View) -> View:
    """A refusal as JSON, with the place to go on from where there is one."""

    @wraps(view)
    def door(request: SignedInRequest, *places: Any, **named: Any) -> HttpResponse:
        try:
            return view(request, *places, **named)
        except Refusal as no:
            facts = {"offset": no.facts["offset"]} if "offset" in no.facts else {}
            return JsonResponse({"detail": str(no), **facts}, status=no.status)
        except UnreadablePostError:
            # Whoever broke off reads no answer.
            return HttpResponse(status=400)

    return door


@login_required
@never_cache
@require_POST
@says_no
def upload_begin(request: SignedInRequest, code: str, kind: str) -> HttpResponse:
    upload = begin_upload(
        application=application_for(request.user, code),
        kind=kind,
        length=_number(request.POST.get("length", "")),
        sha256=request.POST.get("sha256", ""),
        at=clock.now(),
    )
    return _state(upload)


@login_required
@never_cache
@says_no
def upload_parts(request: SignedInRequest, code: str) -> HttpResponse:
    """GET says how much has arrived; POST brings what follows at `offset`.

    The last part, or an empty one after it, makes the document.
    """
    upload = upload_of(request.user, code)
    if request.method != "POST":
        return _state(upload)
    length = _number(request.META.get("CONTENT_LENGTH") or "0")
    if length and request.content_type != RAW:
        return HttpResponse(status=415)
    if not 0 <= length <= settings.UPLOAD_PART_BYTES:
        raise PartTooLarge(part=settings.UPLOAD_PART_BYTES)
    arrived = upload.arrived
    if arrived < upload.length:
        offset = _number(request.GET.get("offset", ""))
        arrived = take_part(upload=upload, offset=offset, content=request.body)
    if arrived < upload.length:
        return _state(upload)
    return _finished(request, upload)


def _finished(request: SignedInRequest, upload: Upload) -> HttpResponse:
    application, kind = upload.application, upload.kind
    document = finish_upload(upload=upload, by=request.user, at=clock.now())
    messages.success(request, _("%(name)s: received.") % {"name": document.name})
    page = reverse("documents", args=[application.code])
    return JsonResponse({"next": f"{page}?sent={kind}#{kind}"})


def _state(upload: Upload) -> HttpResponse:
    return JsonResponse(
        {
            "url": reverse("upload_parts", args=[upload.code]),
            "offset": upload.arrived,
            "part": settings.UPLOAD_PART_BYTES,
        }
    )


def _number(text: str) -> int:
    """-1 for what is none."""
    return int(text) if NUMBER.fullmatch(text) else -1
