"""Pages of no app: home, health, errors."""

from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from applicants.requests import from_our_page, typed_fields
from appointments.queries import offered
from mpaspor.audit import roots
from mpaspor.core import clock
from payments.incidents import recent_incidents
from payments.stopping import current_incident
from payments.tariffs import billing_day
from quota.queries import next_releases


def site(request: HttpRequest) -> dict[str, Any]:
    """What every template may read."""
    return {
        "DEMO": settings.DEMO,
        "BANK_URL": settings.SIMPONI_URL,
        "INBOX_URL": settings.SMS_URL,
    }


def home(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    context = {
        "releases": next_releases(at, 5),
        "tariffs": offered(on=billing_day(at)),
        "outage": current_incident(),
    }
    return render(request, "home.html", context)


@never_cache
def status(request: HttpRequest) -> HttpResponse:
    incidents = list(recent_incidents(at=clock.now()))
    context = {
        "outages": [each for each in incidents if each.ended_at is None],
        "past": [each for each in incidents if each.ended_at is not None],
    }
    return render(request, "status.html", context)


def ledger(request: HttpRequest) -> HttpResponse:
    return render(request, "ledger.html", {"roots": roots.latest()})


def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "live"})


def readyz(request: HttpRequest) -> HttpResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"status": "database away"}, status=503)
    return JsonResponse({"status": "ready"})


@never_cache
def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is old or its cookie was kept away: what was typed comes back."""
    is_ours = from_our_page(request)
    context = {
        "again": is_ours,
        "fields": typed_fields(request) if is_ours else [],
        "cookies_missing": settings.CSRF_COOKIE_NAME not in request.COOKIES,
    }
    return render(request, "stale_form.html", context, status=403)
