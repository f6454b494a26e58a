"""Getting back in: a code to the contact, then a new password."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.utils import get_next_redirect_url, perform_login
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from applicants.accounts import NoAccount, account_to_recover, recover_account
from applicants.codes import CodeTooSoon, send_code, standing, use_code
from applicants.contacts import Contact, other_contact, read_contact
from applicants.enums import Purpose
from applicants.forms import CodeForm, ContactForm, NewPasswordForm
from applicants.lookups import told
from applicants.queries import recoverable_account_of
from applicants.views.signing_up import TYPED
from mpaspor.core import clock
from mpaspor.core.errors import Refusal

# What the session holds: the contact to which a code went, when it was typed back, where to go on.
CONTACT, PROVED, ONWARD = "recovery_contact", "recovery_proved", "recovery_onward"


@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    form = ContactForm(request.POST or None, initial={"contact": request.session.get(TYPED)})
    other = None
    if form.is_valid():
        contact = form.cleaned_data["contact"]
        request.session[TYPED] = str(contact)
        try:
            other = other_contact(account_to_recover(contact), than=contact)
            _begin(request, contact)
            _send(request, contact)
        except NoAccount as no:
            form.refuse(told(no, contact=contact, at=clock.now()))
        except Refusal as no:
            form.refuse(no)
        else:
            return redirect("account_recover_code")
    return render(request, "applicants/recover.html", {"form": form, "other": other})


@never_cache
def prove(request: HttpRequest) -> HttpResponse:
    contact = _contact(request)
    if contact is None:
        return redirect("account_reset_password")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            use_code(
                account=account_to_recover(contact),
                to=contact,
                purpose=Purpose.RECOVER,
                typed=form.cleaned_data["code"],
                at=clock.now(),
            )
        except Refusal as no:
            form.refuse(no)
        else:
            request.session[PROVED] = clock.now().isoformat()
            return redirect("account_new_password")
    facts = _code_facts(request, contact)
    if not facts["sent"].sent:
        return redirect("account_reset_password")
    return render(request, "applicants/recover_code.html", {"form": form, **facts})


@require_POST
def send_to_other(request: HttpRequest) -> HttpResponse:
    """The code does not come where it was sent: the account's other contact has it instead."""
    contact = _contact(request)
    try:
        other = contact and other_contact(account_to_recover(contact), than=contact)
        if other is None:
            return redirect("account_reset_password")
        _send(request, other)
        _begin(request, other)
    except Refusal as no:
        messages.warning(request, str(no))
    return redirect("account_recover_code")


@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    contact = _contact(request)
    if contact is None:
        return redirect("account_reset_password")
    try:
        _send(request, contact)
    except Refusal as no:
        messages.warning(request, str(no))
    return redirect("account_recover_code")


@never_cache
@sensitive_post_parameters("password")
def new_password(request: HttpRequest) -> HttpResponse:
    contact = _contact(request)
    if contact is None or not _proved(request):
        return redirect("account_recover_code")
    form = NewPasswordForm(request.POST or None)
    if form.is_valid():
        try:
            account = recover_account(contact=contact, at=clock.now(), **form.cleaned_data)
        except Refusal as no:
            form.refuse(no)
        else:
            del request.session[CONTACT], request.session[PROVED]
            onward = request.session.pop(ONWARD, None)
            response: HttpResponse = perform_login(request, account, redirect_url=onward)
            return response
    return render(request, "applicants/new_password.html", {"form": form, "contact": contact})


def _begin(request: HttpRequest, contact: Contact) -> None:
    request.session[CONTACT] = contact.to
    request.session.pop(PROVED, None)
    if onward := get_next_redirect_url(request):
        request.session[ONWARD] = onward


def _code_facts(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    """Somebody who typed only one contact of the account sees the other one masked."""
    typed = str(contact) == request.session.get(TYPED)
    account = recoverable_account_of(contact)
    return {
        "contact": contact,
        "shown": str(contact) if typed else contact.masked,
        "sent": standing(to=contact, purpose=Purpose.RECOVER, at=clock.now()),
        "other": account and other_contact(account, than=contact),
    }


def _send(request: HttpRequest, contact: Contact) -> None:
    account = account_to_recover(contact)
    try:
        send_code(
            account=account, to=contact, purpose=Purpose.RECOVER, by="recovery", at=clock.now()
        )
    except CodeTooSoon as soon:
        messages.info(request, str(soon))
    else:
        messages.success(request, _("A code is on its way. Only the newest one counts."))


def _contact(request: HttpRequest) -> Contact | None:
    kept = request.session.get(CONTACT)
    return read_contact(kept) if kept else None


def _proved(request: HttpRequest) -> bool:
    proved = request.session.get(PROVED)
    if proved is None:
        return False
    lifetime = timedelta(seconds=settings.CODE_LIFETIME)
    return clock.now() - datetime.fromisoformat(proved) < lifetime
