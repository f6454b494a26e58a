"""The status of an application for whoever knows its code and the date of birth."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from appointments.visits.forms import TrackForm
from appointments.visits.tracking import track
from mpaspor.core import clock
from mpaspor.core.errors import Refusal


@never_cache
@sensitive_post_parameters("code", "birth_date")
def track_page(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    form = TrackForm(request.POST if request.method == "POST" else None, at=at)
    if form.is_valid():
        try:
            tracked = track(**form.cleaned_data, at=at)
            return render(request, "appointments/tracked.html", {"tracked": tracked})
        except Refusal as no:
            form.refuse(no)
    status = form.refusal.status if form.refusal else 200
    return render(request, "appointments/track.html", {"form": form}, status=status)
