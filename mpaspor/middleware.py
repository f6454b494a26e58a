"""What surrounds every request: language, the admin's looser policy, coming back, refusals."""

from collections.abc import Callable

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from applicants.devices import note_visit
from mpaspor.core.errors import Refusal

Handler = Callable[[HttpRequest], HttpResponse]


def language(get_response: Handler) -> Handler:
    """Indonesian, unless the person switched; an API client says so in Accept-Language."""

    def handle(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if request.path.startswith("/api/"):
            chosen = translation.get_language_from_request(request)
        if chosen not in dict(settings.LANGUAGES):
            chosen = settings.LANGUAGE_CODE
        translation.activate(chosen)
        request.LANGUAGE_CODE = chosen
        response = get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        return response

    return handle


def readable(get_response: Handler) -> Handler:
    """An address with a NUL in it means nothing here, and PostgreSQL cannot store one.

    The API says so itself, as an API does.
    """

    def handle(request: HttpRequest) -> HttpResponse:
        has_nul = "%00" in request.META["QUERY_STRING"] or "\0" in request.path
        if has_nul and not request.path.startswith("/api/"):
            return render(request, "400.html", status=400)
        return get_response(request)

    return handle


def admin_policy(get_response: Handler) -> Handler:
    """The admin's Alpine evaluates expressions and its colours are a style element: only there."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_update = {  # type: ignore[attr-defined]
                "script-src": [UNSAFE_EVAL],
                "style-src": [UNSAFE_INLINE],
            }
        return response

    return handle


def comes_back(get_response: Handler) -> Handler:
    """Whoever is signed in stays so, however long: the first visit of a day renews the session."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.session.accessed and request.user.is_authenticated:
            agent = request.headers.get("User-Agent", "")
            note_visit(request.session, user_agent=agent, at=timezone.now())
        return response

    return handle


class Refusals:
    """A refusal that no view turned into a message becomes a page that says what to do."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, no: Exception) -> HttpResponse | None:
        if not isinstance(no, Refusal) or request.path.startswith("/api/"):
            return None
        return render(request, "refused.html", {"refusal": no}, status=no.status)
