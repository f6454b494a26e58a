"""Making passkeys and showing them, with a device that may be honest or not."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from applicants.models import SecondFactor, User
from applicants.passkeys import possible_at
from tests.applicants.device import Device
from tests.applicants.test_second_factor_pages import (
    LOGIN,
    OVERVIEW,
    PASSKEY,
    STEP,
    enters,
    officer,
    sign_in,
)
from tests.factories.applicants import app_code, give_app, make_user

pytestmark = pytest.mark.django_db

BY_PASSKEY, SIGN_IN = f"{STEP}passkey/", f"{LOGIN}passkey/"
Alter = Callable[[dict[str, Any]], Any]


def ask(visitor: Client, path: str) -> dict[str, Any]:
    options: dict[str, Any] = visitor.post(path).json()
    return options


def answer(visitor: Client, path: str, value: Any) -> Any:
    return visitor.post(path, {"answer": json.dumps(value)})


def make(visitor: Client, account: User, device: Device) -> Any:
    sign_in(visitor, account)
    return answer(visitor, PASSKEY, device.make(ask(visitor, PASSKEY)))


def show(visitor: Client, path: str, device: Device) -> Any:
    return answer(visitor, path, device.show(ask(visitor, path)))


def test_passkey_is_made_and_is_the_second_step(visitor: Client) -> None:
    account, device, later = officer(), Device(), Client()
    made = make(visitor, account, device)
    assert made["Location"] == f"{OVERVIEW}codes/"
    assert enters(visitor)

    sign_in(later, account, "/admin/")
    assert not enters(later)
    assert show(later, BY_PASSKEY, device)["Location"] == "/admin/"
    assert enters(later)
    assert SecondFactor.objects.get().used_at is not None


def test_passkey_alone_signs_in_with_both_steps(visitor: Client) -> None:
    account, device, later = officer(), Device(), Client()
    make(visitor, account, device)
    shown = show(later, f"{SIGN_IN}?next=/admin/", device)
    assert shown["Location"] == "/admin/"
    assert enters(later)


def test_passkey_of_a_closed_account_signs_nobody_in(visitor: Client) -> None:
    account, device, later = officer(), Device(), Client()
    make(visitor, account, device)
    User.objects.filter(pk=account.pk).update(is_active=False)
    assert show(later, SIGN_IN, device)["Location"] == "/account/inactive/"
    assert "_auth_user_id" not in later.session


def test_passkey_that_did_not_ask_its_owner_is_refused(visitor: Client) -> None:
    account, device, later = officer(), Device(), Client()
    make(visitor, account, device)
    device.asks_owner = False
    later.cookies["django_language"] = "en"
    assert show(later, SIGN_IN, device)["Location"] == LOGIN
    assert "This passkey was not accepted" in later.get(LOGIN).text
    assert "_auth_user_id" not in later.session


@pytest.mark.parametrize(
    "device",
    [
        Device(asks_owner=False),
        Device(origin="https://evil.example"),
        Device(origin="http://testserver"),
        Device(host="evil.example"),
    ],
)
def test_passkey_made_elsewhere_or_without_its_owner_is_refused(
    visitor: Client, device: Device
) -> None:
    page = make(visitor, make_user(), device)
    assert "This passkey was not accepted" in page.text
    assert not SecondFactor.objects.exists()


def test_passkey_of_another_account_is_no_second_step(visitor: Client) -> None:
    device, later = Device(), Client()
    make(visitor, make_user(), device)
    sign_in(later, give_app(make_user()))
    assert show(later, BY_PASSKEY, device).status_code == HTTPStatus.OK
    assert "_auth_user_id" not in later.session


def test_passkey_answer_counts_once(visitor: Client) -> None:
    account, device, later = officer(), Device(), Client()
    make(visitor, account, device)
    given = device.show(ask(later, SIGN_IN))
    assert answer(later, SIGN_IN, given)["Location"] != LOGIN
    again = Client()
    ask(again, SIGN_IN)
    assert answer(again, SIGN_IN, given)["Location"] == LOGIN
    assert answer(Client(), SIGN_IN, given)["Location"] == LOGIN


def test_passkey_signed_by_another_key_is_refused(visitor: Client) -> None:
    device, later = Device(), Client()
    make(visitor, make_user(), device)
    forged = Device(name=device.name)
    assert show(later, SIGN_IN, forged)["Location"] == LOGIN
    assert "_auth_user_id" not in later.session


def test_same_passkey_is_not_made_twice(visitor: Client) -> None:
    device, other = Device(), Client()
    other.cookies["django_language"] = "en"
    make(visitor, make_user(), device)
    assert "in an account already" in make(other, make_user(), device).text
    assert SecondFactor.objects.count() == 1


def without(*path: str) -> Alter:
    def alter(value: dict[str, Any]) -> dict[str, Any]:
        *way, last = path
        place = value
        for name in way:
            place = place[name]
        del place[last]
        return value

    return alter


def part(name: str, value: Any) -> Alter:
    return lambda answer: answer | {"response": answer["response"] | {name: value}}


DEEP = "n4GB" * 3000
NONSENSE: list[Alter] = [
    lambda _answer: {},
    lambda _answer: [],
    lambda _answer: "x",
    lambda _answer: 7,
    lambda answer: answer | {"rawId": 7},
    lambda answer: answer | {"rawId": "\u0000"},
    lambda answer: answer | {"response": []},
    without("response"),
    without("rawId"),
    without("response", "clientDataJSON"),
    *(part("clientDataJSON", value) for value in ("", "!", "e30", "AAAA", 7)),
]
MADE = [part("attestationObject", value) for value in ("", "!", "AAAA", DEEP, None)]
SHOWN = [part("signature", ""), *(part("authenticatorData", value) for value in ("", "AAAA"))]


@pytest.mark.parametrize("alter", [*NONSENSE, *MADE])
def test_passkey_made_of_nonsense_is_refused_in_words(visitor: Client, alter: Alter) -> None:
    sign_in(visitor, make_user())
    page = answer(visitor, PASSKEY, alter(Device().make(ask(visitor, PASSKEY))))
    assert "This passkey was not accepted" in page.text


@pytest.mark.parametrize("alter", [*NONSENSE, *SHOWN])
def test_passkey_shown_as_nonsense_signs_nobody_in(visitor: Client, alter: Alter) -> None:
    device, later = Device(), Client()
    make(visitor, make_user(), device)
    assert answer(later, SIGN_IN, alter(device.show(ask(later, SIGN_IN))))["Location"] == LOGIN
    assert "_auth_user_id" not in later.session


@pytest.mark.parametrize("text", ["", "{", "\x00", "[" * 5000])
def test_passkey_answer_that_is_no_json_is_refused_in_words(visitor: Client, text: str) -> None:
    sign_in(visitor, make_user())
    page = visitor.post(PASSKEY, {"answer": text})
    assert list(page.context["form"].errors) == ["answer"]
    assert 'role="alert"' in page.text


def test_passkey_is_offered_only_where_it_can_work(client: Client) -> None:
    assert SIGN_IN in client.get(LOGIN, headers={"host": "localhost:8000"}).text
    assert SIGN_IN not in client.get(LOGIN, headers={"host": "127.0.0.1:8000"}).text
    hosts = ["paspor.example", "localhost", "127.0.0.1", "[::1]"]
    assert [possible_at(host) for host in hosts] == [True, True, False, False]


def test_app_is_still_good_after_a_passkey_was_made(visitor: Client) -> None:
    account, later = give_app(officer()), Client()
    visitor.force_login(account)
    device = Device()
    answer(visitor, PASSKEY, device.make(ask(visitor, PASSKEY)))
    sign_in(later, account, "/admin/")
    assert later.post(STEP, {"code": app_code()})["Location"] == "/admin/"
