"""Showing a passkey: as the second step, or instead of the password and the second step.

Each view is posted to twice: first without an answer, for what the browser needs; then with the
answer of the passkey (static/js/passkey.js).
"""

from datetime import datetime

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from applicants import passkeys
from applicants.forms import PasskeyForm
from applicants.models import User
from applicants.queries import passkeys_of
from applicants.requests import host_of, with_next
from applicants.second_step import pass_by_passkey
from applicants.stages import BY_PASSKEY
from applicants.views import second_step as steps
from mpaspor.core import clock
from mpaspor.core.errors import Refusal

# What the session holds between the two.
CHALLENGE = "passkey_challenge"


@never_cache
@require_POST
def second_step(request: HttpRequest) -> HttpResponse:
    account = steps.account_of(request)
    if account is None:
        return steps.elsewhere(request)
    if "answer" not in request.POST:
        return _begin(request, account)
    form = PasskeyForm(request.POST)
    if form.is_valid():
        at = clock.now()
        try:
            _shown(request, form, at=at, account=account)
        except Refusal as no:
            form.refuse(no)
        else:
            return steps.go_on(request, account, at=at)
    return steps.page(request, account, {"passkey_form": form})


@never_cache
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """By a passkey alone: the device has it, and asked its owner for a finger, a face or a PIN."""
    if request.user.is_authenticated:
        return redirect(get_next_redirect_url(request) or "my_applications")
    if "answer" not in request.POST:
        return _begin(request, None)
    form = PasskeyForm(request.POST)
    if form.is_valid():
        try:
            account = _shown(request, form, at=clock.now())
        except Refusal as no:
            form.refuse(no)
        else:
            login = Login(
                account, redirect_url=get_next_redirect_url(request), state={BY_PASSKEY: True}
            )
            response: HttpResponse = perform_login(request, login)
            return response
    for error in form.errors.get("__all__", []) + form.errors.get("answer", []):
        messages.error(request, str(error))
    return redirect(with_next(request, "account_login"))


def _begin(request: HttpRequest, account: User | None) -> JsonResponse:
    own = passkeys_of(account) if account else []
    options, request.session[CHALLENGE] = passkeys.begin_showing(own, host=host_of(request))
    return JsonResponse(options)


def _shown(
    request: HttpRequest, form: PasskeyForm, *, at: datetime, account: User | None = None
) -> User:
    """The challenge is good for one answer."""
    return pass_by_passkey(
        answer=form.cleaned_data["answer"],
        challenge=request.session.pop(CHALLENGE, None),
        host=host_of(request),
        account=account,
        at=at,
    )
