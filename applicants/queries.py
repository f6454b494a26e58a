"""Reads that more than one caller wants."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from applicants.contacts import Contact
from applicants.enums import FactorKind
from applicants.guardians import is_child
from applicants.holding import columns
from applicants.models import (
    Identity,
    Person,
    PrivacyRequest,
    RecoveryCode,
    SecondFactor,
    User,
)
from mpaspor.notifications.models import Channel


def persons_of(user: User) -> QuerySet[Person]:
    """The persons this account looks after, in the order they were added."""
    rows = Person.objects.filter(account=user).select_related("identity", "verification")
    return rows.order_by("pk")


def grown_ups_of(user: User, *, at: datetime) -> list[Person]:
    """Those of the account who may stand for a child."""
    return [person for person in persons_of(user) if not is_child(person.birth_date, at=at)]


def known_elsewhere(person: Person) -> bool:
    """Whether another account looks after a person with this NIK, too."""
    others = Person.objects.filter(identity_id=person.identity_id)
    return others.exclude(account_id=person.account_id).exists()


def account_of(contact: Contact) -> User | None:
    """The account with this contact, confirmed or not."""
    if contact.channel == Channel.EMAIL:
        return account_by(email=contact.to)
    return account_by(phone=contact.to)


def accounts_by_code(codes: Collection[str]) -> QuerySet[User]:
    return User.objects.filter(code__in=codes, is_active=True)


def account_by(**contact: str) -> User | None:
    return User.objects.filter(**contact).first()


@dataclass(frozen=True)
class ContactLine:
    """What the holder sees of one kind of contact: `kind` is email or phone."""

    kind: str
    channel: Channel
    contact: Contact | None
    confirmed: bool
    pending: Contact | None
    removable: bool


def contacts_of(user: User) -> list[ContactLine]:
    pending = {row.channel: row.to for row in user.pending_contacts.all()}
    return [_line(user, channel, pending.get(channel)) for channel in (Channel.EMAIL, Channel.SMS)]


def _line(user: User, channel: Channel, pending: str | None) -> ContactLine:
    kind, verified = columns(channel)
    to, confirmed = getattr(user, kind), getattr(user, verified)
    return ContactLine(
        kind=kind,
        channel=channel,
        contact=Contact(channel, str(to)) if to else None,
        confirmed=confirmed,
        pending=Contact(channel, pending) if pending else None,
        removable=confirmed and user.email_verified and user.phone_verified,
    )


def recoverable_account_of(contact: Contact) -> User | None:
    """The active account that a code sent to this contact opens.

    Not by a contact that was added to a confirmed account and never confirmed itself: it may be a
    stranger's.
    """
    nothing_confirmed = Q(email_verified=False, phone_verified=False)
    by_email = Q(email=contact.to) & (Q(email_verified=True) | nothing_confirmed)
    by_phone = Q(phone=contact.to) & (Q(phone_verified=True) | nothing_confirmed)
    fitting = by_email if contact.channel == Channel.EMAIL else by_phone
    return User.objects.filter(fitting, is_active=True).first()


def accounts_with(identity: Identity) -> list[User]:
    """The accounts that look after this person and can be signed in to."""
    confirmed = Q(email_verified=True) | Q(phone_verified=True)
    accounts = User.objects.filter(confirmed, persons__identity=identity, is_active=True)
    return list(accounts.order_by("pk"))


def has_room(user: User) -> bool:
    """Whether the account may look after one person more."""
    return Person.objects.filter(account=user).count() < person_limit(user)


def person_limit(user: User) -> int:
    """The account's own, else the rule for everybody."""
    return user.person_limit or settings.PERSONS_PER_ACCOUNT


def second_factors_of(user: User) -> QuerySet[SecondFactor]:
    return SecondFactor.objects.filter(account=user).order_by("pk")


def has_second_factor(user: User) -> bool:
    return second_factors_of(user).exists()


def app_of(user: User) -> SecondFactor | None:
    """The authenticator app whose codes are asked for."""
    return second_factors_of(user).filter(kind=FactorKind.APP).first()


def passkeys_of(user: User) -> QuerySet[SecondFactor]:
    return second_factors_of(user).filter(kind=FactorKind.PASSKEY)


def recovery_codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(account=user, used_at=None).count()


def waiting_requests(*, at: datetime) -> dict[str, int]:
    """Requests about data without an answer: how many, and how many of them are overdue."""
    rows = PrivacyRequest.objects
    return {"waiting": rows.open().count(), "overdue": rows.overdue(at).count()}
