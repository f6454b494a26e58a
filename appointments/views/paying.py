"""Review, bill, and the page that turns to paid by itself."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from applicants.requests import SignedInRequest
from appointments.access import application_for, appointment_to_change, latest_appointment
from appointments.booking import release_hold
from appointments.enums import AppointmentStatus
from appointments.models import Application, Appointment
from appointments.queries import shares_of, shares_to_be, unseated_party
from appointments.steps import current_step
from appointments.submitting import HoldLapsed, request_payment
from appointments.thawing import stop_of_hold
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from payments.enums import BillStatus
from payments.models import Bill, Case, Claim, Incident
from payments.moments import stop_of
from payments.queries import cases_of, newest_claim
from payments.stopping import current_incident

# htmx stops polling on this answer.
STOP_POLLING = 286


@login_required
@never_cache
def review(request: SignedInRequest, code: str) -> HttpResponse:
    if request.method == "POST" and _payment_requested(request, code):
        return redirect("bill", code)
    application = application_for(request.user, code)
    appointment = latest_appointment(application)
    at = clock.now()
    step = current_step(application, appointment, at=at)
    if appointment is None or step != "review":
        if appointment and step == "choose_office" and request.method == "GET":
            messages.warning(request, str(HoldLapsed()))
        return _on(application, appointment)
    shares = shares_to_be(appointment, at=at)
    context = {
        "application": application,
        "appointment": appointment,
        "shares": shares,
        "total": sum(share.amount for share in shares),
        "outage": current_incident(),
        "stopped": stop_of_hold(appointment),
    }
    return render(request, "appointments/review.html", context)


def _payment_requested(request: SignedInRequest, code: str) -> bool:
    """Whether a bill is asked for now; if not, the person is told why."""
    held = appointment_to_change(request.user, code)
    if held is None:
        return False
    try:
        request_payment(appointment=held, by=request.user, at=clock.now())
    except Refusal as no:
        messages.error(request, str(no))
        return False
    return True


@login_required
@require_POST
def other_session(request: SignedInRequest, code: str) -> HttpResponse:
    application = application_for(request.user, code)
    appointment = latest_appointment(application)
    if appointment is not None:
        release_hold(appointment=appointment, by=request.user, at=clock.now())
    return _on(application, appointment)


def _on(application: Application, appointment: Appointment | None) -> HttpResponse:
    """To where it stands; a party without seats chooses again together."""
    codes = unseated_party(appointment) if appointment else ""
    return redirect("choose_office", codes) if codes else redirect("application", application.code)


@login_required
@never_cache
def bill(request: SignedInRequest, code: str) -> HttpResponse:
    appointment = _billed(request, code)
    if appointment is None:
        return redirect("application", code)
    context = {
        "application": appointment.application,
        **_news(appointment),
        **_shares(appointment),
    }
    return render(request, "appointments/bill.html", context)


@login_required
@never_cache
def bill_status(request: SignedInRequest, code: str) -> HttpResponse:
    """The part of the bill page that changes, asked for every two seconds; 204: as seen."""
    appointment = _billed(request, code)
    if appointment is None:
        return HttpResponse(status=STOP_POLLING)
    news = _news(appointment)
    if news["state"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    context = {"application": appointment.application, **news, **_shares(appointment)}
    status = 200 if news["waiting"] else STOP_POLLING
    return render(request, "appointments/_bill.html", context, status=status)


def _billed(request: SignedInRequest, code: str) -> Appointment | None:
    appointment = latest_appointment(application_for(request.user, code))
    return appointment if appointment and appointment.bill_id else None


def _news(appointment: Appointment) -> dict[str, object]:
    """All that changes while one waits, with a `state` that tells whether it did."""
    bill = appointment.bill
    assert bill is not None  # _billed looked
    cases, claim = cases_of(bill), newest_claim(bill)
    trouble = "trouble" if bill.trouble else "well"
    outage, stopped = current_incident(), stop_of(bill)
    waiting_for = _state(claim) + _clock(bill, stopped, outage)
    return {
        "appointment": appointment,
        "bill": bill,
        "slot": appointment.slot,
        "cases": cases,
        "claim": claim,
        "may_claim": bill.status in {BillStatus.ISSUED, BillStatus.EXPIRED},
        "state": f"{appointment.status}.{bill.status}.{trouble}.{len(cases)}.{waiting_for}",
        "outage": outage,
        "stopped": stopped,
        "waiting": _is_waiting(appointment, bill, cases),
    }


def _shares(appointment: Appointment) -> dict[str, object]:
    assert appointment.bill is not None  # _billed looked
    shares = shares_of(appointment.bill)
    codes = "-".join(share.appointment.application.code for share in shares)
    return {"shares": shares, "codes": codes}


def _state(claim: Claim | None) -> str:
    if claim is None:
        return "none"
    return "answered" if claim.answered_at else "asking"


def _clock(bill: Bill, stopped: datetime | None, outage: Incident | None) -> str:
    """What an outage changes on the page: that time stands still, and then the new code."""
    if stopped:
        return ".outage" if outage else ".stopped"
    return f".code{bill.order_number}" if bill.given_minutes else ""


def _is_waiting(appointment: Appointment, bill: Bill, cases: list[Case]) -> bool:
    """For the money, or for the seat that comes of it."""
    if appointment.status == AppointmentStatus.EXPIRED:
        return bill.status == BillStatus.PAID and not cases
    return appointment.status == AppointmentStatus.AWAITING_PAYMENT
