from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from applicants.access import person_for
from applicants.models import Person
from applicants.requests import SignedInRequest
from applicants.verifying import LEASE, ask_again
from mpaspor.core import clock


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def registry(request: SignedInRequest, code: str) -> HttpResponse:
    """What the civil registry says of a person, and what to do about it."""
    person = person_for(request.user, code)
    at = clock.now()
    if request.method == "POST":
        ask_again(person=person, by=request.user, at=at)
        return redirect("person_registry", person.code)
    next_at = person.verification.next_at
    context = {
        "person": person,
        "verification": person.verification,
        "differing": _typed(person),
        # A worker that is asking just now has moved it by its lease.
        "later": next_at if next_at and next_at > at + LEASE else None,
        "zone": settings.TIME_ZONE,
    }
    return render(request, "applicants/registry.html", context)


def _typed(person: Person) -> list[tuple[str, str]]:
    """What differs, and what the account typed."""
    typed = {
        "name": person.name,
        "birth_place": person.birth_place,
        "birth_date": f"{person.birth_date:%d/%m/%Y}",
        "sex": person.get_sex_display(),
    }
    verification = person.verification
    names = zip(verification.mismatches, verification.differing, strict=True)
    return [(words, typed[name]) for name, words in names]
