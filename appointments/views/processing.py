"""An application after the arrival: one press for each step, and the words where it stops."""

from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.requests import SignedInRequest
from appointments.access import application_at, appointments_at
from appointments.calls.queries import number_of
from appointments.counter import look
from appointments.enums import STOPPABLE, ApplicationStatus
from appointments.forms import PassportForm
from appointments.visits.queries import collect_until, next_step, steps_of
from mpaspor.core import clock


def passport_page(request: SignedInRequest, code: str) -> HttpResponse:
    application = application_at(request.user, code)
    form = PassportForm(request.POST if request.method == "POST" else None)
    at = clock.now()
    if form.is_valid() and form.carried_out(application, by=request.user, at=at):
        messages.success(request, _("Done."))
        return redirect("admin:passport_decide", application.code)
    application.refresh_from_db(fields=["status"])
    visit = appointments_at(request.user).filter(application=application).order_by("-pk")[0]
    look([visit], by=request.user, at=at, through="page")
    context = admin.site.each_context(request) | {
        "title": _("Passport of %(name)s") % {"name": application.person.name},
        "application": application,
        "appointment": visit,
        "zone": visit.slot.office.zone,
        "form": form,
        "steps": steps_of(application),
        "collect_until": collect_until(application),
        "next_step": next_step(application),
        "number": number_of(visit),
        "may_stop": application.status in (*STOPPABLE, ApplicationStatus.DEFERRED),
    }
    return render(request, "admin/passport.html", context, status=form.status)
