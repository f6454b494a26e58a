"""Which account was it? By a contact to everybody; by a NIK to who has shown to hold a phone."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from applicants.codes import CodeTooSoon, send_code, standing, use_code
from applicants.contacts import Contact, confirmed_contacts, read_phone
from applicants.enums import Purpose
from applicants.forms import CodeForm, ContactForm, NikForm, PhoneForm
from applicants.lookups import account_with, contacts_knowing
from applicants.models import User
from applicants.views.resending import send_again
from applicants.views.signing_up import TYPED
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Channel

# What the session holds: the asker's phone, and when the code sent to it was typed back.
PHONE, PROVED = "asker_phone", "asker_proved"


@never_cache
def registered(request: HttpRequest) -> HttpResponse:
    form = ContactForm(request.POST or None, initial={"contact": request.session.get(TYPED)})
    facts = {}
    if form.is_valid():
        contact = form.cleaned_data["contact"]
        request.session[TYPED] = str(contact)
        try:
            facts = {"contact": contact, "account": account_with(contact, at=clock.now())}
        except Refusal as no:
            form.refuse(no)
    return render(request, "applicants/registered.html", {"form": form, **facts})


@never_cache
def phone(request: HttpRequest) -> HttpResponse:
    form = PhoneForm(request.POST or None)
    if form.is_valid():
        contact = form.cleaned_data["phone"]
        try:
            # Too soon: the code sent a moment ago still counts.
            with suppress(CodeTooSoon):
                _send(request, contact)
        except Refusal as no:
            form.refuse(no)
        else:
            request.session[PHONE] = contact.to
            request.session.pop(PROVED, None)
            return redirect("account_registered_code")
    return render(request, "applicants/registered_phone.html", {"form": form})


@never_cache
def prove(request: HttpRequest) -> HttpResponse:
    contact = _phone(request)
    if contact is None:
        return redirect("account_registered_phone")
    sent = standing(to=contact, purpose=Purpose.LOOK_UP, at=clock.now())
    form = CodeForm(request.POST or None)
    if form.is_valid():
        typed = form.cleaned_data["code"]
        try:
            use_code(account=None, to=contact, purpose=Purpose.LOOK_UP, typed=typed, at=clock.now())
        except Refusal as no:
            form.refuse(no)
        else:
            request.session[PROVED] = clock.now().isoformat()
            return redirect("account_registered_nik")
    return render(
        request,
        "applicants/registered_code.html",
        {"form": form, "contact": contact, "sent": sent},
    )


@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    contact = _phone(request)
    if contact is None:
        return redirect("account_registered_phone")
    send_again(request, partial(_send, request, contact))
    return redirect("account_registered_code")


@never_cache
@sensitive_post_parameters("nik")
def by_nik(request: HttpRequest) -> HttpResponse:
    asker = _asker(request)
    if asker is None:
        return redirect("account_registered_phone")
    at = clock.now()
    form = NikForm(request.POST or None, at=at)
    facts = {}
    if form.is_valid():
        nik = form.cleaned_data["nik"]
        by = request.user if isinstance(request.user, User) else "visitor"
        try:
            known = contacts_knowing(nik=nik.digits, asker=asker, by=by, at=at)
            facts = {"nik": nik, "accounts": known}
        except Refusal as no:
            form.refuse(no)
    return render(request, "applicants/registered_nik.html", {"form": form, **facts})


def _send(request: HttpRequest, contact: Contact) -> None:
    by = request.user if isinstance(request.user, User) else "visitor"
    send_code(account=None, to=contact, purpose=Purpose.LOOK_UP, by=by, at=clock.now())


def _asker(request: HttpRequest) -> Contact | None:
    """The phone that the asker holds: of the account, or shown a moment ago."""
    if isinstance(request.user, User):
        for contact in confirmed_contacts(request.user):
            if contact.channel == Channel.SMS:
                return contact
    proved = request.session.get(PROVED)
    lifetime = timedelta(seconds=settings.CODE_LIFETIME)
    if proved is None or clock.now() - datetime.fromisoformat(proved) >= lifetime:
        return None
    return _phone(request)


def _phone(request: HttpRequest) -> Contact | None:
    kept = request.session.get(PHONE)
    return read_phone(kept) if kept else None
