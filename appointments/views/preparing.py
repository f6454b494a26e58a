"""The task list of an application, and those of its tasks that have no page elsewhere."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from applicants.requests import SignedInRequest
from applicants.views.keeping import keeps_typed, with_kept
from appointments.access import application_for, drafts_of, latest_appointment
from appointments.advising import advice_for
from appointments.enums import ApplicationStatus
from appointments.preparing import name_contact, plan_journey
from appointments.preparing_forms import (
    ContactForm,
    JourneyForm,
    said_of_contact,
    said_of_journey,
)
from appointments.task_list import State, is_open, tasks_of
from mpaspor.core import clock
from mpaspor.core.errors import Refusal

# From here nothing leads on but a new application with the same data.
ENDED = (ApplicationStatus.CANCELLED, ApplicationStatus.EXPIRED)


@login_required
@never_cache
def tasks(request: SignedInRequest, code: str) -> HttpResponse:
    application, at = application_for(request.user, code), clock.now()
    appointment = latest_appointment(application)
    listed = tasks_of(application, appointment, at=at)
    is_draft = application.status == ApplicationStatus.DRAFT
    context = {
        "application": application,
        "tasks": listed,
        "done": sum(task.state == State.DONE for task in listed),
        "advice": advice_for(application, appointment, at=at) if is_open(application) else None,
        "is_open": is_open(application),
        "has_ended": application.status in ENDED,
        "may_go_together": is_draft and drafts_of(request.user).count() > 1,
    }
    return render(request, "appointments/tasks.html", context)


@keeps_typed
@login_required
@never_cache
def journey(request: SignedInRequest, code: str) -> HttpResponse:
    application, at = application_for(request.user, code), clock.now()
    form = JourneyForm(request.POST or None, initial=said_of_journey(application))
    if form.is_valid():
        try:
            plan_journey(application=application, journey=form.journey(), by=request.user, at=at)
            messages.success(request, _("Saved."))
            return redirect("tasks", application.code)
        except Refusal as no:
            form.refuse(no)
    context = {
        "application": application,
        "form": with_kept(request, form),
        "advice": advice_for(application, latest_appointment(application), at=at),
    }
    return render(request, "appointments/journey.html", context)


@keeps_typed
@login_required
@never_cache
def contact(request: SignedInRequest, code: str) -> HttpResponse:
    application, at = application_for(request.user, code), clock.now()
    form = ContactForm(request.POST or None, initial=said_of_contact(application))
    if form.is_valid():
        try:
            name_contact(application=application, contact=form.contact(), by=request.user, at=at)
            messages.success(request, _("Saved."))
            return redirect("tasks", application.code)
        except Refusal as no:
            form.refuse(no)
    context = {"application": application, "form": with_kept(request, form)}
    return render(request, "appointments/contact.html", context)
