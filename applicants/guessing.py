"""Wrong passwords, counted for each account: on its own devices apart from all others."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from applicants.models import PasswordTries, User
from applicants.try_later import TryLater


class TooManyGuesses(TryLater):
    code = "too-many-guesses"
    message = _("There were too many wrong passwords for this account.")
    remedy = _(
        "You can get in at once with a code that we send you. With the password you can try again "
        "in %(wait)s."
    )
    field = "password"


@transaction.atomic(durable=True)
def count_try(*, account: User, device: str, at: datetime) -> None:
    """Before a password is looked at: many tries at once are no more than one after another.

    `device` is the name of one that this account signed in with before; all others share one
    count, so that whoever guesses there does not lock the owner out. Each try costs a pause, and
    so many pauses may be owed as there are tries. Raises TooManyGuesses.
    """
    mine = PasswordTries.objects.filter(account=account, device=device)
    PasswordTries.objects.bulk_create(
        [PasswordTries(account=account, device=device, owed_until=at)], ignore_conflicts=True
    )
    most = at + (settings.PASSWORD_TRIES - 1) * _pause()
    if not mine.filter(owed_until__lte=most).update(owed_until=_later(at)):
        raise TooManyGuesses(until=mine.get().owed_until - (most - at), at=at)


def forgive_try(*, account: User, device: str) -> None:
    """The password was right."""
    mine = PasswordTries.objects.filter(account=account, device=device)
    mine.update(owed_until=models.F("owed_until") - _pause())


def forget_paid(*, at: datetime) -> int:
    """Rows that have said nothing for a day; returns how many."""
    return PasswordTries.objects.filter(owed_until__lt=at - timedelta(days=1)).delete()[0]


def _pause() -> timedelta:
    return timedelta(seconds=settings.PASSWORD_PAUSE)


def _later(at: datetime) -> models.expressions.Combinable:
    return Greatest(models.F("owed_until"), models.Value(at)) + _pause()
