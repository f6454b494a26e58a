"""The confirmed appointment: letter, calendar file, and the check that anybody can make."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from applicants.requests import SignedInRequest
from appointments.access import application_for, appointment_for, latest_appointment
from appointments.bringing import to_bring
from appointments.calendars import visit_calendar
from appointments.calls.queries import number_of
from appointments.enums import EXPECTED, STOPPABLE
from appointments.forms import LetterForm
from appointments.letters import letter, qr_svg
from appointments.models import Appointment
from appointments.rescheduling import changing_of
from appointments.visits.checking import check_letter, in_address
from appointments.visits.enums import LetterState
from appointments.visits.queries import collect_until, steps_of, steps_to_come
from appointments.visits.signing import public_keys
from mpaspor.core import clock
from payments.queries import share_of

STATUS = {
    LetterState.VALID: 200,
    LetterState.MOVED: 410,
    LetterState.CANCELLED: 410,
    LetterState.UNKNOWN: 404,
    LetterState.FORGED: 404,
}


@login_required
def visit(request: SignedInRequest, code: str) -> HttpResponse:
    application = application_for(request.user, code)
    appointment = latest_appointment(application)
    if appointment is None or appointment.status not in EXPECTED:
        return redirect("application", application.code)
    context = {
        "application": application,
        "appointment": appointment,
        "slot": appointment.slot,
        "paid": share_of(appointment.bill, appointment.code) if appointment.bill else 0,
        "qr": qr_svg(appointment),
        "changing": changing_of(appointment, at=clock.now()),
        "steps": steps_of(application),
        "to_come": steps_to_come(application),
        "collect_until": collect_until(application),
        "number": number_of(appointment) if application.status in STOPPABLE else None,
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
    checked = check_letter(code)
    return render(
        request, "appointments/verify.html", {"checked": checked}, status=STATUS[checked.state]
    )


def verify_form(request: HttpRequest) -> HttpResponse:
    """For whoever has a letter and no camera."""
    form = LetterForm(request.GET or None)
    if form.is_valid():
        return redirect("verify", in_address(form.cleaned_data["code"]))
    return render(request, "appointments/verify_form.html", {"form": form})


@cache_control(public=True, max_age=3600)
def letter_keys(request: HttpRequest) -> HttpResponse:
    """What programs check letters with, without asking us."""
    return JsonResponse(public_keys(), content_type="application/jwk-set+json")


def _confirmed(request: SignedInRequest, code: str) -> Appointment:
    appointment = appointment_for(request.user, code)
    if appointment.status not in EXPECTED:
        raise Http404(_("There is a letter once the appointment is confirmed."))
    return appointment


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private"}
    return HttpResponse(content, content_type=kind, headers=headers)
