"""Counters as officers use them: who is called next, and numbers for the door."""

import re

from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.requests import SignedInRequest
from appointments.calls.access import counter_at, counters_of, number_at
from appointments.calls.forms import CounterDeedForm, WalkInForm
from appointments.calls.numbering import give_walk_in_number
from appointments.calls.queries import desk_of
from appointments.views.receiving import for_receivers
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from quota.access import offices_of

NUMBER = re.compile(r"[0-9]{1,18}")


@for_receivers
def counters_page(request: SignedInRequest) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": _("Counters"),
        "counters": counters_of(request.user).prefetch_related("numbers"),
    }
    return render(request, "admin/counters.html", context)


def counter_page(request: SignedInRequest, pk: int) -> HttpResponse:
    counter, at = counter_at(request.user, pk), clock.now()
    shown = NUMBER.fullmatch(request.POST.get("number", ""))
    number = number_at(request.user, int(shown[0])) if shown else None
    form = CounterDeedForm(request.POST if request.method == "POST" else None, number=number)
    if form.is_valid() and form.carried_out(counter, by=request.user, at=at):
        if form.cleaned_data["deed"] == "begin" and number and number.appointment:
            return redirect("admin:passport_decide", number.appointment.application.code)
        return redirect("admin:counter", pk)
    counter.refresh_from_db(fields=["is_open"])
    context = admin.site.each_context(request) | {
        "title": _("Counter %(counter)s") % {"counter": counter},
        "desk": desk_of(counter, at=at),
        "form": form,
    }
    return render(request, "admin/counter.html", context, status=form.status)


@for_receivers
def walk_in_page(request: SignedInRequest) -> HttpResponse:
    form = WalkInForm(request.POST or None, offices=offices_of(request.user))
    if form.is_valid():
        office = form.cleaned_data["office"]
        try:
            number = give_walk_in_number(office=office, by=request.user, at=clock.now())
            return redirect("admin:number_slip", number.pk)
        except Refusal as no:
            form.refuse(no)
    context = admin.site.each_context(request) | {
        "title": _("Number without an appointment"),
        "form": form,
    }
    return render(request, "admin/walk_in.html", context)


def number_slip_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """To be printed, or shown to the person."""
    number = number_at(request.user, pk)
    context = admin.site.each_context(request) | {"title": _("Queue number"), "number": number}
    return render(request, "admin/number_slip.html", context)
