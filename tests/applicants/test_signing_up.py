from http import HTTPStatus
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from applicants.contacts import read_contact
from applicants.enums import Purpose
from applicants.models import ContactCode, User
from applicants.sms_budget import spend_sms
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from tests.factories.applicants import PASSWORD, make_user, newest_code

pytestmark = pytest.mark.django_db

SIGN_UP, CODE, CORRECT = "/account/signup/", "/account/code/", "/account/code/correct/"


def sign_up(visitor: Client, contact: str, **others: str) -> Any:
    return visitor.post(
        SIGN_UP, {"name": "Siti Rahayu", "contact": contact, "password": PASSWORD} | others
    )


def let_time_pass(contact: str, seconds: int) -> None:
    """As if the newest code to the contact had been sent that much earlier."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE applicants_contactcode SET sent_at = sent_at - make_interval(secs => %s)",
            [seconds],
        )


@pytest.mark.parametrize("contact", ["Siti@Example.com", "(0812) 3456-7890", "+62 812 3456 7890"])
def test_sign_up_with_the_code_is_signed_in(visitor: Client, contact: str) -> None:
    answer = sign_up(visitor, contact)
    assert (answer.status_code, answer["Location"]) == (HTTPStatus.FOUND, CODE)
    page = visitor.get(CODE)
    assert str(read_contact(contact)) in page.text
    answer = visitor.post(CODE, {"code": newest_code(contact)})
    assert answer["Location"] == reverse("my_applications")
    account = User.objects.get()
    assert visitor.session["_auth_user_id"] == str(account.pk)
    assert account.confirmed
    assert visitor.session.get_expiry_age() == 30 * 24 * 3600


def test_sign_up_goes_on_to_where_it_came_from(visitor: Client) -> None:
    visitor.post(
        f"{SIGN_UP}?next=/account/persons/new/",
        {"name": "Siti", "contact": "siti@example.com", "password": PASSWORD},
    )
    answer = visitor.post(CODE, {"code": newest_code("siti@example.com")})
    assert answer["Location"] == "/account/persons/new/"


def test_sign_up_code_grouped_or_in_wide_digits_is_understood(visitor: Client) -> None:
    sign_up(visitor, "siti@example.com")
    code = newest_code("siti@example.com")
    wide = "".join(chr(ord("０") + int(digit)) for digit in code)
    answer = visitor.post(CODE, {"code": f" {wide[:3]}-{wide[3:]} "})
    assert answer.status_code == HTTPStatus.FOUND


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("contact", "021-5551234", "not an Indonesian mobile number"),
        ("contact", "+65 9123 4567", "not an Indonesian phone number"),
        ("contact", "siti@", "not complete"),
        ("contact", "siti", "neither an e-mail address nor a mobile phone number"),
        ("contact", "", "This field is required"),
        ("contact", "a" * 1000, "room for 300"),
        ("contact", "siti@example.com\x00", "cannot be seen"),
        ("name", "", "This field is required"),
        ("name", "12345", "no letter"),
        ("name", "Siti\u202e", "cannot stand here"),
        ("password", "", "This field is required"),
        ("password", "12345678", "too easy to guess"),
        ("password", "x" * 1000, "at most 128"),
    ],
)
def test_sign_up_with_a_mistake_says_so_and_keeps_what_was_typed(
    visitor: Client, field: str, typed: str, said: str
) -> None:
    answer = sign_up(visitor, **{"contact": "siti@example.com"} | {field: typed})
    assert answer.status_code == HTTPStatus.OK
    assert said in answer.text
    assert User.objects.count() == 0
    kept = {"name": "Siti Rahayu", "contact": "siti@example.com"} | {field: typed}
    for name, value in kept.items():
        if name != "password":
            assert answer.context["form"][name].value() == value


def test_sign_up_tells_every_mistake_at_once(visitor: Client) -> None:
    answer = visitor.post(SIGN_UP, {"name": "1", "contact": "021-1", "password": ""})
    assert sorted(answer.context["form"].errors) == ["contact", "name", "password"]


def test_sign_up_with_a_known_contact_leads_to_the_other_doors(visitor: Client) -> None:
    make_user("0812-3456-7890")
    answer = sign_up(visitor, "+62 812-3456-7890")
    assert "There is already an account with +62 812-3456-7890" in answer.text
    assert 'href="/account/recover/"' in answer.text
    assert 'href="/account/login/"' in answer.text
    assert visitor.get("/account/login/").context["form"]["login"].value() == "+62 812-3456-7890"
    assert (
        visitor.get("/account/recover/").context["form"]["contact"].value() == "+62 812-3456-7890"
    )


def test_sign_up_pressed_twice_goes_on_to_the_code(visitor: Client) -> None:
    sign_up(visitor, "siti@example.com")
    answer = sign_up(visitor, "siti@example.com")
    assert answer["Location"] == CODE
    assert (User.objects.count(), Notice.objects.count()) == (1, 1)


def test_code_wrong_says_how_many_tries_are_left_and_then_how_to_go_on(visitor: Client) -> None:
    sign_up(visitor, "siti@example.com")
    code = newest_code("siti@example.com")
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for left in (4, 3, 2, 1):
        answer = visitor.post(CODE, {"code": wrong})
        assert f"Tries left: {left}." in answer.text
    for typed in (wrong, code):
        answer = visitor.post(CODE, {"code": typed})
        assert "This code cannot be used any more" in answer.text
        assert 'action="/account/code/resend/"' in answer.text
    let_time_pass("siti@example.com", 31)
    visitor.post("/account/code/resend/")
    answer = visitor.post(CODE, {"code": newest_code("siti@example.com")})
    assert answer["Location"] == reverse("my_applications")


def test_code_sent_again_too_soon_says_when(visitor: Client) -> None:
    sign_up(visitor, "siti@example.com")
    answer = visitor.post("/account/code/resend/", follow=True)
    assert "You can ask for a new code in" in answer.text
    assert Notice.objects.count() == 1
    let_time_pass("siti@example.com", 31)
    answer = visitor.post("/account/code/resend/", follow=True)
    assert "A new code is on its way" in answer.text
    assert Notice.objects.count() == 2


def test_code_to_a_mistyped_contact_can_be_corrected(visitor: Client) -> None:
    sign_up(visitor, "siti@exampel.com")
    page = visitor.get("/account/code/correct/")
    assert page.context["form"]["contact"].value() == "siti@exampel.com"
    answer = visitor.post("/account/code/correct/", {"contact": "0812 3456 7890"}, follow=True)
    assert "+62 812-3456-7890" in answer.text
    answer = visitor.post(CODE, {"code": newest_code("0812 3456 7890")})
    assert answer["Location"] == reverse("my_applications")
    account = User.objects.get()
    assert (account.email, str(account.phone), account.name) == (
        None,
        "+6281234567890",
        "Siti Rahayu",
    )


@pytest.mark.parametrize("typed", ["", "siti", "021-5551234", "taken@example.com", "\x00"])
def test_code_corrected_with_a_mistake_says_so_and_keeps_it(visitor: Client, typed: str) -> None:
    make_user("taken@example.com")
    sign_up(visitor, "siti@example.com")
    answer = visitor.post("/account/code/correct/", {"contact": typed})
    assert answer.status_code == HTTPStatus.OK
    assert list(answer.context["form"].errors) == ["contact"]
    assert answer.context["form"]["contact"].value() == typed
    assert User.objects.filter(email="siti@example.com").count() == 1


def test_code_page_says_how_long_to_wait_and_takes_a_code_from_the_message(
    visitor: Client,
) -> None:
    sign_up(visitor, "siti@example.com")
    page = visitor.get(CODE)
    assert 25 <= page.context["sent"].wait <= settings.CODE_PAUSES[0]
    assert f"You can ask for a new code in {page.context['sent'].wait} seconds." in page.text
    assert 'autocomplete="one-time-code"' in page.text
    let_time_pass("siti@example.com", 31)
    assert "You can ask for a new code in" not in visitor.get(CODE).text


def test_sign_up_with_a_mail_domain_that_looks_mistyped_is_asked_before_a_code_goes_there(
    visitor: Client,
) -> None:
    answer = sign_up(visitor, "siti@gmial.com")
    assert answer["Location"] == CORRECT
    page = visitor.get(CORRECT)
    assert "Did you mean siti@gmail.com?" in page.text
    assert Notice.objects.count() == 0
    assert visitor.get(CODE)["Location"] == CORRECT


def test_sign_up_with_a_mistyped_mail_domain_takes_the_right_one_with_one_press(
    visitor: Client,
) -> None:
    sign_up(visitor, "siti@gmial.com")
    assert visitor.post(CORRECT, {"contact": "siti@gmail.com"})["Location"] == CODE
    answer = visitor.post(CODE, {"code": newest_code("siti@gmail.com")})
    assert answer["Location"] == reverse("my_applications")
    account = User.objects.get()
    assert (account.email, account.check_password(PASSWORD)) == ("siti@gmail.com", True)


def test_sign_up_with_an_odd_mail_domain_keeps_it_with_one_press(visitor: Client) -> None:
    sign_up(visitor, "siti@gmial.com")
    answer = visitor.post(CORRECT, {"contact": "siti@gmial.com", "kept": "siti@gmial.com"})
    assert answer["Location"] == CODE
    assert visitor.get(CODE).status_code == HTTPStatus.OK
    visitor.post(CODE, {"code": newest_code("siti@gmial.com")})
    assert (User.objects.get().email, User.objects.get().confirmed) == ("siti@gmial.com", True)


def test_sign_up_with_an_odd_mail_domain_can_type_another_one(visitor: Client) -> None:
    sign_up(visitor, "siti@gmial.com")
    page = visitor.get(f"{CORRECT}?another")
    assert page.context["form"]["contact"].value() == "siti@gmial.com"
    assert "Did you mean" not in page.text
    page = visitor.post(CORRECT, {"contact": "siti@gmai.com", "kept": "siti@gmial.com"})
    assert "Did you mean siti@gmail.com?" in page.text


def test_sign_up_with_a_number_whose_budget_is_spent_leads_to_an_email_address(
    visitor: Client, settings: Settings
) -> None:
    settings.SMS_BLOCK_UNANSWERED = 1
    spend_sms(to=read_contact("0812 3456 7899"), purpose=Purpose.CONFIRM, at=clock.now())
    answer = sign_up(visitor, "0812 3456 7890")
    assert answer["Location"] == CORRECT
    page = visitor.get(CORRECT)
    assert "Use an e-mail address instead, or try again in" in page.text
    assert Notice.objects.count() == 0
    assert visitor.post(CORRECT, {"contact": "siti@example.com"})["Location"] == CODE
    answer = visitor.post(CODE, {"code": newest_code("siti@example.com")})
    assert answer["Location"] == reverse("my_applications")


def test_code_page_comes_back_at_sign_in_and_can_be_left(visitor: Client) -> None:
    sign_up(visitor, "siti@example.com")
    assert visitor.get("/account/login/")["Location"] == CODE
    assert visitor.post("/account/code/leave/")["Location"] == "/account/login/"
    assert visitor.get("/account/login/").status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", CODE),
        ("post", CODE),
        ("post", "/account/code/resend/"),
        ("get", "/account/code/correct/"),
        ("post", "/account/code/correct/"),
    ],
)
def test_code_page_without_a_sign_in_leads_to_it(visitor: Client, method: str, path: str) -> None:
    answer = getattr(visitor, method)(path, follow=True)
    assert answer.redirect_chain == [("/account/login/", HTTPStatus.FOUND)]
    assert "Please sign in" in answer.text


def test_code_page_when_confirmed_elsewhere_asks_for_the_password(visitor: Client) -> None:
    """It may have been a stranger who signed up with this contact and waits here."""
    sign_up(visitor, "siti@example.com")
    User.objects.update(email_verified=True)
    assert visitor.get(CODE)["Location"] == "/account/login/"
    assert "_auth_user_id" not in visitor.session
    assert visitor.get(CODE)["Location"] == "/account/login/"


def test_code_in_the_database_is_not_in_clear(visitor: Client) -> None:
    sign_up(visitor, "siti@example.com")
    code = newest_code("siti@example.com")
    row = ContactCode.objects.get()
    assert code.encode() not in bytes(row.code_digest)
    assert len(bytes(row.code_digest)) == 1 + 32


def test_sign_up_page_when_signed_in_leads_on(visitor: Client) -> None:
    visitor.force_login(make_user())
    assert visitor.get(SIGN_UP)["Location"] == reverse("my_applications")
