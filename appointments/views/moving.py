"""Another day given by the office, from the appointment's page in the admin."""

from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from applicants.requests import SignedInRequest
from appointments.access import appointments_at, with_all
from appointments.counter import look
from appointments.enums import MoveReason
from appointments.forms import GiveDayForm
from appointments.moving_by_office import MOVABLE, likewise, move_by_office
from appointments.party import together_with
from mpaspor.core import clock
from mpaspor.core.codes import typed_code
from mpaspor.core.errors import Refusal
from quota.queries import sessions_with_room


def give_day_page(request: SignedInRequest, code: str) -> HttpResponse:
    appointment = get_object_or_404(appointments_at(request.user), code=typed_code(code))
    back = redirect("admin:appointments_appointment_change", appointment.pk)
    if appointment.status not in MOVABLE:
        return back
    at, slot = clock.now(), appointment.slot
    party = likewise(appointment, list(with_all(together_with(appointment))))
    sessions = sessions_with_room(slot.office, service=slot.service, at=at)
    others = [one.application.person.name for one in party if one.pk != appointment.pk]
    form = GiveDayForm(request.POST or None, sessions=sessions.exclude(pk=slot.pk), others=others)
    if form.is_valid():
        try:
            moved = move_by_office(
                appointment=appointment,
                slot_code=form.cleaned_data["slot"],
                why=MoveReason(form.cleaned_data["why"]),
                alone=form.alone,
                by=request.user,
                at=at,
            )
            messages.success(request, _("Moved and told: %(people)s.") % {"people": len(moved)})
            return back
        except Refusal as no:
            form.refuse(no)
    elif not form.is_bound:
        look([appointment], by=request.user, at=at, through="page")
    context = admin.site.each_context(request) | {
        "title": _("Give another day"),
        "appointment": appointment,
        "form": form,
    }
    return render(request, "admin/give_day.html", context)
