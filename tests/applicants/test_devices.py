"""The devices of an account, and signing out there."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from applicants.devices import devices_of
from applicants.models import Session, User
from mpaspor.audit import trail
from mpaspor.core import clock
from tests.factories.applicants import PASSWORD, make_user, newest_code

# What ends a session is announced after the commit, so there must be one.
pytestmark = pytest.mark.django_db(transaction=True)

PAGE, SIGN_OUT, LOGIN = "/account/devices/", "/account/devices/sign-out/", "/account/login/"
PHONE = "Mozilla/5.0 (Linux; Android 14) Chrome/131.0.0.0 Mobile Safari/537.36"
COMPUTER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"


def sign_in(contact: str, user_agent: str = COMPUTER) -> Client:
    device = Client(headers={"user-agent": user_agent})
    device.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    device.post(LOGIN, {"login": contact, "password": PASSWORD})
    return device


def is_in(device: Client) -> bool:
    return bool(device.get("/account/").status_code == HTTPStatus.OK)


@pytest.fixture
def account() -> User:
    return make_user("siti@example.com")


@pytest.fixture
def phone(account: User) -> Client:
    return sign_in("siti@example.com", PHONE)


@pytest.fixture
def computer(account: User) -> Client:
    return sign_in("siti@example.com", COMPUTER)


def test_devices_are_told_in_plain_words_this_one_first(phone: Client, computer: Client) -> None:
    page = phone.get(PAGE)
    told = [(device.browser.kind, device.is_this) for device in page.context["devices"]]
    assert told == [("phone", True), ("computer", False)]
    words = " ".join(page.text.split())
    assert ("Phone (Android) Chrome" in words, "Computer (Windows) Firefox" in words) == (
        True,
        True,
    )
    assert ("Mozilla" in words, "127.0.0.1" in words) == (False, False)


def test_devices_page_shows_no_session_key(phone: Client, computer: Client) -> None:
    keys = set(Session.objects.values_list("session_key", flat=True))
    text = phone.get(PAGE).text
    assert {key for key in keys if key in text} == set()


def test_devices_of_another_account_are_not_among_them(phone: Client) -> None:
    make_user("budi@example.com")
    sign_in("budi@example.com")
    assert len(phone.get(PAGE).context["devices"]) == 1


def test_sign_out_of_a_device_is_seen_there_at_once(
    phone: Client, computer: Client, account: User
) -> None:
    assert is_in(computer)
    (other,) = [one for one in phone.get(PAGE).context["devices"] if not one.is_this]
    answer = phone.post(SIGN_OUT, {"code": other.code}, follow=True)
    assert "That device is signed out." in answer.text
    assert (is_in(computer), is_in(phone)) == (False, True)
    entry = trail.of(f"account:{account.code}")[-1]
    assert (entry.deed, entry.facts) == ("sign_out_devices", {"devices": 1})


def test_sign_out_of_all_others_leaves_this_one(
    phone: Client, computer: Client, account: User
) -> None:
    third = sign_in("siti@example.com")
    assert [is_in(computer), is_in(third)] == [True, True]
    answer = phone.post(SIGN_OUT, follow=True)
    assert "All other devices are signed out." in answer.text
    assert [is_in(computer), is_in(third), is_in(phone)] == [False, False, True]
    assert len(answer.context["devices"]) == 1


def test_sign_out_of_somebody_elses_device_does_nothing(phone: Client) -> None:
    make_user("budi@example.com")
    other = sign_in("budi@example.com")
    (his,) = other.get(PAGE).context["devices"]
    phone.post(SIGN_OUT, {"code": his.code})
    assert is_in(other)


@pytest.mark.parametrize("code", ["x", "\x00", "a" * 10_000, "<script>"])
def test_sign_out_of_a_device_that_is_not_there_does_nothing(
    phone: Client, computer: Client, code: str
) -> None:
    assert phone.post(SIGN_OUT, {"code": code})["Location"] == PAGE
    assert [is_in(computer), is_in(phone)] == [True, True]


def test_sign_out_of_devices_needs_a_post_and_a_sign_in(phone: Client) -> None:
    assert phone.get(SIGN_OUT).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert Client().post(SIGN_OUT).status_code == HTTPStatus.FOUND


def test_new_password_ends_the_others_and_they_leave_the_list(
    phone: Client, computer: Client
) -> None:
    assert is_in(computer)
    phone.post("/account/password/", {"current": PASSWORD, "password": "jahe-hangat-2"})
    assert [is_in(computer), is_in(phone)] == [False, True]
    assert len(phone.get(PAGE).context["devices"]) == 1


def test_recovery_ends_the_others(phone: Client, computer: Client) -> None:
    visitor = Client()
    visitor.post("/account/recover/", {"contact": "siti@example.com"})
    visitor.post("/account/recover/code/", {"code": newest_code("siti@example.com")})
    visitor.post("/account/recover/password/", {"password": "jahe-hangat-2"})
    assert [is_in(phone), is_in(computer), is_in(visitor)] == [False, False, True]


@pytest.mark.parametrize("others", [0, 2])
def test_devices_are_listed_with_one_question(
    account: User, others: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for _device in range(others + 1):
        sign_in("siti@example.com")
    at = clock.now()
    with django_assert_num_queries(1):
        assert len(devices_of(account, this=None, at=at)) == others + 1
