"""The waiting room: getting in line, seeing where one stands, going in when called."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from applicants.models import Person, User
from applicants.queries import persons_of
from applicants.requests import SignedInRequest
from applicants.views.keeping import keeps_typed, with_kept
from appointments.access import draft_of
from appointments.enums import ServiceClass
from appointments.forms import JoinForm
from appointments.queueing import get_in_line
from mpaspor.core import clock
from mpaspor.core.codes import typed_code
from mpaspor.core.errors import Refusal
from quota.models import Release
from quota.planning import seats_lately
from quota.queries import public_releases
from quota.waiting_room import joining, turns
from quota.waiting_room.enums import Band
from quota.waiting_room.models import QueueTicket
from quota.waiting_room.queries import (
    Standing,
    is_silent,
    room_of,
    standings,
    status_lately,
    tickets_of,
)

DEEDS: dict[str, Callable[..., object]] = {
    "enter": turns.enter,
    "extend": turns.extend,
    "again": joining.line_up_again,
    "leave": joining.leave,
}


@keeps_typed
@login_required
@never_cache
def queue_join(request: SignedInRequest, code: str) -> HttpResponse:
    release, persons = _release(code), persons_of(request.user)
    if not persons.exists():
        query = urlencode({"next": request.path})
        return redirect(f"{reverse('person_add')}?{query}")
    posted = request.POST if request.method == "POST" else None
    form = JoinForm(posted, persons=persons, services=seats_lately(release))
    if form.is_valid():
        try:
            get_in_line(
                account=request.user,
                persons=list(form.cleaned_data["persons"]),
                release=release,
                service=form.cleaned_data["service"],
                by=request.user,
                at=clock.now(),
            )
            return redirect("queue", release.code)
        except Refusal as no:
            form.refuse(no)
    context = {"form": with_kept(request, form), "release": release, "room": room_of(release)}
    return render(request, "appointments/queue_join.html", context)


@login_required
@never_cache
def queue(request: SignedInRequest, code: str) -> HttpResponse:
    release, at = _release(code), clock.now()
    room = room_of(release)
    if room is None:
        raise Http404(_("This opening has no waiting room."))
    persons = {person.identity.code: person for person in persons_of(request.user)}
    context = {
        "release": release,
        "room": room,
        "at": at,
        "status": (status := status_lately(room, at=at)),
        "status_url": f"{settings.QUEUE_URL}{release.code}.json",
        "terms": turns.terms_of(release, at),
        "is_silent": is_silent(room, at=at),
        "places": [
            _place(request.user, standing, persons, status)
            for standing in standings(release, list(persons), at=at)
        ],
    }
    return render(request, "appointments/queue.html", context)


@login_required
@require_POST
def queue_deed(request: SignedInRequest, code: str, ticket: str) -> HttpResponse:
    """Goes in, asks for more time, lines up again or leaves; then shows where one stands."""
    done = request.POST.get("deed", "")
    if done not in DEEDS:
        messages.error(request, _("Choose one of the buttons of the page."))
        return redirect("queue", code)
    mine = _ticket(request.user, ticket, may_leave=done == "leave")
    try:
        DEEDS[done](ticket=mine, by=request.user, at=clock.now())
    except Refusal as no:
        messages.error(request, str(no))
    return redirect("queue", mine.room.release.code)


def _place(
    user: User, standing: Standing, persons: dict[str, Person], status: dict[str, Any]
) -> dict[str, Any]:
    ticket, release = standing.ticket, standing.ticket.room.release
    members = [member.identity for member in ticket.members.all()]
    choosing = [persons[code] for code in standing.may_choose if code in persons]
    return {
        "standing": standing,
        "ticket": ticket,
        "names": [persons[code].name for code in members if code in persons],
        "others": sum(code not in persons for code in members),
        "band": Band(status["seats"].get(ticket.service, Band.NONE)).label,
        "is_holder": ticket.holder == user.code,
        "together": _way_together(user, choosing, ticket, release),
        "ways": [(person.name, _way_to_seat(user, person, ticket, release)) for person in choosing],
    }


def _way_together(user: User, persons: list[Person], ticket: QueueTicket, release: Release) -> str:
    """To the seats of all who may choose; empty while one of several has no application for it."""
    drafts = [draft_of(user, person) for person in persons]
    codes = [draft.code for draft in drafts if draft and draft.service == ticket.service]
    if len(codes) < max(len(persons), 2):
        return ""
    days = reverse("choose_day", args=["-".join(codes), release.office.code])
    return f"{days}?month={release.first_day:%Y-%m}"


def _way_to_seat(user: User, person: Person, ticket: QueueTicket, release: Release) -> str:
    draft, service = draft_of(user, person), ServiceClass.of_seats(ticket.service)
    if draft is None:
        asked = {"person": person.code, "service": service.value, "opening": release.code}
        return f"{reverse('application_new')}?{urlencode(asked)}"
    if draft.service != service:
        return reverse("answers", args=[draft.code])
    return way_to_days(draft.code, release, ticket.service)


def way_to_days(code: str, release: Release, service: str) -> str:
    days = reverse("choose_day", args=[code, release.office.code])
    query = urlencode({"month": f"{release.first_day:%Y-%m}", "seats": service})
    return f"{days}?{query}"


def _ticket(user: User, code: str, *, may_leave: bool) -> QueueTicket:
    """Of a person of the account; only who took it gives it up, or a stranger could."""
    identities = persons_of(user).values_list("identity__code", flat=True)
    rows = tickets_of(list(identities))
    if may_leave:
        rows = rows.filter(holder=user.code)
    return get_object_or_404(rows, code=typed_code(code))


def _release(code: str) -> Release:
    return get_object_or_404(public_releases(), code=typed_code(code))
