"""Showing the second factor: as a step of signing in, or again in a session that lasts."""

from datetime import datetime
from typing import Any

from allauth.account.internal.stagekit import clear_login
from allauth.account.stages import LoginStageController
from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from applicants import passkeys, proofs
from applicants.forms import CodeForm, PasskeyForm, RecoveryCodeForm
from applicants.models import User
from applicants.queries import app_of, has_second_factor, passkeys_of
from applicants.requests import host_of, with_next
from applicants.second_step import pass_by_app, pass_by_recovery_code
from applicants.stages import SecondStep
from mpaspor.core import clock
from mpaspor.core.errors import Refusal


@never_cache
@sensitive_post_parameters("code")
def ask(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    if account is None:
        return elsewhere(request)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        at = clock.now()
        try:
            pass_by_app(account=account, typed=form.cleaned_data["code"], at=at)
        except Refusal as no:
            form.refuse(no)
        else:
            return go_on(request, account, at=at)
    return page(request, account, {"form": form})


@never_cache
@sensitive_post_parameters("code")
def recover(request: HttpRequest) -> HttpResponse:
    account = account_of(request)
    if account is None:
        return elsewhere(request)
    form = RecoveryCodeForm(request.POST or None)
    if form.is_valid():
        at = clock.now()
        try:
            pass_by_recovery_code(account=account, typed=form.cleaned_data["code"], at=at)
        except Refusal as no:
            form.refuse(no)
        else:
            messages.warning(request, _("Cross out the code you typed: it cannot be used again."))
            return go_on(request, account, at=at)
    back_url = with_next(request, "account_second_step")
    return render(
        request, "applicants/second_step_recovery.html", {"form": form, "back_url": back_url}
    )


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Another account: the sign-in that was begun is forgotten."""
    clear_login(request)
    return redirect("account_login")


def page(request: HttpRequest, account: User, forms: dict[str, Any]) -> HttpResponse:
    context = {
        "form": CodeForm(),
        "passkey_form": PasskeyForm(),
        "has_app": app_of(account) is not None,
        "has_passkey": passkeys_of(account).exists() and passkeys.possible_at(host_of(request)),
        "signing_in": not request.user.is_authenticated,
        "passkey_url": with_next(request, "account_second_step_passkey"),
        "recovery_url": with_next(request, "account_second_step_recovery"),
    }
    return render(request, "applicants/second_step.html", context | forms)


def _stage(request: HttpRequest) -> SecondStep | None:
    stage: SecondStep | None = LoginStageController.enter(request, SecondStep.key)
    return stage


def account_of(request: HttpRequest) -> User | None:
    """Whose second factor is asked for: who is signing in, or is signed in and has one."""
    stage = _stage(request)
    if stage is not None:
        account: User = stage.login.user
        return account
    user = request.user
    return user if isinstance(user, User) and has_second_factor(user) else None


def go_on(request: HttpRequest, account: User, *, at: datetime) -> HttpResponse:
    stage = _stage(request)
    if stage is not None:
        response: HttpResponse = stage.exit()
        return response
    proofs.pass_second_step(request, account, at=at)
    return redirect(get_next_redirect_url(request) or "second_factor")


def elsewhere(request: HttpRequest) -> HttpResponse:
    """Nobody is here whose second factor could be asked for."""
    if request.user.is_authenticated:
        return redirect(with_next(request, "second_factor"))
    messages.info(request, _("Please sign in again: this step waits only a while."))
    return redirect(with_next(request, "account_login"))
