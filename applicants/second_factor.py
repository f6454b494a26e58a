"""Adding, removing and resetting what the holder of an account shows beside the password."""

import secrets
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AttestedCredentialData

from applicants import totp
from applicants.announcing import announce
from applicants.enums import FactorKind
from applicants.models import RecoveryCode, SecondFactor, StepTries, User
from applicants.signals import last_factor_going
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal

RECOVERY_CODES = 10
RECOVERY_DIGITS = 8


class FirstCodeWrong(Refusal):
    code = "first-code-wrong"
    message = _("This is not the code that the app shows for this account.")
    remedy = _(
        "Type the six digits it shows now. If they are refused again, set the phone's clock to "
        "automatic time, or scan the picture once more."
    )
    field = "code"
    status = 422


class PasskeyThere(Refusal):
    code = "passkey-there"
    message = _("This passkey is in an account already.")
    remedy = _("Use it to sign in, or make one on another device.")


class NoSecondFactor(Refusal):
    code = "no-second-factor"
    message = _("This account has no second step, so there is nothing to do.")


class NotByYourself(Refusal):
    code = "second-factor-not-by-yourself"
    message = _("You cannot reset your own second step.")
    remedy = _("Replace it on the page of your account, or ask somebody else of the centre.")
    status = 403


class Added(NamedTuple):
    """The account as it is now, and its recovery codes if these are its first."""

    account: User
    recovery_codes: list[str]


@transaction.atomic
def add_app(*, account: User, secret: str, typed: str, by: trail.By, at: datetime) -> Added:
    """From now on the codes of `secret` count, and no more those of an app before.

    All other sessions of the account end. Raises FirstCodeWrong.
    """
    step = totp.step_of(typed, secret=secret, at=at)
    if step is None or totp.is_old(step, at=at):
        raise FirstCodeWrong
    user = _locked(account)
    SecondFactor.objects.filter(account=user, kind=FactorKind.APP).delete()
    factor = SecondFactor(account=user, kind=FactorKind.APP, last_step=step, added_at=at)
    factor.secret = secret
    factor.save()
    return _added(factor, by=by, at=at)


@transaction.atomic
def add_passkey(
    *, account: User, credential: AttestedCredentialData, by: trail.By, at: datetime
) -> Added:
    """All other sessions of the account end. Raises PasskeyThere."""
    user = _locked(account)
    name = credential.credential_id
    if SecondFactor.objects.filter(credential_id=name).exists():
        raise PasskeyThere
    factor = SecondFactor.objects.create(
        account=user,
        kind=FactorKind.PASSKEY,
        credential=bytes(credential),
        credential_id=name,
        added_at=at,
    )
    return _added(factor, by=by, at=at)


@transaction.atomic
def remove_factor(*, account: User, code: str, by: trail.By, at: datetime) -> User:
    """Without a factor left, the recovery codes go too and all other sessions end.

    Does nothing twice. Raises what the upper floor has against it (applicants.signals).
    """
    user = _locked(account)
    gone = SecondFactor.objects.filter(account=user, code=code).first()
    if gone is None:
        return user
    gone.delete()
    if not SecondFactor.objects.filter(account=user).exists():
        last_factor_going.send(User, account=user)
        _end_all(user)
    announce("remove_second_factor", user, by=by, at=at, kind=gone.kind)
    return user


@transaction.atomic
def renew_recovery_codes(*, account: User, by: trail.By, at: datetime) -> list[str]:
    """New ones; those before count no more. Raises NoSecondFactor."""
    user = _locked(account)
    if not SecondFactor.objects.filter(account=user).exists():
        raise NoSecondFactor
    codes = _new_recovery_codes(user)
    announce("renew_recovery_codes", user, by=by, at=at)
    return codes


@transaction.atomic
def reset_factors(*, account: User, by: User, at: datetime) -> None:
    """For somebody who lost device and recovery codes: all of it goes, and every session ends.

    At the next sign-in the password is enough again, until a second factor is set up. Raises
    NotByYourself, NoSecondFactor.
    """
    if by.pk == account.pk:
        raise NotByYourself
    user = _locked(account)
    if not SecondFactor.objects.filter(account=user).delete()[0]:
        raise NoSecondFactor
    _end_all(user)
    announce("reset_second_factor", user, by=by, at=at)


def _locked(account: User) -> User:
    return User.objects.select_for_update().get(pk=account.pk)


def _added(factor: SecondFactor, *, by: trail.By, at: datetime) -> Added:
    user = factor.account
    _end_sessions(user)
    is_first = not RecoveryCode.objects.filter(account=user).exists()
    codes = _new_recovery_codes(user) if is_first else []
    announce("add_second_factor", user, by=by, at=at, kind=factor.kind)
    return Added(user, codes)


def _new_recovery_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(account=user).delete()
    codes = [_random_digits() for _each in range(RECOVERY_CODES)]
    rows = [RecoveryCode(account=user) for _code in codes]
    for row, code in zip(rows, codes, strict=True):
        row.digits = code
    RecoveryCode.objects.bulk_create(rows)
    return codes


def _random_digits() -> str:
    return f"{secrets.randbelow(10**RECOVERY_DIGITS):0{RECOVERY_DIGITS}}"


def _end_all(user: User) -> None:
    RecoveryCode.objects.filter(account=user).delete()
    StepTries.objects.filter(account=user).delete()
    _end_sessions(user)


def _end_sessions(user: User) -> None:
    user.session_version += 1
    user.save(update_fields=["session_version"])
