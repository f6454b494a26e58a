"""Pages for everybody: where the offices are, and when they have free seats."""

from datetime import date, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from mpaspor.core import clock
from quota.enums import Service
from quota.followers.queries import is_followed
from quota.forms import AvailabilityForm, OfficeSearchForm, SearchForm, ServiceForm
from quota.models import Office
from quota.months import month_page_lately
from quota.queries import free_sessions, next_releases, offices
from quota.searching import earliest_seats, safe_by

OPENINGS = 5


def office_list(request: HttpRequest) -> HttpResponse:
    form = OfficeSearchForm(request.GET)
    search = form.cleaned_data["q"] if form.is_valid() else ""
    context = {"form": form, "search": search, "offices": offices(search)}
    return render(request, "quota/office_list.html", context)


def office_detail(request: HttpRequest, code: str) -> HttpResponse:
    office = get_object_or_404(offices(), code=code)
    context = {
        "office": office,
        "releases": next_releases(clock.now(), OPENINGS, office),
        "is_followed": is_followed(office, request.user),
    }
    return render(request, "quota/office_detail.html", context)


def availability(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    asked = {"service": Service.REGULAR, **request.GET.dict()}
    form = AvailabilityForm(asked if "office" in asked else None)
    context: dict[str, Any] = {"form": form, **_priority()}
    if form.is_valid():
        context |= _month(at=at, **form.cleaned_data)
    else:
        context["releases"] = next_releases(at, OPENINGS)
    return render(request, "quota/availability.html", context)


def search(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    form = SearchForm(request.GET.dict(), today=timezone.localdate(at))
    context: dict[str, Any] = {"form": form, "asked": bool(request.GET), **_priority()}
    if request.GET and form.is_valid():
        wish = form.cleaned_data
        travel = wish.pop("travel")
        until = safe_by(travel) if travel else None
        found = earliest_seats(**wish, until=until, at=at)
        context |= wish | {"travel": travel, "until": until, "found": found}
    return render(request, "quota/search.html", context)


def availability_day(request: HttpRequest, code: str, day: date) -> HttpResponse:
    at = clock.now()
    office = get_object_or_404(offices(), code=code)
    form = ServiceForm(request.GET or {"service": Service.REGULAR})
    context: dict[str, Any] = {"form": form, "office": office, "day": day, **_priority()}
    if form.is_valid():
        service = form.cleaned_data["service"]
        context["sessions"] = free_sessions(office, day, service, at)
        context["releases"] = next_releases(at, 1, office)
    return render(request, "quota/availability_day.html", context)


def _month(*, office: Office, service: str, month: str, at: datetime) -> dict[str, Any]:
    link = partial(_day_url, office, service)
    return {
        "office": office,
        "month": month_page_lately(office=office, service=service, month=month, at=at, link=link),
        "releases": next_releases(at, 1, office),
    }


def _priority() -> dict[str, Any]:
    """Whom such seats are for, by age."""
    return {"priority_from": settings.PRIORITY_FROM_AGE, "priority_to": settings.PRIORITY_TO_AGE}


def _day_url(office: Office, service: str, day: date) -> str:
    query = urlencode({"service": service})
    return f"{reverse('availability_day', args=[office.code, day])}?{query}"
