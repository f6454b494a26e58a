from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from applicants import passkeys
from applicants.accounts import change_password
from applicants.forms import ChangePasswordForm, SignInForm
from applicants.requests import SignedInRequest, host_of, with_next
from applicants.views.signing_up import TYPED, remember_contact
from mpaspor.core import clock
from mpaspor.core.errors import Refusal


class SignIn(LoginView):
    """allauth's sign-in, which remembers what was typed for the pages that help."""

    form_class = SignInForm

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "login": self.request.session.get(TYPED)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if passkeys.possible_at(host_of(self.request)):
            context["passkey_url"] = with_next(self.request, "account_passkey")
        return context

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        remember_contact(self.request, form.data.get("login", ""))
        response: HttpResponse = super().form_invalid(form)
        return response


@sensitive_post_parameters("current", "password")
@login_required
def change(request: SignedInRequest) -> HttpResponse:
    form = ChangePasswordForm(request.POST or None)
    if form.is_valid():
        user = request.user
        try:
            user = change_password(account=user, **form.cleaned_data, by=user, at=clock.now())
        except Refusal as no:
            form.refuse(no)
        else:
            update_session_auth_hash(request, user)
            messages.success(request, _("The new password is saved."))
            return redirect(get_next_redirect_url(request) or "my_applications")
    return render(request, "applicants/change_password.html", {"form": form})
