"""Wrong passwords: strangers do not lock the owner out, and have no more tries than there are."""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from applicants.guessing import TooManyGuesses, count_try, forget_paid, forgive_try
from applicants.known_devices import ACCOUNTS, COOKIE
from applicants.models import PasswordTries, User
from mpaspor.core import clock
from tests.factories.applicants import PASSWORD, make_user
from tests.races.crowd import at_once

pytestmark = pytest.mark.django_db

LOGIN = "/account/login/"
TRIES, PAUSE = settings.PASSWORD_TRIES, timedelta(seconds=settings.PASSWORD_PAUSE)


def sign_in(device: Client, account: User, password: str = PASSWORD) -> bool:
    return device.post(LOGIN, {"login": account.email, "password": password}).status_code == 302


def used_up(account: User) -> User:
    at = clock.now()
    for _again in range(TRIES):
        count_try(account=account, device="", at=at)
    return account


def test_count_try_beyond_the_last_one_is_refused_and_says_when_the_next_one_is() -> None:
    account, at = make_user(), clock.now()
    for _again in range(TRIES):
        count_try(account=account, device="", at=at)
    with pytest.raises(TooManyGuesses) as no:
        count_try(account=account, device="", at=at + PAUSE / 2)
    assert no.value.facts["seconds"] == PAUSE.total_seconds() / 2


def test_count_try_gives_back_one_try_for_each_pause_and_never_more_than_all() -> None:
    account, at = make_user(), clock.now()
    for _again in range(TRIES):
        count_try(account=account, device="", at=at)
    count_try(account=account, device="", at=at + PAUSE)
    with pytest.raises(TooManyGuesses):
        count_try(account=account, device="", at=at + PAUSE)
    for _again in range(TRIES):
        count_try(account=account, device="", at=at + 100 * PAUSE)
    with pytest.raises(TooManyGuesses):
        count_try(account=account, device="", at=at + 100 * PAUSE)


def test_count_try_on_another_device_or_account_is_another_count() -> None:
    account, at = used_up(make_user()), clock.now()
    count_try(account=account, device="mine", at=at)
    count_try(account=make_user(), device="", at=at)
    with pytest.raises(TooManyGuesses):
        count_try(account=account, device="", at=at)


def test_forgive_try_leaves_nothing_of_it() -> None:
    account, at = make_user(), clock.now()
    for _again in range(3 * TRIES):
        count_try(account=account, device="", at=at)
        forgive_try(account=account, device="")


def test_forget_paid_keeps_what_is_owed() -> None:
    account, at = used_up(make_user()), clock.now()
    count_try(account=make_user(), device="", at=at - timedelta(days=2))
    assert forget_paid(at=at) == 1
    assert PasswordTries.objects.get().account == account


@pytest.mark.django_db(transaction=True)
def test_count_try_by_many_at_once_lets_through_no_more_than_one_after_another() -> None:
    account, at = make_user(), clock.now()

    def guess(_number: int) -> str:
        try:
            count_try(account=account, device="", at=at)
        except TooManyGuesses as no:
            return no.code
        return "looked at"

    outcome = at_once(guess, 3 * TRIES)
    assert outcome == {"looked at": TRIES, TooManyGuesses.code: 2 * TRIES}


@pytest.mark.django_db(transaction=True)
def test_control_counting_after_a_look_lets_through_more() -> None:
    """With the guard off: everybody looks first, then writes what they saw plus one."""
    account, at = make_user(), clock.now()
    count_try(account=account, device="", at=at)

    def look_then_write(_number: int) -> str:
        row = PasswordTries.objects.get(account=account)
        room = row.owed_until <= at + (TRIES - 1) * PAUSE
        together.wait(timeout=30)
        PasswordTries.objects.filter(pk=row.pk).update(owed_until=row.owed_until + PAUSE)
        return "looked at" if room else TooManyGuesses.code

    together = threading.Barrier(3 * TRIES)
    assert at_once(look_then_write, 3 * TRIES)["looked at"] > TRIES


def test_sign_in_on_a_device_of_the_account_while_others_guess() -> None:
    account, mine, stranger = make_user("siti@example.test"), Client(), Client()
    assert sign_in(mine, account)
    mine.post("/account/logout/")
    used_up(account)
    assert not sign_in(stranger, account)
    assert sign_in(mine, account)


def test_sign_in_on_a_new_device_while_others_guess_leads_to_a_code(visitor: Client) -> None:
    account = used_up(make_user("siti@example.test"))
    page = visitor.post(LOGIN, {"login": account.email, "password": PASSWORD})
    assert "You can get in at once with a code that we send you." in page.text
    assert "Get in with a code" in page.text
    asked = visitor.get("/account/recover/")
    assert asked.context["form"]["contact"].value() == account.email


def test_sign_in_on_a_device_of_the_account_has_its_own_limit() -> None:
    account, mine = make_user("siti@example.test"), Client()
    assert sign_in(mine, account)
    mine.post("/account/logout/")
    for _again in range(TRIES):
        assert not sign_in(mine, account, "salah")
    assert not sign_in(mine, account)
    assert sign_in(Client(), account)


def test_device_of_one_account_is_a_stranger_to_another() -> None:
    victim, guesser, device = used_up(make_user("siti@example.test")), make_user(), Client()
    assert sign_in(device, guesser)
    device.post("/account/logout/")
    assert not sign_in(device, victim)


def test_device_knows_the_accounts_that_signed_in_last() -> None:
    device, accounts = Client(), [make_user() for _ in range(ACCOUNTS + 1)]
    for account in accounts:
        assert sign_in(device, account)
        device.post("/account/logout/")
    for account in accounts:
        used_up(account)
    first, *others = [sign_in(device, account) for account in accounts]
    assert (first, all(others)) == (False, True)


def test_device_cookie_is_closed_to_scripts_and_names_no_person() -> None:
    account, device = make_user("siti@example.test"), Client()
    sign_in(device, account)
    cookie = device.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert "siti" not in cookie.value
