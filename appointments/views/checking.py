"""Letters are checked at the door without the server: a page that stays, with the public keys."""

from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from applicants.requests import SignedInRequest
from appointments.enums import Kind
from appointments.views.receiving import for_receivers
from appointments.visits.forms import SquareForm
from appointments.visits.signing import public_keys
from mpaspor.core import clock
from mpaspor.core.templatetags.words import zone_name
from quota.access import offices_of
from quota.models import Office
from quota.queries import offices


@for_receivers
def letter_check_page(request: SignedInRequest) -> HttpResponse:
    own = list(offices_of(request.user))
    context = admin.site.each_context(request) | {
        "title": _("Letters without a line"),
        "form": SquareForm(),
        "facts": _facts(own),
        "at": clock.now(),
        "zone": own[0].zone if own else "Asia/Jakarta",
    }
    return render(request, "admin/letter_check.html", context)


@for_receivers
def letter_check_worker(request: SignedInRequest) -> HttpResponse:
    """Lies below the page, as a service worker has no power above its own address."""
    return render(request, "admin/letter_check_worker.js", content_type="text/javascript")


def _facts(own: list[Office]) -> dict[str, Any]:
    """What a signature does not say. All of it is public: the copy may outlive the session."""
    return {
        "keys": public_keys()["keys"],
        "own": [office.code for office in own],
        "kinds": {kind.value: str(kind.label) for kind in Kind},
        "offices": {
            office.code: {"name": office.name, "zone": office.zone, "clock": zone_name(office.zone)}
            for office in offices()
        },
    }
