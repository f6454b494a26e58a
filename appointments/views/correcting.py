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
from appointments.corrections.forms import AnswerForm
from appointments.corrections.requesting import ask_correction, latest_request, open_request
from appointments.counter import look
from appointments.enums import EXPECTED, AppointmentStatus
from appointments.forms import AskToCorrectForm, CorrectForm
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
    answers = "deed" in request.POST
    asked, answering = open_request(appointment), AnswerForm(request.POST if answers else None)
    if answers and asked is None:
        return redirect("admin:correct", appointment.code)
    if answering.is_valid() and answering.carried_out(asked, by=request.user, at=at):
        messages.success(request, answering.done)
        return back
    form = CorrectForm(None if answers else request.POST or None, initial=now)
    if form.is_valid():
        try:
            correct(appointment=appointment, answers=form.answers(), by=request.user, at=at)
            messages.success(request, _("Corrected. The person is told and has a new letter."))
            return back
        except Refusal as no:
            form.refuse(no)
    elif not (form.is_bound or answers):
        look([appointment], by=request.user, at=at, through="page")
    context = admin.site.each_context(request) | {
        "request_open": asked,
        "answering": answering,
        "title": _("Correct what was applied for"),
        "appointment": appointment,
        "form": form,
    }
    return render(request, "admin/correct.html", context, status=answering.status)


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
