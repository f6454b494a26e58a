from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applicants.models import User
from mpaspor.notifications.models import Notice
from tests.factories.applicants import PASSWORD, make_user, newest_code

pytestmark = pytest.mark.django_db

LOGIN = "/account/login/"


def sign_in(visitor: Client, login: str, password: str = PASSWORD, path: str = LOGIN) -> Any:
    return visitor.post(path, {"login": login, "password": password})


@pytest.mark.parametrize(
    ("contact", "typed"),
    [
        ("0812-3456-7890", "081234567890"),
        ("0812-3456-7890", "+62 812 3456 7890"),
        ("0812-3456-7890", "62812.3456.7890"),
        ("0812-3456-7890", "(0812) 3456 7890"),
        ("0812-3456-7890", "８１２３４５６７８９０"),
        ("siti@example.com", "Siti@Example.COM "),
    ],
)
def test_sign_in_with_the_contact_in_any_writing(visitor: Client, contact: str, typed: str) -> None:
    account = make_user(contact)
    answer = sign_in(visitor, typed)
    assert answer["Location"] == reverse("my_applications")
    assert visitor.session["_auth_user_id"] == str(account.pk)
    assert visitor.session.get_expiry_age() == 30 * 24 * 3600


def test_sign_in_with_either_of_two_contacts() -> None:
    make_user("siti@example.com", phone="+6281234567890")
    for login in ("siti@example.com", "0812 3456 7890"):
        assert sign_in(Client(), login)["Location"] == reverse("my_applications")


def test_sign_in_goes_on_to_where_it_came_from_but_never_abroad(visitor: Client) -> None:
    make_user("siti@example.com")
    answer = sign_in(visitor, "siti@example.com", path=f"{LOGIN}?next=/account/persons/new/")
    assert answer["Location"] == "/account/persons/new/"
    answer = sign_in(Client(), "siti@example.com", path=f"{LOGIN}?next=https://evil.example/")
    assert answer["Location"] == reverse("my_applications")


def test_sign_in_with_a_wrong_password_leads_to_a_new_one(visitor: Client) -> None:
    make_user("siti@example.com")
    answer = sign_in(visitor, "siti@example.com", "kopi-dingin")
    assert answer.status_code == HTTPStatus.OK
    assert "The password is not right" in answer.text
    assert answer.context["form"]["login"].value() == "siti@example.com"
    assert 'href="/account/recover/"' in answer.text


def test_sign_in_with_an_unknown_contact_leads_to_signing_up(visitor: Client) -> None:
    answer = sign_in(visitor, "0812-3456-7890")
    assert "There is no account with +62 812-3456-7890" in answer.text
    assert 'href="/account/signup/"' in answer.text
    assert visitor.get("/account/signup/").context["form"]["contact"].value() == "0812-3456-7890"


def test_sign_in_with_a_mistyped_mail_domain_says_what_may_be_meant(visitor: Client) -> None:
    make_user("siti@gmail.com")
    answer = sign_in(visitor, "siti@gmial.com")
    assert "There is no account with siti@gmial.com" in answer.text
    assert "Did you mean siti@gmail.com?" in answer.text


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("", ""),
        ("siti", PASSWORD),
        ("021-5551234", PASSWORD),
        ("siti@", PASSWORD),
        ("\x00", "\x00"),
        ("a" * 5000, PASSWORD),
        ("siti@example.com", "x" * 5000),
        ("siti@example.com", "\x00"),
        ("<script>", "'; --"),
    ],
)
def test_sign_in_with_bad_input_says_so_and_keeps_it(
    visitor: Client, login: str, password: str
) -> None:
    make_user("siti@example.com")
    answer = sign_in(visitor, login, password)
    assert answer.status_code == HTTPStatus.OK
    assert answer.context["form"].errors
    assert answer.context["form"]["login"].value() == login
    assert "_auth_user_id" not in visitor.session


def test_sign_in_before_confirming_goes_on_to_the_code(visitor: Client) -> None:
    make_user("0812-3456-7890", confirmed=False)
    assert sign_in(visitor, "0812-3456-7890")["Location"] == "/account/code/"
    assert "_auth_user_id" not in visitor.session
    answer = visitor.post("/account/code/", {"code": newest_code("0812-3456-7890")})
    assert answer["Location"] == reverse("my_applications")


def test_sign_in_twice_before_confirming_sends_one_code(visitor: Client) -> None:
    make_user("siti@example.com", confirmed=False)
    sign_in(visitor, "siti@example.com")
    sign_in(Client(), "siti@example.com")
    assert Notice.objects.count() == 1
    answer = visitor.post("/account/code/", {"code": newest_code("siti@example.com")})
    assert answer["Location"] == reverse("my_applications")


def test_sign_in_to_a_closed_account_says_so(visitor: Client) -> None:
    make_user("siti@example.com", is_active=False)
    answer = visitor.post(LOGIN, {"login": "siti@example.com", "password": PASSWORD}, follow=True)
    assert "This account is closed" in answer.text
    assert "_auth_user_id" not in visitor.session


def test_sign_in_guessed_too_often_stops_that_account_only(visitor: Client) -> None:
    make_user("0812-3456-7890")
    make_user("0813-3456-7890")
    for _again in range(10):
        sign_in(visitor, "0812-3456-7890", "guess")
    answer = sign_in(visitor, "0812-3456-7890")
    assert "too many wrong passwords for this account" in answer.text
    assert sign_in(visitor, "0813-3456-7890")["Location"] == reverse("my_applications")


def test_sign_in_of_a_village_behind_one_address_is_never_refused() -> None:
    people = [make_user(f"0812-3456-{number:04}") for number in range(60)]
    refused = 0
    for number, account in enumerate(people):
        if number % 10 == 0:
            sign_in(Client(), str(account.phone), "a typo")
        refused += sign_in(Client(), str(account.phone)).status_code != HTTPStatus.FOUND
    assert refused == 0


def test_sign_out_by_post_ends_the_session(visitor: Client) -> None:
    visitor.force_login(make_user())
    page = visitor.get("/account/logout/")
    assert page.status_code == HTTPStatus.OK
    assert "_auth_user_id" in visitor.session
    answer = visitor.post("/account/logout/", follow=True)
    assert "You are signed out." in answer.text
    assert "_auth_user_id" not in visitor.session


def test_change_password_keeps_this_session_and_ends_others(visitor: Client) -> None:
    account, other = make_user("siti@example.com"), Client()
    sign_in(other, "siti@example.com")
    sign_in(visitor, "siti@example.com")
    answer = visitor.post("/account/password/", {"current": "no", "password": "jahe-hangat-2"})
    assert list(answer.context["form"].errors) == ["current"]
    answer = visitor.post("/account/password/", {"current": PASSWORD, "password": "jahe-hangat-2"})
    assert answer["Location"] == reverse("my_applications")
    assert visitor.get("/account/password/").status_code == HTTPStatus.OK
    assert other.get("/account/password/").status_code == HTTPStatus.FOUND
    assert User.objects.get(pk=account.pk).check_password("jahe-hangat-2")
