"""My applications, and the questions of one."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from applicants.queries import has_room, persons_of
from applicants.requests import SignedInRequest
from applicants.views.keeping import keeps_typed, with_kept
from appointments.access import (
    application_for,
    applications_for,
    applications_of,
    drafts_of,
    latest_appointment,
    offers_of,
)
from appointments.applying import change_application, start_again, start_application
from appointments.enums import ApplicationStatus, Book, Need, ServiceClass
from appointments.forms import AnswersForm, ApplicationForm, answers_of
from appointments.models import Application
from appointments.queries import fees, wishes_shown
from appointments.steps import current_step
from appointments.views.queueing import way_to_days
from appointments.views.requiring import counter_url
from mpaspor.core import clock
from mpaspor.core.codes import typed_code
from mpaspor.core.errors import Refusal
from mpaspor.notifications import inbox
from quota.queries import public_releases
from quota.waiting_room.queries import live_tickets_of


@login_required
def my_applications(request: SignedInRequest) -> HttpResponse:
    persons = persons_of(request.user)
    identities = [person.identity.code for person in persons]
    context = {
        "applications": applications_of(request.user),
        "persons": persons,
        "tickets": live_tickets_of(identities) if identities else [],
        "wishes": wishes_shown(request.user, at=clock.now()),
        "has_room": has_room(request.user),
        "new_messages": inbox.unread(request.user.code),
        "may_go_together": drafts_of(request.user).count() > 1,
    }
    return render(request, "appointments/my_applications.html", context)


@keeps_typed
@login_required
def application_new(request: SignedInRequest) -> HttpResponse:
    persons = persons_of(request.user)
    if not persons.exists():
        return redirect("person_add")
    form = ApplicationForm(
        request.POST or None,
        persons=persons,
        fees=fees(clock.now()),
        initial=request.GET.dict(),
    )
    if form.is_valid():
        try:
            application = start_application(
                account=request.user,
                person=form.cleaned_data["person"],
                **_answers(form.cleaned_data),
                by=request.user,
                at=clock.now(),
            )
            return _on(request, application)
        except Refusal as no:
            form.refuse(no)
    context = {"form": with_kept(request, form), "counter_url": counter_url(form.refusal)}
    return render(request, "appointments/application_new.html", context)


def _on(request: SignedInRequest, application: Application) -> HttpResponse:
    """To a seat that is offered, to the opening they are called in, or to the list of tasks."""
    offer = offers_of(request.user).filter(code=typed_code(request.GET.get("offer", ""))).first()
    if offer:
        return redirect("offer", offer.code)
    opening = public_releases().filter(code=typed_code(request.GET.get("opening", ""))).first()
    if opening:
        return redirect(way_to_days(application.code, opening, application.service))
    return redirect("tasks", application.code)


@keeps_typed
@login_required
def application_change(request: SignedInRequest, code: str) -> HttpResponse:
    application = application_for(request.user, code)
    if request.method == "GET" and application.status != ApplicationStatus.DRAFT:
        return redirect("application", application.code)
    form = AnswersForm(
        request.POST or None, fees=fees(clock.now()), initial=answers_of(application)
    )
    if form.is_valid():
        try:
            change_application(
                application=application,
                **_answers(form.cleaned_data),
                by=request.user,
                at=clock.now(),
            )
            return redirect("tasks", application.code)
        except Refusal as no:
            form.refuse(no)
    context = {
        "form": with_kept(request, form),
        "application": application,
        "counter_url": counter_url(form.refusal),
    }
    return render(request, "appointments/application_change.html", context)


@login_required
def application_page(request: SignedInRequest, code: str) -> HttpResponse:
    """The one address of an application: leads on to the step where it stands."""
    application = application_for(request.user, code)
    step = current_step(application, latest_appointment(application), at=clock.now())
    return redirect(step, application.code)


@login_required
@require_POST
def application_again(request: SignedInRequest, code: str) -> HttpResponse:
    drafts = [
        start_again(application=ended, by=request.user, at=clock.now())
        for ended in applications_for(request.user, code)
    ]
    if len(drafts) == 1:
        return redirect("tasks", drafts[0].code)
    return redirect("choose_office", "-".join(draft.code for draft in drafts))


def _answers(cleaned: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": Need(cleaned["kind"]),
        "book": Book(cleaned["book"]),
        "service": ServiceClass(cleaned["service"]),
        "need": cleaned["need"],
    }
