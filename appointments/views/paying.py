"""Review, bill, and the page that turns to paid by itself."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from applicants.requests import SignedInRequest
from appointments.access import application_for, appointment_to_change, latest_appointment
from appointments.booking import release_hold
from appointments.documents.queries import picture_with
from appointments.enums import ApplicationStatus
from appointments.models import Application, Appointment
from appointments.queries import shares_of, shares_to_be, unseated_party
from appointments.receipts import receipt
from appointments.steps import current_step
from appointments.submitting import HoldLapsed, request_payment
from appointments.thawing import stop_of_hold
from appointments.watching import Watched, watched
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from payments.enums import BillStatus
from payments.inquiring import ask_oftener
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
        if appointment and step == "tasks" and request.method == "GET":
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
        messages.info(request, _("Your seat was given back. Choose another one."))
    return _on(application, appointment)


def _on(application: Application, appointment: Appointment | None) -> HttpResponse:
    """To where it stands; who has no seat chooses again, a party together."""
    if application.status != ApplicationStatus.DRAFT or not appointment:
        return redirect("application", application.code)
    return redirect("choose_office", unseated_party(appointment) or application.code)


@login_required
@never_cache
def bill(request: SignedInRequest, code: str) -> HttpResponse:
    seen = _billed(request, code)
    if seen is None:
        return redirect("application", code)
    return render(request, "appointments/bill.html", _shown(seen))


@login_required
@never_cache
def bill_status(request: SignedInRequest, code: str) -> HttpResponse:
    """The part of the bill page that changes, asked for again and again; 204: as seen."""
    seen = _billed(request, code)
    if seen is None:
        return HttpResponse(status=STOP_POLLING)
    ask_oftener(bill=seen.bill)
    if seen.state == request.GET.get("seen"):
        return HttpResponse(status=204)
    status = 200 if seen.is_waiting else STOP_POLLING
    return render(request, "appointments/_bill.html", _shown(seen), status=status)


@login_required
@never_cache
def receipt_pdf(request: SignedInRequest, code: str) -> HttpResponse:
    seen = _billed(request, code)
    if seen is None or seen.bill.status != BillStatus.PAID:
        return redirect("bill", code)
    return pdf_file(receipt(seen.bill), f"m-paspor-{seen.bill.code}")


def pdf_file(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _billed(request: SignedInRequest, code: str) -> Watched | None:
    seen = watched(request.user, code)
    if seen is None:
        application_for(request.user, code)  # of somebody else: there is no such page
    return seen


def _shown(seen: Watched) -> dict[str, object]:
    bill, appointment = seen.bill, seen.appointment
    shares = shares_of(bill)
    claim = newest_claim(bill) if seen.claim != "none" else None
    return {
        "seen": seen,
        "appointment": appointment,
        "application": appointment.application,
        "slot": appointment.slot,
        "bill": bill,
        "outage": seen.outage,
        "stopped": seen.stopped,
        "cases": cases_of(bill) if seen.cases else [],
        "claim": claim,
        "picture": picture_with(claim) if claim else None,
        "shares": shares,
        "codes": "-".join(share.appointment.application.code for share in shares),
    }
