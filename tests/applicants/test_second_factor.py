"""Adding, removing and resetting the second factor: what is kept, what ends, who is told."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from pytest_django import Settings

from applicants import totp
from applicants.models import RecoveryCode, SecondFactor, StepTries, User
from applicants.queries import app_of, has_second_factor
from applicants.second_factor import (
    FirstCodeWrong,
    NoSecondFactor,
    NotByYourself,
    add_app,
    remove_factor,
    renew_recovery_codes,
    reset_factors,
)
from applicants.second_step import RecoveryCodeWrong, count_try, pass_by_recovery_code
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.rotation import rotate
from mpaspor.core.sealed import SealBroken
from mpaspor.notifications.models import Notice
from mpaspor.notifications.outbox import opened
from tests.factories.applicants import make_superuser, make_user

pytestmark = pytest.mark.django_db


def set_up(account: User, secret: str | None = None, *, late: int = 0) -> tuple[str, list[str]]:
    """The secret and the recovery codes; `late` seconds pass before the code is typed."""
    secret, at = secret or totp.new_secret(), clock.now()
    typed = totp.code_of(secret, totp.step_at(at - timedelta(seconds=late)))
    added = add_app(account=account, secret=secret, typed=typed, by=account, at=at)
    return secret, added.recovery_codes


def told(account: User) -> list[Any]:
    """What the notices to this account are about, oldest first."""
    notices = Notice.objects.filter(template="notices/applicants/second_factor").order_by("pk")
    contents = [opened(notice) for notice in notices]
    return [context["deed"] for to, context in contents if to == account.email]


def deeds(account: User) -> list[str]:
    return [entry.deed for entry in trail.of(f"account:{account.code}")][1:]


def test_totp_codes_are_those_of_the_standard() -> None:
    """The test vectors of RFC 6238, appendix B, their last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    vectors = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    assert {at: totp.code_of(secret, at // 30) for at in vectors} == vectors


def test_add_app_gives_ten_recovery_codes_and_tells_the_holder() -> None:
    account = make_user()
    secret, codes = set_up(account)

    app = app_of(account)
    assert app is not None
    assert app.secret == secret
    assert len(set(codes)) == 10
    assert {len(code) for code in codes} == {8}
    assert deeds(account) == ["add_second_factor"]
    assert told(account) == ["add_second_factor"]


@pytest.mark.parametrize("typed", ["", "000000", "12345", "abcdef", "9" * 300])
def test_add_app_with_a_wrong_code_adds_nothing(typed: str) -> None:
    account = make_user()
    with pytest.raises(FirstCodeWrong):
        add_app(account=account, secret="A" * 32, typed=typed, by=account, at=clock.now())
    assert not has_second_factor(account)


def test_add_app_with_an_old_code_adds_nothing() -> None:
    with pytest.raises(FirstCodeWrong):
        set_up(make_user(), late=120)


def test_add_app_again_replaces_the_app_and_keeps_the_recovery_codes() -> None:
    account = make_user()
    set_up(account)
    kept = list(RecoveryCode.objects.values_list("pk", flat=True))
    secret, codes = set_up(account)

    app = app_of(account)
    assert app is not None
    assert (app.secret, codes) == (secret, [])
    assert SecondFactor.objects.count() == 1
    assert list(RecoveryCode.objects.values_list("pk", flat=True)) == kept


def test_secrets_lie_in_no_table_in_clear() -> None:
    secret, codes = set_up(make_user())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema='public'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT row_to_json(t)::text, t::text FROM "{table}" t')
            rows += [text for row in cursor.fetchall() for text in row]
    stored = "\n".join(rows)
    hexes = [word.encode().hex() for word in [secret, *codes]]
    assert [word for word in [secret, *codes, *hexes] if word in stored] == []


def test_secret_copied_to_another_account_does_not_open() -> None:
    mine, other = make_user(), make_user()
    set_up(mine)
    set_up(other)
    stolen = app_of(mine)
    app = app_of(other)
    assert stolen is not None
    assert app is not None
    app.secret_sealed = stolen.secret_sealed
    with pytest.raises(SealBroken):
        assert not app.secret


def test_secrets_are_sealed_anew_when_keys_change(settings: Settings) -> None:
    account = make_user()
    old = settings.SEAL_KEYS
    secret, codes = set_up(account)
    pass_by_recovery_code(account=account, typed=codes[0], at=clock.now())
    settings.SEAL_KEYS = old | {9: b"n" * 32}
    settings.SEAL_WITH = 9
    assert [progress.waiting for progress in rotate()][-1] == 0
    settings.SEAL_KEYS = {9: b"n" * 32}

    app = app_of(account)
    assert app is not None
    assert app.secret == secret
    assert sorted(row.digits for row in RecoveryCode.objects.all()) == sorted(codes)


def test_remove_last_factor_takes_the_recovery_codes_along() -> None:
    account = make_user()
    set_up(account)
    app = app_of(account)
    assert app is not None
    remove_factor(account=account, code=app.code, by=account, at=clock.now())
    remove_factor(account=account, code=app.code, by=account, at=clock.now())

    assert not has_second_factor(account)
    assert not RecoveryCode.objects.exists()
    assert deeds(account) == ["add_second_factor", "remove_second_factor"]
    assert told(account) == deeds(account)


def test_remove_factor_of_another_account_does_nothing() -> None:
    account = make_user()
    set_up(account)
    app = app_of(account)
    assert app is not None
    other = make_user()
    remove_factor(account=other, code=app.code, by=other, at=clock.now())
    assert has_second_factor(account)


def test_renewed_recovery_codes_void_those_before() -> None:
    account = make_user()
    _secret, before = set_up(account)
    codes = renew_recovery_codes(account=account, by=account, at=clock.now())

    with pytest.raises(RecoveryCodeWrong):
        pass_by_recovery_code(account=account, typed=before[0], at=clock.now())
    pass_by_recovery_code(account=account, typed=codes[0], at=clock.now())
    assert told(account)[1:] == ["renew_recovery_codes", "use_recovery_code"]


def test_renew_recovery_codes_without_a_factor_is_refused() -> None:
    account = make_user()
    with pytest.raises(NoSecondFactor):
        renew_recovery_codes(account=account, by=account, at=clock.now())


def test_reset_takes_everything_and_is_told_and_written_down() -> None:
    account, chief = make_user(), make_superuser()
    set_up(account)
    count_try(account=account, at=clock.now())
    version = User.objects.get(pk=account.pk).session_version
    reset_factors(account=account, by=chief, at=clock.now())

    assert not has_second_factor(account)
    assert not RecoveryCode.objects.filter(account=account).exists()
    assert not StepTries.objects.filter(account=account).exists()
    assert User.objects.get(pk=account.pk).session_version == version + 1
    last = trail.of(f"account:{account.code}")[-1]
    assert (last.deed, last.by_id) == ("reset_second_factor", chief.pk)
    assert told(account)[-1] == "reset_second_factor"


def test_reset_of_ones_own_or_of_nothing_is_refused() -> None:
    account, chief = make_user(), make_superuser()
    with pytest.raises(NotByYourself):
        reset_factors(account=chief, by=chief, at=clock.now())
    with pytest.raises(NoSecondFactor):
        reset_factors(account=account, by=chief, at=clock.now())
    assert has_second_factor(chief)


def test_database_keeps_one_app_whole_factors_and_codes_used_once() -> None:
    account = make_user()
    secret, codes = set_up(account)
    app = app_of(account)
    assert app is not None
    pass_by_recovery_code(account=account, typed=codes[0], at=clock.now())
    used = RecoveryCode.objects.exclude(used_at=None)

    refused = 0
    for trick in (
        lambda: SecondFactor.objects.create(
            account=account, kind="app", secret_sealed=b"x", last_step=1, added_at=clock.now()
        ),
        lambda: SecondFactor.objects.create(
            account=account, kind="passkey", secret_sealed=b"x", added_at=clock.now()
        ),
        lambda: SecondFactor.objects.update(last_step=1),
        lambda: used.update(used_at=None),
    ):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            trick()
        refused += 1
    assert refused == 4
    assert secret not in json.dumps(list(trail.of(f"account:{account.code}")), default=str)
