"""The call display of an office: numbers for everybody to see, and no names."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control

from appointments.calls.queries import display_of
from mpaspor.core import clock
from quota.queries import offices

# Asked for each second by every display: worked out once in that time.
for_all_displays = cache_control(public=True, max_age=1)


@for_all_displays
def calls_page(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "appointments/calls.html", _shown(code))


@for_all_displays
def calls_now(request: HttpRequest, code: str) -> HttpResponse:
    """What the page looks at again and again."""
    return render(request, "appointments/_calls.html", _shown(code))


def _shown(code: str) -> dict[str, Any]:
    office = get_object_or_404(offices(), code=code)
    return {"office": office, "display": display_of(office, at=clock.now())}
