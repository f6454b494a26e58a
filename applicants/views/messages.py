from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from applicants.requests import SignedInRequest
from mpaspor.core import clock
from mpaspor.notifications import inbox

# Older ones stand in the export; the rule for keeping notices deletes them before long.
SHOWN = 100


@never_cache
@login_required
def listing(request: SignedInRequest) -> HttpResponse:
    letters = inbox.letters_of(request.user.code, most=SHOWN)
    return render(request, "applicants/messages.html", {"letters": letters})


@never_cache
@login_required
def one(request: SignedInRequest, code: str) -> HttpResponse:
    letter = inbox.read(holder=request.user.code, code=code, at=clock.now())
    if letter is None:
        raise Http404
    return render(request, "applicants/message.html", {"letter": letter})
