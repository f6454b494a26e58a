"""“I cannot come”, from a reminder."""

from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from appointments.cancelling import CANCELLABLE
from appointments.rescheduling import changing_of
from appointments.visits.declining import decline, visit_of
from mpaspor.core import clock


@never_cache
def cannot_come(request: HttpRequest, token: str) -> HttpResponse:
    """Nobody need sign in, and no mail scanner gives a seat up: it takes a press on the page."""
    try:
        if request.method == "POST":
            decline(token=token, at=clock.now())
            return redirect("cannot_come", token)
        visit = visit_of(token)
    except BadSignature as torn:
        raise Http404 from torn
    if visit is None or visit.status not in CANCELLABLE:
        return render(request, "appointments/cannot_come.html")
    changing = changing_of(visit, at=clock.now())
    return render(request, "appointments/cannot_come.html", {"visit": visit, "changing": changing})
