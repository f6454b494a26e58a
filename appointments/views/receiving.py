"""Receiving people at an office: today's desk, the roster of a day, the counter."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.queries import waiting_requests
from applicants.requests import SignedInRequest
from appointments.access import receives_people, roster
from appointments.bringing import ToBring, to_bring
from appointments.calls.queries import number_of
from appointments.counter import look, receive
from appointments.desk import desks, picked, sessions
from appointments.forms import CheckInForm, RosterForm
from appointments.models import Appointment
from appointments.visits.queries import next_step
from mpaspor.core import clock
from payments.desk import numbers as money_numbers
from payments.incidents import open_incidents
from quota.access import keeps_to_money, officer_may, offices_of
from quota.enums import Role
from quota.models import Release

Page = Callable[[SignedInRequest], HttpResponse]


def for_receivers(page: Page) -> Page:
    """Behind the admin's own door: only for officers who receive people."""

    @wraps(page)
    def guarded(request: SignedInRequest) -> HttpResponse:
        if not receives_people(request.user):
            raise PermissionDenied
        return page(request)

    return guarded


def todays_desk(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the front page of the admin shows, added to its context."""
    own = desks(offices_of(request.user), at=clock.now())
    busy = [desk for desk in own if not desk.is_quiet]
    numbers = {
        name: sum(getattr(desk, name) for desk in own)
        for name in ("expected", "arrived", "awaited", "free", "documents")
    }
    return (
        context
        | numbers
        | {
            "desks": own if len(own) == 1 else busy,
            "offices": len(own),
            "quiet": len(own) - len(busy),
            "receives": receives_people(request.user),
            "incidents": open_incidents(),
            "ends_incidents": officer_may(request.user, Role.CENTRE),
            "data_requests": _data_requests(request),
            "money": money_numbers(at=clock.now()) if keeps_to_money(request.user) else None,
            "sees_releases": admin.site.is_registered(Release)
            and admin.site.get_model_admin(Release).has_view_permission(request),
        }
    )


def _data_requests(request: HttpRequest) -> dict[str, int] | None:
    """How many requests about data wait for the centre, and how many of them are late."""
    if not officer_may(request.user, Role.CENTRE):
        return None
    return waiting_requests(at=clock.now())


@for_receivers
def roster_page(request: SignedInRequest) -> HttpResponse:
    at = clock.now()
    if request.method == "POST":
        return _check_in_from_list(request, at)
    offices = offices_of(request.user)
    context = _admin(request, _("Roster of the day"))
    if offices.exists():
        form = RosterForm(request.GET, offices=offices, at=at)
        context["form"] = form
        context |= _roster(request, form.cleaned_data, at) if form.is_valid() else {}
    return render(request, "admin/roster.html", context)


@for_receivers
def check_in_page(request: SignedInRequest) -> HttpResponse:
    """Answers one code and waits for the next one."""
    form = CheckInForm(request.POST or None)
    context = _admin(request, _("Check-in"))
    if form.is_valid():
        text = form.cleaned_data["code"]
        context["reception"] = receive(text=text, by=request.user, at=clock.now())
        context["typed"] = text
        came = context["reception"].appointment
        context["next_step"] = next_step(came.application) if came else None
        context["number"] = number_of(came) if came else None
        context["bring"] = _to_bring(came)
        form = CheckInForm()
    return render(request, "admin/check_in.html", context | {"form": form})


def _to_bring(appointment: Appointment | None) -> ToBring | None:
    """What the person at the counter must show, by the rules of the day of the visit."""
    if appointment is None:
        return None
    return to_bring(appointment.application, on=appointment.slot.date)


def _admin(request: HttpRequest, title: str) -> dict[str, Any]:
    return admin.site.each_context(request) | {"title": title}


def _roster(request: SignedInRequest, wish: dict[str, Any], at: datetime) -> dict[str, Any]:
    office, day = wish["office"], wish["day"]
    everybody = roster(request.user, office=office, day=day)
    people = list(picked(everybody, show=wish["show"], words=wish["q"]))
    if wish["q"]:
        look(people, by=request.user, at=at, through="search")
    return {
        "office": office,
        "day": day,
        "sessions": sessions(people, office=office, day=day),
        "people": len(people),
        "is_today": day == office.local(at).date(),
        "day_before": day - timedelta(days=1),
        "day_after": day + timedelta(days=1),
        "at": at,
    }


def _check_in_from_list(request: SignedInRequest, at: datetime) -> HttpResponse:
    code = request.POST.get("code", "")
    reception = receive(text=code, by=request.user, at=at)
    if reception.refusal:
        messages.error(request, str(reception.refusal))
    elif reception.appointment:
        name = reception.appointment.application.person.name
        messages.success(request, _("%(name)s is checked in.") % {"name": name})
    return redirect(request.get_full_path())
