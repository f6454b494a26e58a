"""What was applied for, put right: asked for by the person, done or refused by an officer."""

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from applicants.requests import SignedInRequest
from appointments.access import application_for, appointments_at, latest_appointment
from appointments.correcting import correct
from appointments.corrections.requesting import (
    approve,
    ask_correction,
    latest_request,
    open_request,
    refuse,
)
from appointments.counter import look
from appointments.enums import EXPECTED, AppointmentStatus
from appointments.forms import AskToCorrectForm, CorrectForm
from appointments.models import Appointment
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
    if request.POST.get("deed") in ("approve", "refuse"):
        return _answer(request, appointment)
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
        "request_open": open_request(appointment),
        "title": _("Correct what was applied for"),
        "appointment": appointment,
        "form": form,
    }
    return render(request, "admin/correct.html", context)


def _answer(request: SignedInRequest, appointment: Appointment) -> HttpResponse:
    """What the person asked for: done, or refused with words."""
    again = redirect("admin:correct", appointment.code)
    asked, at = open_request(appointment), clock.now()
    if asked is None:
        return again
    try:
        if request.POST["deed"] == "approve":
            approve(request=asked, by=request.user, at=at)
            messages.success(request, _("Corrected. The person is told and has a new letter."))
        else:
            answer = request.POST.get("answer", "")[:300]
            refuse(request=asked, answer=answer, by=request.user, at=at)
            messages.success(request, _("Refused. The person is told why."))
    except Refusal as no:
        messages.error(request, str(no))
        return again
    return redirect("admin:appointments_appointment_change", appointment.pk)


@login_required
@never_cache
def ask_page(request: SignedInRequest, code: str) -> HttpResponse:
    application = application_for(request.user, code)
    appointment = latest_appointment(application)
    if appointment is None or appointment.status != AppointmentStatus.CONFIRMED:
        return redirect("application", application.code)
    form = AskToCorrectForm(
        request.POST or None, initial={"kind": application.kind, "book": application.book}
    )
    if form.is_valid():
        try:
            ask_correction(
                appointment=appointment,
                answers=form.answers(),
                cause=form.cause,
                by=request.user,
                at=clock.now(),
            )
            return redirect("ask_to_correct", application.code)
        except Refusal as no:
            form.refuse(no)
    context = {
        "form": form,
        "application": application,
        "asked": latest_request(appointment),
    }
    return render(request, "appointments/ask_to_correct.html", context)
