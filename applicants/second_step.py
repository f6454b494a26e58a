"""The second step of signing in: a code of the app, a recovery code, or a passkey."""

from datetime import datetime, timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from applicants import passkeys, totp
from applicants.announcing import announce
from applicants.enums import FactorKind
from applicants.models import RecoveryCode, SecondFactor, StepTries, User
from mpaspor.core.errors import Refusal


class AppCodeWrong(Refusal):
    code = "app-code-wrong"
    message = _("This is not the code that the app shows. Tries left: %(left)s.")
    remedy = _(
        "Type the six digits it shows now for M-Paspor. If they are refused again, set the phone's "
        "clock to automatic time."
    )
    field = "code"
    status = 422


class AppCodeUsed(AppCodeWrong):
    code = "app-code-used"
    message = _("This code was used already, or a newer one was. Tries left: %(left)s.")
    remedy = _("Wait half a minute until the app shows the next one, and type that.")


class AppCodeOld(AppCodeWrong):
    code = "app-code-old"
    message = _("This code is too old. Tries left: %(left)s.")
    remedy = _(
        "Type the six digits that the app shows now. If they are refused too, set the phone's "
        "clock to automatic time."
    )


class RecoveryCodeWrong(Refusal):
    code = "recovery-code-wrong"
    message = _("This is none of your recovery codes. Tries left: %(left)s.")
    remedy = _("Type the eight digits of one that is not crossed out, from the newest list.")
    field = "code"
    status = 422


class RecoveryCodeUsed(RecoveryCodeWrong):
    code = "recovery-code-used"
    message = _("This recovery code was used already. Tries left: %(left)s.")
    remedy = _("Cross it out and type another one: each of them works once.")


class TooManyTries(Refusal):
    code = "too-many-tries"
    message = _("There were too many wrong answers for this account.")
    remedy = _("Wait %(minutes)s minutes, then try again.")
    status = 429


def pass_by_app(*, account: User, typed: str, at: datetime) -> None:
    """Returns when `typed` is a code that the account's app shows and that never counted before.

    Every try counts for good, so this must not run inside a transaction. Raises AppCodeWrong,
    AppCodeUsed, AppCodeOld, TooManyTries.
    """
    left = count_try(account=account, at=at)
    no = _app_refusal(account, typed, at)
    if no is not None:
        _refuse(no, account, left=left, at=at)
    forget_tries(account=account)


def pass_by_recovery_code(*, account: User, typed: str, at: datetime) -> None:
    """Returns when `typed` is a recovery code of the account; it is used up.

    Must not run inside a transaction, as pass_by_app. Raises RecoveryCodeWrong, RecoveryCodeUsed,
    TooManyTries.
    """
    left = count_try(account=account, at=at)
    no = _recovery_refusal(account, typed, at)
    if no is not None:
        _refuse(no, account, left=left, at=at)
    forget_tries(account=account)


@transaction.atomic
def pass_by_passkey(
    *,
    answer: Any,
    challenge: passkeys.Challenge | None,
    host: str,
    at: datetime,
    account: User | None = None,
) -> User:
    """The account whose passkey answered the challenge: this one, or any where none is given.

    Not counted: there is nothing to guess. Raises PasskeyNotUnderstood.
    """
    shown = SecondFactor.objects.filter(credential_id=passkeys.named(answer))
    passkey = shown.select_related("account").first()
    if passkey is None or account not in (None, passkey.account):
        raise passkeys.PasskeyNotUnderstood
    passkeys.refuse_unless_shown(passkey, answer, challenge=challenge, host=host)
    shown.update(used_at=at)
    return passkey.account


@transaction.atomic(durable=True)
def count_try(*, account: User, at: datetime) -> int:
    """Counts a try before it is judged and returns how many are left; raises TooManyTries.

    In PostgreSQL, so that no lost cache gives a guesser new tries.
    """
    window = timedelta(seconds=settings.SECOND_STEP_WINDOW)
    StepTries.objects.bulk_create([StepTries(account=account, since=at)], ignore_conflicts=True)
    over = Q(since__lte=at - window)
    row = StepTries.objects.filter(account=account)
    counted = row.filter(over | Q(tries__lt=settings.SECOND_STEP_TRIES)).update(
        tries=Case(When(over, then=Value(1)), default=F("tries") + 1),
        since=Case(When(over, then=Value(at)), default=F("since")),
    )
    if not counted:
        raise TooManyTries(minutes=settings.SECOND_STEP_WINDOW // 60)
    return int(settings.SECOND_STEP_TRIES - row.get().tries)


def forget_tries(*, account: User) -> None:
    StepTries.objects.filter(account=account).delete()


@transaction.atomic
def _app_refusal(account: User, typed: str, at: datetime) -> type[Refusal] | None:
    """Takes the code, unless something is wrong with it."""
    own = SecondFactor.objects.filter(account=account, kind=FactorKind.APP)
    app = own.select_for_update().first()
    if app is None:
        return AppCodeWrong
    step = totp.step_of(typed, secret=app.secret, at=at)
    if step is None:
        return AppCodeWrong
    if step <= (app.last_step or 0):
        return AppCodeUsed
    if totp.is_old(step, at=at):
        return AppCodeOld
    own.update(last_step=step, used_at=at)
    return None


@transaction.atomic
def _recovery_refusal(account: User, typed: str, at: datetime) -> type[Refusal] | None:
    """Takes the code, unless something is wrong with it."""
    rows = RecoveryCode.objects.filter(account=account).select_for_update()
    row = next((row for row in rows if row.digits == typed), None)
    if row is None:
        return RecoveryCodeWrong
    if row.used_at is not None:
        return RecoveryCodeUsed
    row.used_at = at
    row.save(update_fields=["used_at"])
    left = RecoveryCode.objects.filter(account=account, used_at=None).count()
    announce("use_recovery_code", account, by=account, at=at, left=left)
    return None


def _refuse(no: type[Refusal], account: User, *, left: int, at: datetime) -> NoReturn:
    """With the last try the holder hears of it: whoever guesses here knows the password."""
    if left < 1:
        with transaction.atomic():
            announce("stop_guessing", account, by="second step", at=at)
        raise TooManyTries(minutes=settings.SECOND_STEP_WINDOW // 60)
    raise no(left=left)
