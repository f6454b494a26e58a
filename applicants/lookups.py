"""Whether somebody is registered: told plainly, but not without end.

People forget how they signed up, and an answer that hides it sends them away for good. So the
answer is true, and what is limited is how often it is given about one contact or one NIK: whoever
watches a certain person is slowed, and nobody else behind the same address is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applicants.contacts import Contact, confirmed_contacts
from applicants.models import NIK_INDEX, Identity, Lookup, User
from applicants.persons import known_nik
from applicants.queries import account_of, accounts_with
from applicants.try_later import TryLater
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.core.sealed import blind_index

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class AskedTooOften(TryLater):
    code = "asked-too-often"
    message = _("This was asked many times in a short while.")
    remedy = _(
        "You can ask again in %(wait)s. Signing up, signing in and making a new password work "
        "all the while."
    )


def account_with(contact: Contact, *, at: datetime) -> User | None:
    """Whose contact it is, confirmed or not. Raises AskedTooOften."""
    count_asked(f"contact:{contact.to}", limit=settings.LOOKUPS_AN_HOUR, window=HOUR, at=at)
    return account_of(contact)


def told(no: Refusal, *, contact: Contact, at: datetime) -> Refusal:
    """A refusal that gives away whether the contact is registered; told too often, another one."""
    try:
        count_asked(f"contact:{contact.to}", limit=settings.LOOKUPS_AN_HOUR, window=HOUR, at=at)
    except AskedTooOften as often:
        return often
    return no


def contacts_knowing(
    *, nik: str, asker: Contact, by: trail.By, at: datetime
) -> Sequence[Sequence[Contact]]:
    """How each account that looks after this NIK is reached; to be shown masked.

    `asker` is a phone that the asker has proved to hold: it stands in the audit, as a digest.
    Raises NikNotValid, AskedTooOften.
    """
    digits = known_nik(nik, at=at).digits
    for who in (f"asker:{asker.to}", f"nik:{digits}"):
        count_asked(who, limit=settings.NIK_LOOKUPS_A_DAY, window=DAY, at=at)
    identity = Identity.objects.filter(NIK_INDEX.matches(digits)).first()
    accounts = accounts_with(identity) if identity else []
    _record(identity, asker, accounts, by=by, at=at)
    return [confirmed_contacts(account) for account in accounts]


@transaction.atomic(durable=True)
def count_asked(what: str, *, limit: int, window: timedelta, at: datetime) -> None:
    """Counts for good, whatever the caller rolls back, so it must not run inside a transaction.

    Raises AskedTooOften.
    """
    index = _index(what)
    Lookup.objects.bulk_create([Lookup(key_index=index, began_at=at)], ignore_conflicts=True)
    row = Lookup.objects.select_for_update().get(key_index=index)
    if row.began_at <= at - window:
        row.began_at, row.asked = at, 0
    if row.asked >= limit:
        raise AskedTooOften(until=row.began_at + window, at=at)
    row.asked += 1
    row.save()


def forget_asked(what: str) -> None:
    """Who asked knew the answer: it is counted no more."""
    Lookup.objects.filter(key_index=_index(what)).delete()


def forget_old(*, at: datetime) -> int:
    """Deletes counts that have run out; returns how many."""
    return Lookup.objects.filter(began_at__lt=at - DAY).delete()[0]


def _record(
    identity: Identity | None,
    asker: Contact,
    accounts: Sequence[User],
    *,
    by: trail.By,
    at: datetime,
) -> None:
    trail.record(
        "look_up_nik",
        subject=f"identity:{identity.code if identity else 'unknown'}",
        by=by,
        at=at,
        asker=blind_index(asker.to, purpose="asker").hex(),
        accounts=[account.code for account in accounts],
    )


def _index(what: str) -> bytes:
    return blind_index(what, purpose="lookup")
