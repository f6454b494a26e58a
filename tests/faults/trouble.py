"""A mistake of ours in the middle of a request, on demand: what do the logs say then?"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADER = "X-Trouble"


def on_demand(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def handle(request: HttpRequest) -> HttpResponse:
        if HEADER in request.headers:
            raise RuntimeError(f"{request.get_full_path()} {request.POST.dict()}")
        return get_response(request)

    return handle
