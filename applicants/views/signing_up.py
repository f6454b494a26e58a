"""Opening an account and confirming its contact by the code that was sent there."""

from contextlib import suppress
from functools import partial

from allauth.account.internal.stagekit import clear_login
from allauth.account.stages import LoginStageController
from allauth.account.utils import (
    complete_signup,
    get_next_redirect_url,
    passthrough_next_redirect_url,
)
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from applicants.accounts import confirm_contact, correct_contact, open_account
from applicants.codes import send_code, standing
from applicants.contacts import ContactNotUnderstood, read_contact, unconfirmed
from applicants.enums import Purpose
from applicants.forms import CodeForm, ContactForm, SignUpForm
from applicants.holding import ContactTaken
from applicants.lookups import told
from applicants.models import User
from applicants.stages import ConfirmContact, is_doubtful
from applicants.views.keeping import keeps_typed, with_kept
from applicants.views.resending import send_again
from mpaspor.core import clock
from mpaspor.core.errors import Refusal

# Where the session keeps the contact that was typed last, for the pages that ask for it again.
TYPED = "contact_typed"


def remember_contact(request: HttpRequest, typed: str) -> None:
    """As it was typed; nothing else that people type there, like their NIK."""
    with suppress(ContactNotUnderstood):
        read_contact(typed)
        request.session[TYPED] = typed


@never_cache
@sensitive_post_parameters("password")
@keeps_typed
def sign_up(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("my_applications")
    form = SignUpForm(request.POST or None, initial={"contact": request.session.get(TYPED)})
    if form.is_valid():
        request.session[TYPED] = str(form.cleaned_data["contact"])
        try:
            account = open_account(
                **form.cleaned_data, language=get_language() or "id", at=clock.now()
            )
        except ContactTaken as no:
            contact = form.cleaned_data["contact"]
            form.refuse(told(no, contact=contact, at=clock.now()))
        except Refusal as no:
            form.refuse(no)
        else:
            response: HttpResponse = complete_signup(
                request, account, None, get_next_redirect_url(request)
            )
            return response
    login_url = passthrough_next_redirect_url(request, reverse("account_login"), "next")
    context = {"form": with_kept(request, form), "login_url": login_url}
    return render(request, "applicants/sign_up.html", context)


@never_cache
def confirm(request: HttpRequest) -> HttpResponse:
    stage = _stage(request)
    if stage is None:
        return _to_sign_in(request)
    account: User = stage.login.user
    contact = unconfirmed(account)
    sent = standing(to=contact, purpose=Purpose.CONFIRM, at=clock.now())
    if not sent.sent:
        return redirect("account_code_correct")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            confirm_contact(
                account=account, typed=form.cleaned_data["code"], by=account, at=clock.now()
            )
        except Refusal as no:
            form.refuse(no)
        else:
            response: HttpResponse = stage.exit()
            return response
    return render(
        request, "applicants/confirm.html", {"form": form, "contact": contact, "sent": sent}
    )


@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    stage = _stage(request)
    if stage is None:
        return _to_sign_in(request)
    return _send(request, stage.login.user)


@never_cache
def correct(request: HttpRequest) -> HttpResponse:
    stage = _stage(request)
    if stage is None:
        return _to_sign_in(request)
    account: User = stage.login.user
    contact = unconfirmed(account)
    asks = "another" not in request.GET and is_doubtful(account)
    doubtful = {"contact": contact.to} if asks else None
    form = ContactForm(request.POST or doubtful, initial={"contact": str(contact)})
    if form.is_valid():
        try:
            account = correct_contact(
                account=account, contact=form.cleaned_data["contact"], by=account, at=clock.now()
            )
        except Refusal as no:
            form.refuse(no)
        else:
            return _send(request, account)
    return render(request, "applicants/correct.html", {"form": form})


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Another person, or another account: the sign-in that was begun is forgotten."""
    clear_login(request)
    return redirect("account_login")


def _send(request: HttpRequest, account: User) -> HttpResponse:
    send = partial(
        send_code,
        account=account,
        to=unconfirmed(account),
        purpose=Purpose.CONFIRM,
        by=account,
        at=clock.now(),
    )
    send_again(request, send)
    return redirect("account_code")


def _stage(request: HttpRequest) -> ConfirmContact | None:
    """The sign-in that waits for a code; none when the account was confirmed elsewhere, or when
    somebody else confirmed its only contact.

    Then the password is asked for again: it may have been somebody else's who typed this contact.
    """
    stage: ConfirmContact | None = LoginStageController.enter(request, ConfirmContact.key)
    if stage is not None and (stage.login.user.confirmed or not stage.login.user.is_active):
        clear_login(request)
        return None
    return stage


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("my_applications")
    messages.info(request, _("Please sign in. If a code is still needed, we send you a new one."))
    return redirect("account_login")
