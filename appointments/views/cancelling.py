"""Cancelling: first what is lost and what comes back, then one press."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from applicants.requests import SignedInRequest
from applicants.views.stepping_up import fresh_code_required
from appointments.access import application_for, latest_appointment, with_all
from appointments.cancelling import CANCELLABLE, cancel, going_with
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from appointments.party import together_with
from appointments.reseating.queries import choice_of
from mpaspor.core import clock
from mpaspor.core.errors import Refusal


@login_required
@never_cache
def cancel_page(request: SignedInRequest, code: str) -> HttpResponse:
    application = application_for(request.user, code)
    appointment = latest_appointment(application)
    if appointment is None or appointment.status not in CANCELLABLE:
        return redirect("application", application.code)
    at = clock.now()
    if choice_of(appointment, at=at):
        return redirect("new_day", application.code)
    is_paid = appointment.status == AppointmentStatus.CONFIRMED
    if request.method == "POST":
        deed = fresh_code_required(_cancel) if is_paid else _cancel
        return deed(request, appointment)
    party = list(with_all(together_with(appointment)))
    context = {
        "application": application,
        "appointment": appointment,
        "slot": appointment.slot,
        "party": going_with(appointment, party, at=at),
        "is_paid": is_paid,
    }
    return render(request, "appointments/cancel.html", context)


def _cancel(request: SignedInRequest, appointment: Appointment) -> HttpResponse:
    """Money is lost by it, so a paid one asks for a fresh code first."""
    alone = request.POST.get("who") != "all" and appointment.status == AppointmentStatus.CONFIRMED
    try:
        cancel(appointment=appointment, alone=alone, by=request.user, at=clock.now())
        messages.success(request, _("Cancelled. The seat goes back to others."))
    except Refusal as no:
        messages.error(request, str(no))
        return redirect("cancel", appointment.application.code)
    return redirect("application", appointment.application.code)
