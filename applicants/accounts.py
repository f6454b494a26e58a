"""Opening an account, confirming and correcting its contact, getting back in."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applicants.codes import use_code
from applicants.contacts import Contact, unconfirmed
from applicants.enums import Purpose
from applicants.guessing import TooManyGuesses, count_try, forgive_try
from applicants.holding import ContactTaken, columns, let_go, save_unless_taken
from applicants.models import User
from applicants.names import clean_name
from applicants.queries import account_of, recoverable_account_of
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal

# Under this name the tries at changing the password are counted, beside those of devices.
CHANGING = "change"


class NoAccount(Refusal):
    code = "no-account"
    message = _("There is no account with %(contact)s.")
    remedy = _("Look whether it is typed right, or sign up.")
    field = "contact"
    status = 404


class AlreadyConfirmed(Refusal):
    code = "contact-already-confirmed"
    message = _("This account is already confirmed.")
    remedy = _("Sign in with your password.")


class PasswordTooWeak(Refusal):
    code = "password-too-weak"
    message = _("This password is too easy to guess. %(reasons)s")
    field = "password"
    status = 422


class TooManyCurrentGuesses(Refusal):
    code = "too-many-guesses"
    message = _("There were too many wrong passwords for this account.")
    remedy = _("Wait %(wait)s, or sign out and make a new password with a code.")
    field = "current"
    status = 429


class PasswordWrong(Refusal):
    code = "password-wrong"
    message = _("This is not your current password.")
    remedy = _("Look at capital letters. If you forgot it, sign out and make a new one.")
    field = "current"
    status = 422


@transaction.atomic
def open_account(
    *,
    name: str,
    contact: Contact,
    password: str,
    language: str,
    by: trail.By | None = None,
    at: datetime,
    confirmed: bool = False,
) -> User:
    """A new account; without `by` its holder opens it.

    Asked for again with the same password before the contact is confirmed, it is the same account.
    `confirmed` is for accounts whose contact needs no code (made by an operator). Raises
    NameNotValid, PasswordTooWeak, ContactTaken.
    """
    user = User(name=clean_name(name), language=language)
    _set_contact(user, contact, confirmed=confirmed)
    _set_password(user, password)
    _free_unproven(contact, at=at)
    try:
        save_unless_taken(user, contact)
    except ContactTaken:
        return _begun_before(contact, password)
    trail.record(
        "open_account",
        subject=_subject(user),
        by=by or user,
        at=at,
        channel=contact.channel,
        confirmed=confirmed,
    )
    return user


@transaction.atomic
def correct_contact(*, account: User, contact: Contact, by: trail.By, at: datetime) -> User:
    """Another contact for an account whose contact was mistyped and so never confirmed.

    Nothing is done when it is the one that the account has. Raises AlreadyConfirmed, ContactTaken.
    """
    user = User.objects.select_for_update().get(pk=account.pk)
    if user.confirmed:
        raise AlreadyConfirmed
    if contact == unconfirmed(user):
        return user
    _set_contact(user, contact, confirmed=False)
    _free_unproven(contact, at=at)
    save_unless_taken(user, contact)
    trail.record("correct_contact", subject=_subject(user), by=by, at=at, channel=contact.channel)
    return user


def confirm_contact(*, account: User, typed: str, by: trail.By, at: datetime) -> None:
    """The holder typed the code sent to the account's contact.

    Raises CodeWrong, CodeUsedUp, and NoAccount when another account was quicker to confirm it.
    """
    contact = unconfirmed(account)
    use_code(account=account, to=contact, purpose=Purpose.CONFIRM, typed=typed, at=at)
    _mark_confirmed(account, contact, by=by, at=at)


@transaction.atomic
def recover_account(*, contact: Contact, password: str, at: datetime) -> User:
    """A new password for the holder of `contact`, who has just typed back a code sent there.

    The contact counts as confirmed from then on. Raises PasswordTooWeak, NoAccount.
    """
    user = account_to_recover(contact)
    _set_password(user, password)
    user.save(update_fields=["password"])
    trail.record("recover_account", subject=_subject(user), by=user, at=at, channel=contact.channel)
    _mark_confirmed(user, contact, by=user, at=at)
    return user


def change_password(
    *, account: User, current: str, password: str, by: trail.By, at: datetime
) -> User:
    """Raises PasswordWrong, PasswordTooWeak, TooManyCurrentGuesses.

    Each try is counted for good before the password is looked at, apart from those at sign-in: an
    unlocked phone gives nobody time to guess. It must not run inside a transaction.
    """
    try:
        count_try(account=account, device=CHANGING, at=at)
    except TooManyGuesses as no:
        raise TooManyCurrentGuesses(**no.facts) from no
    user = _change_password(account, current, password, by=by, at=at)
    forgive_try(account=account, device=CHANGING)
    return user


@transaction.atomic
def _change_password(
    account: User, current: str, password: str, *, by: trail.By, at: datetime
) -> User:
    user = User.objects.select_for_update().get(pk=account.pk)
    if not user.check_password(current):
        raise PasswordWrong
    _set_password(user, password)
    user.save(update_fields=["password"])
    trail.record("change_password", subject=_subject(user), by=by, at=at)
    return user


def account_to_recover(contact: Contact) -> User:
    """The account that a code sent to this contact opens; raises NoAccount."""
    user = recoverable_account_of(contact)
    if user is None:
        raise NoAccount(contact=contact)
    return user


@transaction.atomic
def _mark_confirmed(user: User, contact: Contact, *, by: trail.By, at: datetime) -> None:
    field, verified = columns(contact.channel)
    mine = User.objects.filter(pk=user.pk, **{field: contact.to})
    if mine.exclude(**{verified: True}).update(**{verified: True}):
        trail.record("confirm_contact", subject=_subject(user), by=by, at=at)
    elif not mine.exists():
        raise NoAccount(contact=contact)  # another account confirmed it a moment ago
    setattr(user, verified, True)


def _set_contact(user: User, contact: Contact, *, confirmed: bool) -> None:
    user.email = user.phone = None
    user.email_verified = user.phone_verified = False
    field, verified = columns(contact.channel)
    setattr(user, field, contact.to)
    setattr(user, verified, confirmed)


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as no:
        raise PasswordTooWeak(reasons=" ".join(no.messages)) from no
    user.set_password(password)


def _free_unproven(contact: Contact, *, at: datetime) -> None:
    """A confirmed account does not keep others from a contact that it never confirmed."""
    holder = account_of(contact)
    if holder and holder.confirmed and not getattr(holder, columns(contact.channel)[1]):
        let_go(contact, holder=holder, by="sign-up", at=at)


def _begun_before(contact: Contact, password: str) -> User:
    known = account_of(contact)
    if known is None or known.confirmed or not known.check_password(password):
        raise ContactTaken(contact=contact)
    return known


def _subject(user: User) -> str:
    return f"account:{user.code}"
