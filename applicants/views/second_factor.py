"""The page where people see and change what they show beside the password."""

import base64
from collections.abc import Callable
from functools import wraps

import segno
from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from applicants import passkeys, proofs, second_factor, totp
from applicants.access import factor_for
from applicants.contacts import unconfirmed
from applicants.forms import CodeForm, PasskeyForm
from applicants.queries import app_of, has_second_factor, recovery_codes_left, second_factors_of
from applicants.requests import SignedInRequest, host_of, with_next
from applicants.second_factor import Added
from applicants.views.stepping_up import fresh_code_required
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.core.sealed import SealBroken, seal, unseal

# What the session holds, sealed where it is a secret: the secret of the app that is being set up,
# the challenge for a new passkey, recovery codes until their owner has put them down.
OFFERED, CHALLENGE, SHOWN = "app_offered", "new_passkey_challenge", "recovery_codes_shown"

View = Callable[..., HttpResponse]


def freshly_proved(view: View) -> View:
    """Whoever finds an open browser must not change the keys of the account.

    A sign-in counts for a while, and so does the second factor; who has none types a fresh code.
    """
    after_a_code = fresh_code_required(view)

    @never_cache
    @login_required
    @wraps(view)
    def guarded(request: SignedInRequest, *args: str, **kwargs: str) -> HttpResponse:
        has_factor = has_second_factor(request.user)
        fresh = proofs.is_fresh(request, at=clock.now())
        if fresh and (proofs.has_passed(request) or not has_factor):
            return view(request, *args, **kwargs)
        if not has_factor:
            return after_a_code(request, *args, **kwargs)
        messages.info(request, _("Please show once more that it is you."))
        return redirect_to_login(request.get_full_path(), reverse("account_second_step"))

    return guarded


@never_cache
@login_required
def overview(request: SignedInRequest) -> HttpResponse:
    context = {
        "factors": second_factors_of(request.user),
        "codes_left": recovery_codes_left(request.user),
        "onward": get_next_redirect_url(request),
        "app_url": with_next(request, "second_factor_app"),
        "passkey_url": with_next(request, "second_factor_passkey"),
    }
    return render(request, "applicants/second_factor.html", context)


@sensitive_post_parameters("code")
@freshly_proved
def app(request: SignedInRequest) -> HttpResponse:
    """The same secret however often the page is loaded, until a code proves that an app has it."""
    secret = _offered(request)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        user, at = request.user, clock.now()
        try:
            added = second_factor.add_app(
                account=user, secret=secret, typed=form.cleaned_data["code"], by=user, at=at
            )
        except Refusal as no:
            form.refuse(no)
        else:
            del request.session[OFFERED]
            messages.success(request, _("Your authenticator app is set up."))
            return _go_on(request, added)
    address = totp.address(secret, holder=str(unconfirmed(request.user)))
    context = {
        "form": form,
        "secret": [secret[at : at + 4] for at in range(0, len(secret), 4)],
        "address": address,
        "picture": segno.make(address, error="m").svg_data_uri(scale=5, border=2),
        "replaces": app_of(request.user) is not None,
        "back_url": with_next(request, "second_factor"),
    }
    return render(request, "applicants/second_factor_app.html", context)


@freshly_proved
def passkey(request: SignedInRequest) -> HttpResponse:
    """Posted to first without an answer, for what the browser needs; then with the answer."""
    user, host = request.user, host_of(request)
    if request.method == "POST" and "answer" not in request.POST:
        options, request.session[CHALLENGE] = passkeys.begin_making(user, host=host)
        return JsonResponse(options)
    form = PasskeyForm(request.POST or None)
    if form.is_valid():
        challenge, at = request.session.pop(CHALLENGE, None), clock.now()
        try:
            made = passkeys.made(form.cleaned_data["answer"], challenge=challenge, host=host)
            added = second_factor.add_passkey(account=user, credential=made, by=user, at=at)
        except Refusal as no:
            form.refuse(no)
        else:
            messages.success(request, _("Your passkey is set up."))
            return _go_on(request, added)
    context = {
        "form": form,
        "possible": passkeys.possible_at(host),
        "app_url": with_next(request, "second_factor_app"),
        "back_url": with_next(request, "second_factor"),
    }
    return render(request, "applicants/second_factor_passkey.html", context)


@freshly_proved
def remove(request: SignedInRequest, code: str) -> HttpResponse:
    factor = factor_for(request.user, code)
    errors = []
    if request.method == "POST":
        user = request.user
        try:
            account = second_factor.remove_factor(account=user, code=code, by=user, at=clock.now())
        except Refusal as no:
            errors = [str(no)]
        else:
            proofs.keep_this_session(request, account)
            messages.success(request, _("It is removed."))
            return redirect("second_factor")
    context = {"factor": factor, "errors": errors}
    return render(request, "applicants/second_factor_remove.html", context)


@freshly_proved
def renew(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":  # who had to show a key again presses the button again
        return redirect("second_factor")
    user = request.user
    codes = second_factor.renew_recovery_codes(account=user, by=user, at=clock.now())
    _keep(request, SHOWN, " ".join(codes))
    return redirect("recovery_codes")


@freshly_proved
def recovery_codes(request: SignedInRequest) -> HttpResponse:
    """Shown until their owner says they are kept; never again after that."""
    if request.method == "POST":
        request.session.pop(SHOWN, None)
        return redirect(get_next_redirect_url(request) or "second_factor")
    codes = _shown(request)
    if not codes:
        return redirect(with_next(request, "second_factor"))
    return render(request, "applicants/recovery_codes.html", {"codes": codes})


@freshly_proved
def codes_file(request: SignedInRequest) -> HttpResponse:
    codes = _shown(request)
    if not codes:
        return redirect("second_factor")
    context = {"codes": codes, "contact": unconfirmed(request.user)}
    page = render(request, "applicants/recovery_codes.txt", context, content_type="text/plain")
    page.headers["Content-Disposition"] = 'attachment; filename="m-paspor-recovery-codes.txt"'
    return page


def _offered(request: SignedInRequest) -> str:
    offered = _opened(request, OFFERED)
    if offered is None:
        offered = totp.new_secret()
        _keep(request, OFFERED, offered)
    return offered


def _go_on(request: SignedInRequest, added: Added) -> HttpResponse:
    """First to the recovery codes, if there are new ones, then to where the person was going."""
    proofs.keep_this_session(request, added.account)
    proofs.pass_second_step(request, added.account, at=clock.now())
    if not added.recovery_codes:
        return redirect(get_next_redirect_url(request) or "second_factor")
    _keep(request, SHOWN, " ".join(added.recovery_codes))
    return redirect(with_next(request, "recovery_codes"))


def _shown(request: SignedInRequest) -> list[str]:
    return (_opened(request, SHOWN) or "").split()


def _keep(request: SignedInRequest, name: str, secret: str) -> None:
    sealed = seal(secret, context=f"{name}:{request.user.code}")
    request.session[name] = base64.b64encode(sealed).decode()


def _opened(request: SignedInRequest, name: str) -> str | None:
    """Nothing where nothing was kept, or too long ago for the keys of today."""
    kept = base64.b64decode(request.session.get(name, ""))
    try:
        return unseal(kept, context=f"{name}:{request.user.code}")
    except SealBroken:
        return None
