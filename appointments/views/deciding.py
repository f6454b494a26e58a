"""A document beside the person it is of, and the officer's verdict."""

from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.requests import SignedInRequest
from appointments.counter import look
from appointments.documents.access import document_at
from appointments.documents.judging import ask_again, find_complete
from appointments.documents.models import Document
from appointments.documents.queries import next_waiting
from appointments.forms import VerdictForm
from appointments.models import Appointment
from mpaspor.core import clock
from mpaspor.core.errors import Refusal


def document_decide_page(request: SignedInRequest, code: str) -> HttpResponse:
    document, visit = document_at(request.user, code)
    form = VerdictForm(request.POST or None)
    if form.is_valid():
        try:
            _decide(request, document, visit, form)
            return _on(document, visit)
        except Refusal as no:
            form.refuse(no)
    elif not form.is_bound:
        look([visit], by=request.user, at=clock.now(), through="document")
    context = admin.site.each_context(request) | {
        "title": document.name,
        "document": document,
        "appointment": visit,
        "person": visit.application.person,
        "form": form,
    }
    return render(request, "admin/document.html", context)


def _decide(
    request: SignedInRequest, document: Document, visit: Appointment, form: VerdictForm
) -> None:
    by, at = request.user, clock.now()
    if form.cleaned_data["verdict"] == VerdictForm.COMPLETE:
        find_complete(document=document, by=by, at=at)
        messages.success(request, _("%(name)s: complete.") % {"name": document.name})
        return
    reason, note = form.cleaned_data["reason"], form.cleaned_data["note"]
    ask_again(document=document, visit=visit, reason=reason, note=note, by=by, at=at)
    messages.success(request, _("%(name)s: asked for again.") % {"name": document.name})


def _on(document: Document, visit: Appointment) -> HttpResponse:
    """To the next document of this person, or back to the appointment."""
    following = next_waiting(document)
    if following:
        return redirect("admin:document_decide", following.code)
    return redirect("admin:appointments_appointment_change", visit.pk)
