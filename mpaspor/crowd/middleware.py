"""When very many ask from one place in one minute, each browser there does a small sum first.

Nobody is refused for their address: a village, an office or a mobile carrier has one for thousands.
Counted is a device that somebody signed in with, else the address. While Redis is away nothing is
counted and nobody is asked.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from applicants.known_devices import device_of
from applicants.requests import from_our_page, typed_fields
from mpaspor.core.cache import count
from mpaspor.crowd.addresses import network_of
from mpaspor.crowd.work import PASS_AGE, Ticket, new_ticket, pass_for, passes, read_ticket

Handler = Callable[[HttpRequest], HttpResponse]

MINUTE = 60
COOKIE = "crowd_pass"
# The fields of the page's form.
TICKET, ANSWER = "crowd_ticket", "crowd_answer"
# Machines cannot do the sum: health checks, and the API, whose clients have a limit of their own.
MACHINES = ("/api/", "/healthz", "/readyz")


def crowd(get_response: Handler) -> Handler:
    def handle(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(MACHINES):
            return get_response(request)
        asked = _take_out_of_address(request)
        if not _crowded(request) or passes(request.COOKIES.get(COOKIE, "")):
            return get_response(request)
        asked = asked or request.POST
        ticket = read_ticket(asked.get(TICKET, ""))
        earned = ticket and pass_for(ticket, asked.get(ANSWER, ""))
        if not earned:
            early = ticket and ticket.seconds_left and not asked.get(ANSWER)
            return _ask(request, ticket if ticket and early else new_ticket())
        response = get_response(request)
        response.set_cookie(
            COOKIE,
            earned,
            max_age=PASS_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response

    return handle


def _take_out_of_address(request: HttpRequest) -> QueryDict | None:
    """What our page's form added to the address: no view and no link on a page is to see it."""
    if TICKET not in request.META["QUERY_STRING"]:
        return None
    asked, rest = request.GET, request.GET.copy()
    for name in (TICKET, ANSWER):
        rest.pop(name, None)
    request.META["QUERY_STRING"] = rest.urlencode()
    request.GET = rest  # type: ignore[assignment]
    return asked


def _crowded(request: HttpRequest) -> bool:
    who = device_of(request).name or network_of(request)
    minute = int(time.time()) // MINUTE
    number = count(f"crowd:{who}:{minute}", seconds=2 * MINUTE)
    return number > settings.POW_REQUESTS_A_MINUTE


def _ask(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    response = render(request, "crowd.html", _page(request, ticket), status=429)
    add_never_cache_headers(response)
    response["Retry-After"] = str(ticket.seconds_left)
    if "HX-Request" in request.headers:
        # A piece of a page cannot show this; the whole page, asked for again, can.
        response["HX-Refresh"] = "true"
    return response


def _page(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    sent = request.method == "POST" and from_our_page(request)
    kept = typed_fields(request) if sent else list(_pairs(request.GET))
    later = request.GET.copy()
    later[TICKET] = ticket.text
    return {
        "ticket": ticket,
        "bits": settings.POW_BITS,
        "sent": sent,
        "fields": [(name, value) for name, value in kept if name not in (TICKET, ANSWER)],
        "later": f"{request.path}?{later.urlencode()}",
        # Whoever this is: the page asks no database.
        "user": AnonymousUser(),
    }


def _pairs(query: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]
