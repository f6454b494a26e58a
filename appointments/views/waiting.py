"""The waiting list: a wish, and the seat that is offered to it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from applicants.queries import persons_of
from applicants.requests import SignedInRequest
from applicants.views.keeping import keeps_typed, with_kept
from appointments.accepting import accept_offer, party_of, seats_from
from appointments.access import offer_for, wish_for_account
from appointments.enums import ServiceClass
from appointments.forms import WishForm, WishTermsForm, wishes_of_wish
from appointments.queries import wish_shown
from appointments.wishing import SeatsFree, change_wish_of, wish_for
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from quota.enums import Service
from quota.models import Slot
from quota.waiting_list.answering import decline_offer
from quota.waiting_list.enums import Hours, OfferStatus
from quota.waiting_list.wishing import withdraw_wish


@keeps_typed
@login_required
def wish_new(request: SignedInRequest) -> HttpResponse:
    """What the page before knew (office, day, service, person) comes as the query."""
    persons = persons_of(request.user)
    if not persons.exists():
        return redirect("person_add")
    form = WishForm(request.POST or None, persons=persons, initial=request.GET.dict())
    free: list[Slot] = []
    if form.is_valid():
        try:
            wish = wish_for(
                account=request.user,
                persons=list(form.cleaned_data["persons"]),
                **_terms(form),
                by=request.user,
                at=clock.now(),
            )
            return redirect("wish", wish.code)
        except SeatsFree as no:
            free = no.facts["slots"]
        except Refusal as no:
            form.refuse(no)
    context = {"form": with_kept(request, form), "free": free}
    return render(request, "appointments/wish_new.html", context)


@login_required
def wish_page(request: SignedInRequest, code: str) -> HttpResponse:
    wish = wish_for_account(request.user, code)
    return render(
        request, "appointments/wish.html", {"shown": wish_shown(wish, at=clock.now()), "wish": wish}
    )


@keeps_typed
@login_required
def wish_change(request: SignedInRequest, code: str) -> HttpResponse:
    wish = wish_for_account(request.user, code)
    if wish.is_earlier:
        return redirect("wish", wish.code)
    form = WishTermsForm(request.POST or None, initial=wishes_of_wish(wish))
    if form.is_valid():
        try:
            change_wish_of(wish=wish, **_terms(form), by=request.user, at=clock.now())
            return redirect("wish", wish.code)
        except Refusal as no:
            form.refuse(no)
    context = {"form": with_kept(request, form), "wish": wish}
    return render(request, "appointments/wish_change.html", context)


@login_required
@require_POST
def wish_withdraw(request: SignedInRequest, code: str) -> HttpResponse:
    withdraw_wish(wish=wish_for_account(request.user, code), by=request.user, at=clock.now())
    messages.success(request, _("You are no longer on this waiting list."))
    return redirect("my_applications")


@login_required
@never_cache
def offer_page(request: SignedInRequest, code: str) -> HttpResponse:
    """Where the notice leads: one button, or what is missing before it can be pressed."""
    if request.method == "POST" and (answer := _accepted(request, code)):
        return answer
    offer = offer_for(request.user, code)
    party = party_of(offer)
    context = {
        "offer": offer,
        "slot": offer.slot,
        "party": party,
        "service": ServiceClass.of_seats(offer.slot.service),
        "missing": [seated for seated in party if seated.draft is None],
        "is_open": offer.status == OfferStatus.OPEN and offer.until > clock.now(),
        "appointments": seats_from(offer) if offer.status == OfferStatus.ACCEPTED else [],
    }
    return render(request, "appointments/offer.html", context)


def _accepted(request: SignedInRequest, code: str) -> HttpResponse | None:
    """Leads on once the seats are held; else the person is told why not."""
    try:
        held = accept_offer(offer=offer_for(request.user, code), by=request.user, at=clock.now())
    except Refusal as no:
        messages.error(request, str(no))
        return None
    return redirect("application", held[0].application.code)


@login_required
@require_POST
def offer_decline(request: SignedInRequest, code: str) -> HttpResponse:
    offer = offer_for(request.user, code)
    try:
        decline_offer(offer=offer, by=request.user, at=clock.now())
        messages.success(request, _("The seat goes to the next in line. You keep your place."))
    except Refusal as no:
        messages.error(request, str(no))
    return redirect("wish", offer.wish.code)


def _terms(form: WishTermsForm) -> dict[str, Any]:
    said = form.cleaned_data
    return {
        "offices": form.office_codes(),
        "first_day": said["first_day"],
        "last_day": said["last_day"],
        "hours": Hours(said["hours"]),
        "service": Service(said["service"]),
    }
