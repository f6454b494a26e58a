"""The page that asks for a fresh code, and the decorator that leads there."""

from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from applicants.codes import CodeTooSoon, send_code, standing
from applicants.contacts import Contact, confirmed_contacts, other_contact, unconfirmed
from applicants.enums import Purpose
from applicants.forms import CodeForm
from applicants.requests import SignedInRequest, typed_fields
from applicants.stepping_up import is_fresh, step_up
from mpaspor.core import clock
from mpaspor.core.errors import Refusal

# What the session holds: when a code was typed back and to which contact it had gone; the contact
# the newest one went to; the contact to which it must go, where not any of them will do.
PROVED, PROVED_BY = "stepped_up_at", "stepped_up_by"
CONTACT, ONLY = "step_up_contact", "step_up_only"

View = Callable[..., HttpResponse]


def fresh_code_required(view: View) -> View:
    """Signed in, and a code typed back in this session in the last minutes; else asks for one.

    A form that was sent too late is carried over: one press sends it again afterwards.
    """
    return _guarded(view, needed=lambda *_places: None)


def fresh_code_to(needed: Callable[..., Contact]) -> Callable[[View], View]:
    """As fresh_code_required, but no other contact will do than what `needed` names.

    `needed` is given what the view is given.
    """
    return partial(_guarded, needed=needed)


def proved_contact(request: SignedInRequest) -> Contact | None:
    """The confirmed contact whose code was typed back in the last minutes."""
    if not is_fresh(_proved_at(request), at=clock.now()):
        return None
    by = request.session.get(PROVED_BY)
    contacts = confirmed_contacts(request.user)
    return next((contact for contact in contacts if contact.to == by), None)


def _guarded(view: View, *, needed: Callable[..., Contact | None]) -> View:
    @wraps(view)
    @never_cache
    @login_required
    def guarded(request: SignedInRequest, *places: Any, **named: Any) -> HttpResponse:
        only = needed(request, *places, **named)
        if is_fresh(_proved_at(request), at=clock.now()) and only in (
            None,
            proved_contact(request),
        ):
            return view(request, *places, **named)
        request.session[ONLY] = only.to if only else None
        if request.method == "POST":
            return _ask_and_carry(request, typed_fields(request), request.get_full_path())
        here = urlencode({"next": request.get_full_path()})
        return redirect(f"{reverse('account_step_up')}?{here}")

    return guarded


@never_cache
@login_required
def ask(request: SignedInRequest) -> HttpResponse:
    onward = get_next_redirect_url(request) or reverse("account")
    if request.method != "POST":
        return _ask_and_carry(request, [], onward)
    form = CodeForm(request.POST)
    if not form.is_valid() or not _accepted(request, form):
        return _page(request, form, typed_fields(request, prefix=CARRIED), onward)
    fields = typed_fields(request, prefix=CARRIED)
    if not fields:
        return redirect(onward)
    context = {"fields": fields, "onward": onward}
    return render(request, "applicants/step_up_done.html", context)


@require_POST
@login_required
def resend(request: SignedInRequest) -> HttpResponse:
    return _send_again(request, _contact(request))


@require_POST
@login_required
def send_to_other(request: SignedInRequest) -> HttpResponse:
    contact = _contact(request)
    return _send_again(request, _other(request, contact) or contact)


# Before the names of fields that are carried over, so that they do not meet the page's own.
CARRIED = "carried-"


def _ask_and_carry(
    request: SignedInRequest, fields: list[tuple[str, str]], onward: str
) -> HttpResponse:
    """The code goes out with the first look at the page; a second look sends no second one."""
    contact = _contact(request)
    if not standing(to=contact, purpose=Purpose.STEP_UP, at=clock.now()).usable:
        _send(request, contact)
    return _page(request, CodeForm(), fields, onward)


def _page(
    request: SignedInRequest, form: CodeForm, fields: list[tuple[str, str]], onward: str
) -> HttpResponse:
    contact = _contact(request)
    context = {
        "form": form,
        "contact": contact,
        "other": _other(request, contact),
        "sent": standing(to=contact, purpose=Purpose.STEP_UP, at=clock.now()),
        "carried": [(CARRIED + name, value) for name, value in fields],
        "onward": onward,
    }
    return render(request, "applicants/step_up.html", context)


def _accepted(request: SignedInRequest, form: CodeForm) -> bool:
    user, at = request.user, clock.now()
    try:
        step_up(
            account=user,
            contact=_contact(request),
            typed=form.cleaned_data["code"],
            by=user,
            at=at,
        )
    except Refusal as no:
        form.refuse(no)
        return False
    request.session[PROVED], request.session[PROVED_BY] = at.isoformat(), _contact(request).to
    return True


def _send_again(request: SignedInRequest, contact: Contact) -> HttpResponse:
    request.session[CONTACT] = contact.to
    if _send(request, contact):
        messages.success(request, _("A code is on its way. Only the newest one counts."))
    onward = get_next_redirect_url(request) or reverse("account")
    return redirect(f"{reverse('account_step_up')}?{urlencode({'next': onward})}")


def _send(request: SignedInRequest, contact: Contact) -> bool:
    user = request.user
    try:
        send_code(account=user, to=contact, purpose=Purpose.STEP_UP, by=user, at=clock.now())
    except CodeTooSoon as soon:
        messages.info(request, str(soon))
    except Refusal as no:
        messages.warning(request, str(no))
    else:
        return True
    return False


def _contact(request: SignedInRequest) -> Contact:
    """The one that must be or was chosen in this session, else the first that is confirmed."""
    contacts = confirmed_contacts(request.user) or [unconfirmed(request.user)]
    chosen = request.session.get(ONLY) or request.session.get(CONTACT)
    return next((contact for contact in contacts if contact.to == chosen), contacts[0])


def _other(request: SignedInRequest, contact: Contact) -> Contact | None:
    return None if request.session.get(ONLY) else other_contact(request.user, than=contact)


def _proved_at(request: HttpRequest) -> datetime | None:
    kept = request.session.get(PROVED)
    return datetime.fromisoformat(kept) if kept else None
