from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from appointments.release_reports import report_of
from mpaspor.core import clock
from quota.queries import opened_releases


def release_report(request: HttpRequest, code: str) -> HttpResponse:
    release = get_object_or_404(opened_releases(), code=code)
    context = {"release": release, "report": report_of(release, at=clock.now())}
    return render(request, "appointments/release_report.html", context)
