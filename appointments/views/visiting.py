"""The confirmed appointment: letter, calendar file, and the check that anybody can make."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.requests import SignedInRequest
from appointments.access import application_for, appointment_for, latest_appointment
from appointments.bringing import to_bring
from appointments.calendars import visit_calendar
from appointments.enums import AppointmentStatus
from appointments.letters import letter, qr_svg
from appointments.models import Appointment
from appointments.queries import public_facts
from mpaspor.core import clock
from payments.queries import share_of


@login_required
def visit(request: SignedInRequest, code: str) -> HttpResponse:
    application = application_for(request.user, code)
    appointment = latest_appointment(application)
    if appointment is None or appointment.confirmed_at is None:
        return redirect("application", application.code)
    context = {
        "application": application,
        "appointment": appointment,
        "slot": appointment.slot,
        "paid": share_of(appointment.bill, appointment.code) if appointment.bill else 0,
        "qr": qr_svg(appointment),
        "bring": to_bring(application, on=appointment.slot.date),
    }
    return render(request, "appointments/visit.html", context)


@login_required
def letter_pdf(request: SignedInRequest, code: str) -> HttpResponse:
    appointment = _confirmed(request, code)
    return _file(letter(appointment), "application/pdf", f"m-paspor-{appointment.code}.pdf")


@login_required
def visit_ics(request: SignedInRequest, code: str) -> HttpResponse:
    appointment = _confirmed(request, code)
    calendar = visit_calendar(appointment, at=clock.now())
    return _file(calendar, "text/calendar; charset=utf-8", f"m-paspor-{appointment.code}.ics")


def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Says whether a letter is good, and nothing personal."""
    facts = public_facts(code)
    status = 200 if facts else 404
    return render(request, "appointments/verify.html", {"facts": facts}, status=status)


def _confirmed(request: SignedInRequest, code: str) -> Appointment:
    appointment = appointment_for(request.user, code)
    if appointment.status not in {AppointmentStatus.CONFIRMED, AppointmentStatus.CHECKED_IN}:
        raise Http404(_("There is a letter once the appointment is confirmed."))
    return appointment


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private"}
    return HttpResponse(content, content_type=kind, headers=headers)
