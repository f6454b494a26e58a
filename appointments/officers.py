"""What holds for the accounts of officers, whom neither applicants nor quota know whole."""

from django.utils.translation import gettext_lazy as _

from applicants.models import User
from mpaspor.core.errors import Refusal
from quota.access import serves


class OfficersKeepOne(Refusal):
    code = "officers-keep-one"
    message = _("An officer's account needs a second step.")
    remedy = _("Set up another one first, then remove this one.")


def refuse_without_second_factor(*, account: User) -> None:
    """Raises OfficersKeepOne."""
    if serves(account):
        raise OfficersKeepOne
