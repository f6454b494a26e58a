"""“I have paid”: what stands on the receipt, and when the bank's answer is there."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from applicants.requests import SignedInRequest
from applicants.views.keeping import keeps_typed, with_kept
from appointments.access import application_for, latest_appointment
from appointments.documents.receipts import claim_with_receipt
from appointments.forms import ClaimForm
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from payments.enums import BillStatus


@keeps_typed
@login_required
@never_cache
def claim(request: SignedInRequest, code: str) -> HttpResponse:
    appointment = latest_appointment(application_for(request.user, code))
    if appointment is None or appointment.bill is None:
        return redirect("application", code)
    if request.method == "GET" and appointment.bill.status == BillStatus.PAID:
        return redirect("bill", code)
    form = ClaimForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        facts = {"bill": appointment.bill, **form.cleaned_data}
        try:
            claim_with_receipt(**facts, by=request.user, at=clock.now())
        except Refusal as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Thank you. We are asking the bank now."))
            return redirect("bill", code)
    context = {
        "form": with_kept(request, form),
        "application": appointment.application,
        "bill": appointment.bill,
    }
    return render(request, "appointments/claim.html", context)
