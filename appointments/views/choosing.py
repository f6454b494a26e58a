"""Choosing a seat: office, day, session."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applicants.requests import SignedInRequest
from appointments.access import applications_for, drafts_of
from appointments.advising import advice_for
from appointments.booking import hold_seats
from appointments.enums import ApplicationStatus
from appointments.forms import TogetherForm
from appointments.models import Application
from appointments.party import refuse_as_party
from appointments.priority import is_concerned
from appointments.queries import offices_with_room
from appointments.restoring import choose_paid
from mpaspor.core import clock
from mpaspor.core.codes import typed_code
from mpaspor.core.errors import Refusal
from quota.enums import Service
from quota.months import month_page
from quota.queries import earliest_free, free_sessions, is_elsewhere, offices
from quota.waiting_room.turns import QueueFirst


@dataclass(frozen=True)
class Seats:
    """Which class of seats a page shows, and whether the other one is for this person, too."""

    service: str
    concerned: bool

    @property
    def are_priority(self) -> bool:
        return self.service == Service.PRIORITY

    @property
    def offers(self) -> bool:
        return self.concerned and not self.are_priority

    @property
    def query(self) -> str:
        """To be added to the addresses of the pages that follow."""
        return f"?seats={Service.PRIORITY}" if self.are_priority else ""


@login_required
def together(request: SignedInRequest) -> HttpResponse:
    """Who of the family goes together; then they choose as one does alone."""
    form = TogetherForm(request.POST or None, drafts=drafts_of(request.user))
    if form.is_valid():
        drafts = list(form.cleaned_data["applications"])
        try:
            refuse_as_party(drafts)
            return redirect("choose_office", "-".join(draft.code for draft in drafts))
        except Refusal as no:
            form.refuse(no)
    return render(request, "appointments/together.html", {"form": form})


@login_required
def choose_office(request: SignedInRequest, code: str) -> HttpResponse:
    drafts = _choosing(request, code)
    search = request.GET.get("q", "")
    seats, at = _seats(request, drafts), clock.now()
    context = {
        **_chosen(code, drafts),
        "search": search,
        "seats": seats,
        "advice": advice_for(drafts[0], None, at=at) if len(drafts) == 1 else None,
        "offices": offices_with_room(
            search=search, service=seats.service, party=len(drafts), at=at
        ),
    }
    return render(request, "appointments/choose_office.html", context)


@login_required
def choose_day(request: SignedInRequest, code: str, office: str) -> HttpResponse:
    drafts = _choosing(request, code)
    chosen = get_object_or_404(offices(), code=office)
    seats, at = _seats(request, drafts), clock.now()
    month = month_page(
        office=chosen,
        service=seats.service,
        party=len(drafts),
        month=request.GET.get("month", ""),
        at=at,
        link=lambda day: reverse("choose_session", args=[code, office, day]) + seats.query,
    )
    first = seats.offers and earliest_free(chosen, Service.PRIORITY, at, len(drafts))
    context = {
        **_chosen(code, drafts),
        "office": chosen,
        "month": month,
        "seats": seats,
        "first_priority": first,
    }
    return render(request, "appointments/choose_day.html", context)


@login_required
def choose_session(request: SignedInRequest, code: str, office: str, day: date) -> HttpResponse:
    if request.method == "POST" and (way_on := _hold_chosen(request, code, office, day)):
        return redirect(way_on)
    drafts = _choosing(request, code)
    chosen = get_object_or_404(offices(), code=office)
    seats = _seats(request, drafts)
    sessions = free_sessions(office=chosen, day=day, service=seats.service, at=clock.now())
    context = {
        **_chosen(code, drafts),
        "office": chosen,
        "day": day,
        "days_url": reverse("choose_day", args=[code, office]) + seats.query,
        "sessions": sessions,
        "seats": seats,
    }
    return render(request, "appointments/choose_session.html", context)


def _hold_chosen(request: SignedInRequest, code: str, office: str, day: date) -> str | None:
    """Where the person goes on; None for another choice here. If not held, they are told why."""
    chosen = [typed_code(text) for text in request.POST.getlist("slot")]
    if len(chosen) != 1 or is_elsewhere(chosen[0], office=office, day=day):
        messages.error(request, _("Choose one of the sessions first."))
        return None
    applications = applications_for(request.user, code)
    is_paid = applications[0].status == ApplicationStatus.PAID
    deed: Callable[..., object] = partial(hold_seats, applications=applications)
    if is_paid:
        deed = partial(choose_paid, application=applications[0])
    try:
        deed(slot_code=chosen[0], by=request.user, at=clock.now())
    except QueueFirst as no:
        messages.error(request, str(no))
        return reverse("queue", args=[no.facts["release"]])
    except Refusal as no:
        messages.error(request, str(no))
        return None
    return reverse("visit" if is_paid else "review", args=[applications[0].code])


def _choosing(request: SignedInRequest, code: str) -> list[Application]:
    """One, or those of a party: the address holds their codes, joined by a dash."""
    applications = applications_for(request.user, code)
    may = {ApplicationStatus.DRAFT, ApplicationStatus.PAID}
    if any(each.status not in may for each in applications):
        raise Http404(_("This application already has its seat."))
    return applications


def _chosen(code: str, drafts: list[Application]) -> dict[str, object]:
    return {"code": code, "application": drafts[0], "applications": drafts, "party": len(drafts)}


def _seats(request: SignedInRequest, drafts: list[Application]) -> Seats:
    """Priority seats are shown to whom they may concern and who asks for them."""
    today = timezone.localdate(clock.now())
    concerned = any(is_concerned(draft, today=today) for draft in drafts)
    asked = request.GET.get("seats") == Service.PRIORITY
    return Seats(Service.PRIORITY if concerned and asked else drafts[0].service, concerned)
