"""Emptying a session or a day: what would happen, one press, and how far it has come."""

from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.requests import SignedInRequest
from appointments.access import reseating_at, session_to_empty
from appointments.counter import look
from appointments.forms import ReseatForm
from appointments.reseating.beginning import begin, look_again
from appointments.reseating.planning import plan_of, sessions_to_empty
from appointments.reseating.queries import acts_of, progress_of
from mpaspor.core import clock
from mpaspor.core.errors import Refusal


def reseat_page(request: SignedInRequest, code: str) -> HttpResponse:
    slot, at = session_to_empty(request.user, code), clock.now()
    whole_day = request.GET.get("what") == "day"
    form = ReseatForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            act = begin(slot=slot, whole_day=whole_day, reason=reason, by=request.user, at=at)
            return redirect("admin:reseating", act.code)
        except Refusal as no:
            form.refuse(no)
    slots = sessions_to_empty(slot, whole_day=whole_day, at=at)
    groups = plan_of(slots, at=at)
    people = [member for group in groups for member in group.members]
    look(people, by=request.user, at=at, through="page")
    context = admin.site.each_context(request) | {
        "title": _("Move everybody and close"),
        "slot": slot,
        "whole_day": whole_day,
        "sessions": len(slots),
        "groups": groups,
        "people": len(people),
        "seatless": sum(len(group.members) for group in groups if group.slot is None),
        "acts": acts_of(slots),
        "form": form,
    }
    return render(request, "admin/reseat.html", context)


def reseating_page(request: SignedInRequest, code: str) -> HttpResponse:
    act, at = reseating_at(request.user, code), clock.now()
    if request.method == "POST":
        look_again(act=act, by=request.user, at=at)
        return redirect("admin:reseating", act.code)
    progress = progress_of(act)
    look(progress.seatless, by=request.user, at=at, through="page")
    context = admin.site.each_context(request) | {
        "title": _("Moving everybody"),
        "act": act,
        "progress": progress,
    }
    return render(request, "admin/reseating.html", context)
