"""What is taken as the second step, what is refused in which words, and that tries count."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation

from applicants import totp
from applicants.models import RecoveryCode, User
from applicants.second_step import (
    AppCodeOld,
    AppCodeUsed,
    AppCodeWrong,
    RecoveryCodeUsed,
    RecoveryCodeWrong,
    TooManyTries,
    forget_tries,
    pass_by_app,
    pass_by_recovery_code,
)
from mpaspor.audit import trail
from mpaspor.core import clock
from tests.applicants.test_second_factor import set_up, told
from tests.factories.applicants import APP_SECRET, give_app, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def at() -> datetime:
    return clock.now()


def code(at: datetime, *, steps: int = 0) -> str:
    return totp.code_of(APP_SECRET, totp.step_at(at) + steps)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_app_code_of_a_clock_that_is_a_little_wrong_is_taken(at: datetime, steps: int) -> None:
    pass_by_app(account=give_app(make_user()), typed=code(at, steps=steps), at=at)


def test_app_code_again_is_refused_in_words(at: datetime) -> None:
    account = give_app(make_user())
    pass_by_app(account=account, typed=code(at), at=at)
    with pytest.raises(AppCodeUsed) as no:
        pass_by_app(account=account, typed=code(at), at=at)
    assert str(no.value) == (
        "This code was used already, or a newer one was. Tries left: 4. "
        "Wait half a minute until the app shows the next one, and type that."
    )


def test_app_code_is_used_also_when_the_cache_was_lost(at: datetime) -> None:
    account = give_app(make_user())
    pass_by_app(account=account, typed=code(at), at=at)
    cache.clear()
    with pytest.raises(AppCodeUsed):
        pass_by_app(account=account, typed=code(at), at=at)


def test_app_code_before_a_newer_one_that_was_taken_is_refused(at: datetime) -> None:
    account = give_app(make_user())
    pass_by_app(account=account, typed=code(at, steps=1), at=at)
    with pytest.raises(AppCodeUsed):
        pass_by_app(account=account, typed=code(at), at=at)


@pytest.mark.parametrize("steps", [-2, -10])
def test_app_code_that_is_old_is_refused_as_old(at: datetime, steps: int) -> None:
    with pytest.raises(AppCodeOld) as no:
        pass_by_app(account=give_app(make_user()), typed=code(at, steps=steps), at=at)
    assert "too old" in str(no.value)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "0" * 10_000, "\u0661" * 6])
def test_app_code_that_is_none_is_refused_with_the_tries_left(at: datetime, typed: str) -> None:
    with pytest.raises(AppCodeWrong) as no:
        pass_by_app(account=give_app(make_user()), typed=typed, at=at)
    assert "Tries left: 4" in str(no.value)


def test_app_code_of_another_account_or_of_nobody_is_refused(at: datetime) -> None:
    give_app(make_user())
    with pytest.raises(AppCodeWrong):
        pass_by_app(account=make_user(), typed=code(at), at=at)


def guess_all(account: User, at: datetime) -> None:
    for _each in range(settings.SECOND_STEP_TRIES - 1):
        with pytest.raises(AppCodeWrong):
            pass_by_app(account=account, typed="wrong", at=at)


def test_too_many_tries_stop_the_right_code_too_and_the_holder_is_told(at: datetime) -> None:
    account = give_app(make_user())
    guess_all(account, at)
    for typed in ("wrong", code(at)):
        with pytest.raises(TooManyTries) as no:
            pass_by_app(account=account, typed=typed, at=at)
        assert "Wait 15 minutes" in str(no.value)
    assert told(account) == ["stop_guessing"]
    assert trail.of(f"account:{account.code}")[-1].deed == "stop_guessing"


def test_too_many_tries_survive_a_lost_cache_and_end_with_time(at: datetime) -> None:
    account = give_app(make_user())
    guess_all(account, at)
    with pytest.raises(TooManyTries):
        pass_by_app(account=account, typed="wrong", at=at)
    cache.clear()
    with pytest.raises(TooManyTries):
        pass_by_app(account=account, typed=code(at), at=at)
    later = at + timedelta(seconds=settings.SECOND_STEP_WINDOW)
    pass_by_app(account=account, typed=code(later), at=later)


def test_tries_of_one_account_are_not_those_of_another(at: datetime) -> None:
    guess_all(give_app(make_user()), at)
    pass_by_app(account=give_app(make_user()), typed=code(at), at=at)


def test_right_code_gives_all_tries_back(at: datetime) -> None:
    account = give_app(make_user())
    guess_all(account, at)
    pass_by_app(account=account, typed=code(at), at=at)
    with pytest.raises(AppCodeWrong) as no:
        pass_by_app(account=account, typed="wrong", at=at)
    assert "Tries left: 4" in str(no.value)


def test_recovery_codes_count_once_each(at: datetime) -> None:
    account = make_user()
    _secret, codes = set_up(account)
    for recovery in codes:
        pass_by_recovery_code(account=account, typed=recovery, at=at)
        with pytest.raises(RecoveryCodeUsed):
            pass_by_recovery_code(account=account, typed=recovery, at=at)
        forget_tries(account=account)
    assert RecoveryCode.objects.filter(account=account, used_at=None).count() == 0
    lines = trail.of(f"account:{account.code}")
    left = [line.facts["left"] for line in lines if line.deed == "use_recovery_code"]
    assert left == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert told(account)[1:] == ["use_recovery_code"] * 10


@pytest.mark.parametrize("typed", ["", "1", "12345678", "9" * 10_000])
def test_recovery_code_that_is_none_is_refused_and_counted(at: datetime, typed: str) -> None:
    account = make_user()
    set_up(account)
    with pytest.raises(RecoveryCodeWrong) as no:
        pass_by_recovery_code(account=account, typed=typed, at=at)
    assert "Tries left: 4" in str(no.value)
