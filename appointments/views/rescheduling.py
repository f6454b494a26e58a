"""Another day for a paid appointment: the rule first, then a day, then a session."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from applicants.requests import SignedInRequest
from appointments.access import application_for, latest_appointment, with_all
from appointments.enums import AppointmentStatus
from appointments.models import Application, Appointment
from appointments.party import together_with
from appointments.rescheduling import changing_of, reschedule, together_in_session
from mpaspor.core import clock
from mpaspor.core.codes import typed_code
from mpaspor.core.errors import Refusal
from quota.months import month_page
from quota.queries import free_sessions, is_elsewhere


@login_required
@never_cache
def move_day(request: SignedInRequest, code: str) -> HttpResponse:
    application = application_for(request.user, code)
    appointment = _confirmed(application)
    if appointment is None:
        return redirect("application", application.code)
    at, context = clock.now(), _context(request, application, appointment)
    context["changing"] = changing_of(appointment, at=at)
    context["month"] = month_page(
        office=appointment.slot.office,
        service=appointment.slot.service,
        party=len(context["going"]),
        month=request.GET.get("month", ""),
        at=at,
        link=lambda day: reverse("move_session", args=[code, day]) + context["query"],
    )
    return render(request, "appointments/move_day.html", context)


@login_required
@never_cache
def move_session(request: SignedInRequest, code: str, day: date) -> HttpResponse:
    application = application_for(request.user, code)
    appointment = _confirmed(application)
    if appointment is None:
        return redirect("application", application.code)
    if request.method == "POST" and _moved(request, appointment, day):
        return redirect("visit", application.code)
    office = appointment.slot.office
    sessions = free_sessions(
        office=office, day=day, service=appointment.slot.service, at=clock.now()
    )
    context = {"office": office, "day": day, "sessions": sessions}
    asked = _context(request, application, appointment)
    context |= asked | {"days_url": reverse("move_day", args=[code]) + asked["query"]}
    return render(request, "appointments/move_session.html", context)


def _moved(request: SignedInRequest, appointment: Appointment, day: date) -> bool:
    """If not, the person is told why."""
    chosen = [typed_code(text) for text in request.POST.getlist("slot")]
    office = appointment.slot.office.code
    if len(chosen) != 1 or is_elsewhere(chosen[0], office=office, day=day):
        messages.error(request, _("Choose one of the sessions first."))
        return False
    try:
        reschedule(
            appointment=appointment,
            slot_code=chosen[0],
            alone=_is_alone(request),
            by=request.user,
            at=clock.now(),
        )
    except Refusal as no:
        messages.error(request, str(no))
        return False
    messages.success(request, _("The day is changed. The letter is a new one: use only this one."))
    return True


def _confirmed(application: Application) -> Appointment | None:
    appointment = latest_appointment(application)
    is_confirmed = appointment and appointment.status == AppointmentStatus.CONFIRMED
    return appointment if is_confirmed else None


def _is_alone(request: SignedInRequest) -> bool:
    return request.GET.get("who") == "one"


def _context(
    request: SignedInRequest, application: Application, appointment: Appointment
) -> dict[str, Any]:
    """Who is moved: everybody with a seat in the session, unless only this one was asked for."""
    party = together_in_session(appointment, with_all(together_with(appointment)))
    alone = _is_alone(request)
    going = [appointment] if alone else party
    return {
        "code": application.code,
        "application": application,
        "appointment": appointment,
        "slot": appointment.slot,
        "others": len(party) - 1,
        "alone": alone,
        "going": going,
        "applications": [member.application for member in going],
        "party": len(going),
        "query": f"?{urlencode({'who': 'one'})}" if alone else "",
    }
