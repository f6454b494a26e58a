"""A fresh code before what cannot be undone: an unlocked phone on a table must not be enough."""

from datetime import datetime, timedelta

from django.conf import settings

from applicants.codes import use_code
from applicants.contacts import Contact
from applicants.enums import Purpose
from applicants.models import User
from mpaspor.audit import trail


def step_up(*, account: User, contact: Contact, typed: str, by: trail.By, at: datetime) -> None:
    """The holder typed back a code just now. Raises CodeWrong, CodeUsedUp.

    As every use of a code it must not run inside a transaction.
    """
    use_code(account=account, to=contact, purpose=Purpose.STEP_UP, typed=typed, at=at)
    trail.record(
        "step_up", subject=f"account:{account.code}", by=by, at=at, channel=contact.channel
    )


def is_fresh(typed_back_at: datetime | None, *, at: datetime) -> bool:
    """Whether a code typed back then still counts, for `STEP_UP_LIFETIME` seconds."""
    lifetime = timedelta(seconds=settings.STEP_UP_LIFETIME)
    return typed_back_at is not None and at - typed_back_at < lifetime
