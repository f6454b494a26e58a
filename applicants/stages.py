"""The steps of signing in that are ours: the one contact of an account, and the second factor."""

from allauth.account.stages import LoginStage
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from applicants.codes import CodeTooSoon, send_code, standing
from applicants.contacts import unconfirmed
from applicants.enums import Purpose
from applicants.mail_domains import likely_meant
from applicants.models import User
from applicants.queries import has_second_factor
from mpaspor.core import clock
from mpaspor.core.errors import Refusal

# What a sign-in knows of itself when it was begun with a passkey.
BY_PASSKEY = "by_passkey"


class ConfirmContact(LoginStage):
    """After the password, as long as no contact is confirmed: a code is sent and asked for."""

    key = "confirm_contact"
    urlname = "account_code"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        account = self.login.user
        if account.confirmed:
            return None, True
        if is_doubtful(account):
            return redirect("account_code_correct"), True
        try:
            _send(account)
        except CodeTooSoon:
            pass  # the code sent a moment ago still counts
        except Refusal as no:
            messages.warning(self.request, str(no))
            return redirect("account_code_correct"), True
        return redirect(self.urlname), True


def is_doubtful(account: User) -> bool:
    """Whether the address looks mistyped and nothing was sent there yet."""
    contact = unconfirmed(account)
    if likely_meant(contact) is None:
        return False
    return not standing(to=contact, purpose=Purpose.CONFIRM, at=clock.now()).sent


class SecondStep(LoginStage):
    """After the password, whoever has a second factor shows it. A passkey alone is both."""

    key = "second_step"
    urlname = "account_second_step"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if self.login.state.get(BY_PASSKEY) or not has_second_factor(self.login.user):
            return None, True
        return redirect(self.urlname), True


def _send(account: User) -> None:
    send_code(
        account=account,
        to=unconfirmed(account),
        purpose=Purpose.CONFIRM,
        by=account,
        at=clock.now(),
    )
