"""Forms that keep what is typed into them: a decorator for the view, a line for its form."""

import base64
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url

from applicants import drafts
from applicants.drafts import DraftTooLarge, Kept
from applicants.forms import KeepingForm
from applicants.models import User
from applicants.requests import typed_fields
from mpaspor.core import clock
from mpaspor.core.sealed import SealBroken, seal, unseal

View = Callable[..., HttpResponse]
Form = TypeVar("Form", bound=KeepingForm)

# Fields of the page's own (templates/_form.html, _kept.html, static/js/keep.js).
ONLY_KEEP, START_EMPTY, TYPED_BY = "only_keep", "start_empty", "typed_by"
OWN_FIELDS = {ONLY_KEEP, START_EMPTY, TYPED_BY}
# Where the session of somebody who is not signed in has one form, sealed.
IN_SESSION = "typed"


def keeps_typed(view: View) -> View:
    """What is sent to this address is kept before the view reads it, until the view leads on.

    So it outlives a refusal, an error of ours and a session that ended while somebody typed. Stands
    above `login_required`.
    """

    @wraps(view)
    def keeping(request: HttpRequest, *places: Any, **named: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *places, **named)
        if START_EMPTY in request.POST:
            _forget(request)
            return redirect(request.get_full_path())
        is_kept = _keep(request)
        if ONLY_KEEP in request.POST:
            return HttpResponse(status=204 if is_kept else DraftTooLarge.status)
        response = view(request, *places, **named)
        if _leads_on(response):
            _forget(request)
        return response

    return keeping


def with_kept(request: HttpRequest, form: Form) -> Form:
    """The form as it is to be shown: with what was kept, if nothing is being sent."""
    form.typed_by = _code_of(request)
    if not form.is_bound and (found := _kept(request)):
        form.start_with(found, unless=request.GET)
    return form


def _keep(request: HttpRequest) -> bool:
    typed = [field for field in typed_fields(request) if field[0] not in OWN_FIELDS]
    if not any(value.strip() for _name, value in typed):
        _forget(request)
        return True
    with suppress(DraftTooLarge):
        if request.user.is_authenticated:
            drafts.keep(account=request.user, form=request.path, typed=typed, at=clock.now())
        else:
            _keep_in_session(request, drafts.written(typed))
        return True
    return False


def _forget(request: HttpRequest) -> None:
    if request.user.is_authenticated:
        drafts.forget(account=request.user, form=request.path)
    request.session.pop(IN_SESSION, None)


def _leads_on(response: HttpResponse) -> bool:
    """Not to the sign-in page: then the session had ended, and nothing is done yet."""
    to_sign_in = resolve_url(settings.LOGIN_URL)
    return isinstance(response, HttpResponseRedirect) and not response.url.startswith(to_sign_in)


def _kept(request: HttpRequest) -> Kept | None:
    left = _kept_in_session(request)
    if not isinstance(request.user, User):
        return left
    if left:
        drafts.keep(account=request.user, form=request.path, typed=left.typed, at=left.at)
        del request.session[IN_SESSION]
    return drafts.kept(account=request.user, form=request.path)


def _keep_in_session(request: HttpRequest, text: str) -> None:
    """With whose page it was typed on: whoever else signs in here next must not see it."""
    typed_by = request.POST.get(TYPED_BY, "")
    sealed = seal(text, context=_place(request, typed_by))
    request.session[IN_SESSION] = {
        "form": request.path,
        "at": clock.now().isoformat(),
        "sealed": base64.b64encode(sealed).decode(),
    }


def _kept_in_session(request: HttpRequest) -> Kept | None:
    left = request.session.get(IN_SESSION)
    if not left or left["form"] != request.path:
        return None
    place = _place(request, _code_of(request))
    try:
        text = unseal(base64.b64decode(left["sealed"]), context=place)
    except SealBroken:
        return None
    return Kept(drafts.read(text), datetime.fromisoformat(left["at"]))


def _place(request: HttpRequest, typed_by: str) -> str:
    return f"session-draft:{typed_by}:{request.path}"


def _code_of(request: HttpRequest) -> str:
    return request.user.code if isinstance(request.user, User) else ""
