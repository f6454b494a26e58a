"""Asking to come earlier, from the page of the visit."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from applicants.requests import SignedInRequest
from appointments.access import application_for, latest_appointment, with_all
from appointments.earlier import ask_earlier, days_before, wish_to_come_earlier
from appointments.enums import AppointmentStatus
from appointments.party import together_with
from appointments.rescheduling import together_in_session
from mpaspor.core import clock
from mpaspor.core.errors import Refusal


@login_required
@never_cache
def earlier(request: SignedInRequest, code: str) -> HttpResponse:
    application = application_for(request.user, code)
    appointment = latest_appointment(application)
    if appointment is None or appointment.status != AppointmentStatus.CONFIRMED:
        return redirect("application", application.code)
    wish = wish_to_come_earlier(appointment)
    if wish is not None:
        return redirect("wish", wish.code)
    if request.method == "POST":
        try:
            placed = ask_earlier(appointment=appointment, by=request.user, at=clock.now())
            return redirect("wish", placed.code)
        except Refusal as no:
            messages.error(request, str(no))
    first, last = days_before(appointment.slot, at=clock.now())
    context = {
        "application": application,
        "slot": appointment.slot,
        "party": together_in_session(appointment, with_all(together_with(appointment))),
        "first": first,
        "last": last,
        "is_possible": first <= last,
    }
    return render(request, "appointments/earlier.html", context)
