"""What was applied for, put right from the appointment's page in the admin."""

from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from applicants.requests import SignedInRequest
from appointments.access import appointments_at
from appointments.correcting import correct
from appointments.counter import look
from appointments.enums import EXPECTED
from appointments.forms import CorrectForm
from mpaspor.core import clock
from mpaspor.core.codes import typed_code
from mpaspor.core.errors import Refusal


def correct_page(request: SignedInRequest, code: str) -> HttpResponse:
    appointment = get_object_or_404(appointments_at(request.user), code=typed_code(code))
    back = redirect("admin:appointments_appointment_change", appointment.pk)
    if appointment.status not in EXPECTED:
        return back
    application, at = appointment.application, clock.now()
    now = {"kind": application.kind, "book": application.book}
    form = CorrectForm(request.POST or None, initial=now)
    if form.is_valid():
        try:
            correct(appointment=appointment, answers=form.answers(), by=request.user, at=at)
            messages.success(request, _("Corrected. The person is told and has a new letter."))
            return back
        except Refusal as no:
            form.refuse(no)
    elif not form.is_bound:
        look([appointment], by=request.user, at=at, through="page")
    context = admin.site.each_context(request) | {
        "title": _("Correct what was applied for"),
        "appointment": appointment,
        "form": form,
    }
    return render(request, "admin/correct.html", context)
