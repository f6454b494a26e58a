"""What all REST views share, and those of no app: documentation, unknown addresses."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.views import APIView

from mpaspor.api.operations import COMMON, common_example, examples
from mpaspor.api.problems import LengthMissing
from mpaspor.core.errors import Refusal


class WholeBody(APIView):
    """Refuses a body that comes in pieces: it would be read as empty."""

    def initial(self, request: Request, *places: object, **named: object) -> None:
        super().initial(request, *places, **named)
        if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
            raise LengthMissing


@method_decorator(conditional_page, name="dispatch")
class PublicView(WholeBody):
    """For everybody, without a token. ETag and If-None-Match."""

    authentication_classes = ()
    permission_classes = ()


@method_decorator(cache_control(private=True, no_cache=True), name="dispatch")
@method_decorator(conditional_page, name="dispatch")
class ClientView(WholeBody):
    """For OAuth clients; `scopes` says which scope each method needs. ETag and If-None-Match."""

    scopes: dict[str, str]


class NothingHere(APIView):
    """Unknown addresses under /api/ are answered as an API answers."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request: Request, *places: object, **named: object) -> None:
        raise Http404


class Documentation(SpectacularSwaggerSplitView):
    """Swagger UI from our own server; nothing in it is inline."""

    template_name = "api/documentation.html"


def problems(request: HttpRequest) -> HttpResponse:
    """What the `type` of a problem leads to."""
    bodies = [common_example(status) for status in COMMON] + examples(*_refusals(Refusal))
    kinds = {body["type"].partition("#")[2]: body for body in bodies}
    return render(request, "api/problems.html", {"problems": sorted(kinds.items())})


def _refusals(kind: type[Refusal]) -> "list[type[Refusal]]":
    """Those that somebody is told; one without words only gathers others."""
    found = []
    for no in kind.__subclasses__():
        found += [no] if hasattr(no, "message") else []
        found += _refusals(no)
    return found
