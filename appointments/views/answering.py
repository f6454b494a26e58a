"""The office moved somebody's appointment: good so, another day, or the fee back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from applicants.requests import SignedInRequest
from appointments.access import application_for, latest_appointment
from appointments.models import Appointment
from appointments.reseating.answering import accept, decline, together
from appointments.reseating.queries import choice_of
from mpaspor.core import clock
from mpaspor.core.errors import Refusal


@login_required
@never_cache
def new_day(request: SignedInRequest, code: str) -> HttpResponse:
    application = application_for(request.user, code)
    appointment, at = latest_appointment(application), clock.now()
    if request.method == "POST" and appointment:
        return _answer(request, appointment)
    choice = choice_of(appointment, at=at) if appointment else None
    if appointment is None or choice is None:
        return redirect("application", application.code)
    context = {
        "application": application,
        "appointment": appointment,
        "slot": appointment.slot,
        "choice": choice,
        "party": together(appointment, at=at),
        "reason": choice.reseating.reason,
    }
    return render(request, "appointments/new_day.html", context)


def _answer(request: SignedInRequest, appointment: Appointment) -> HttpResponse:
    """A torn or unknown press changes nothing and shows the page again."""
    deeds = {
        "accept": (accept, _("Accepted. The letter is a new one: use only this one.")),
        "decline": (decline, _("Cancelled. The treasurer gives the fee back.")),
    }
    deed, done = deeds.get(request.POST.get("answer", ""), (None, ""))
    if deed is None:
        return redirect("new_day", appointment.application.code)
    try:
        deed(appointment=appointment, by=request.user, at=clock.now())
        messages.success(request, done)
    except Refusal as no:
        messages.error(request, str(no))
    return redirect("application", appointment.application.code)
