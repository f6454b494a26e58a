"""What django-allauth asks of us to sign people in by e-mail or phone."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from applicants import queries
from applicants.guessing import count_try, forgive_try
from applicants.known_devices import known_device, remember_device
from applicants.models import User
from mpaspor.core import clock

WRONG_PASSWORD = _(
    "The password is not right. Look at capital letters, or make a new password with "
    "“Forgot your password?”."
)


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG_PASSWORD,
        "phone_password_mismatch": WRONG_PASSWORD,
        "username_password_mismatch": WRONG_PASSWORD,
    }

    def get_login_stages(self) -> list[str]:
        ours = ["applicants.stages.ConfirmContact", "applicants.stages.SecondStep"]
        return [*ours, *super().get_login_stages()]

    def get_user_by_phone(self, phone: str) -> User | None:
        return queries.account_by(phone=phone)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Raises TooManyGuesses without having looked at the password."""
        contact = {name: credentials[name] for name in ("email", "phone") if name in credentials}
        account = queries.account_by(**contact) if contact else None
        if account is None:
            return None
        device = known_device(request, account)
        count_try(account=account, device=device, at=clock.now())
        user: User | None = super().authenticate(request, **credentials)
        if user:
            forgive_try(account=account, device=device)
        return user

    def post_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **facts)
        remember_device(request, response, user)
        return response
