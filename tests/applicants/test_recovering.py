from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from applicants.contacts import read_contact
from applicants.enums import Purpose
from applicants.models import User
from applicants.sms_budget import spend_sms
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from tests.factories.applicants import PASSWORD, make_user, newest_code

pytestmark = pytest.mark.django_db

ASK, PROVE, NEW = "/account/recover/", "/account/recover/code/", "/account/recover/password/"
OTHER = "/account/recover/other/"


@pytest.mark.parametrize("contact", ["Siti@example.com", "0812-3456-7890"])
@pytest.mark.parametrize("confirmed", [True, False])
def test_recover_with_the_code_signs_in_with_a_new_password(
    visitor: Client, contact: str, confirmed: bool
) -> None:
    account = make_user(contact, confirmed=confirmed)
    assert visitor.post(ASK, {"contact": contact})["Location"] == PROVE
    assert visitor.post(PROVE, {"code": newest_code(contact)})["Location"] == NEW
    answer = visitor.post(NEW, {"password": "jahe-hangat-2"})
    assert answer["Location"] == reverse("my_applications")
    assert visitor.session["_auth_user_id"] == str(account.pk)
    account.refresh_from_db()
    assert (account.check_password("jahe-hangat-2"), account.confirmed) == (True, True)


def test_recover_takes_the_account_from_whoever_signed_up_with_the_contact(
    visitor: Client,
) -> None:
    stranger = Client()
    stranger.post(
        "/account/signup/", {"name": "Eve", "contact": "siti@example.com", "password": PASSWORD}
    )
    visitor.post(ASK, {"contact": "siti@example.com"})
    code = newest_code("siti@example.com")
    visitor.post(PROVE, {"code": code})
    visitor.post(NEW, {"password": "jahe-hangat-2"})
    assert "_auth_user_id" in visitor.session
    assert stranger.post("/account/code/", {"code": code})["Location"] == "/account/login/"
    answer = stranger.post("/account/login/", {"login": "siti@example.com", "password": PASSWORD})
    assert (answer.status_code, "_auth_user_id" in stranger.session) == (HTTPStatus.OK, False)


def test_recover_an_unknown_contact_leads_to_signing_up(visitor: Client) -> None:
    answer = visitor.post(ASK, {"contact": "siti@example.com"})
    assert "There is no account with siti@example.com" in answer.text
    assert 'href="/account/signup/"' in answer.text
    assert Notice.objects.count() == 0


@pytest.mark.parametrize("typed", ["", "siti", "021-5551234", "\x00", "a" * 1000])
def test_recover_with_bad_input_says_so_and_keeps_it(visitor: Client, typed: str) -> None:
    answer = visitor.post(ASK, {"contact": typed})
    assert list(answer.context["form"].errors) == ["contact"]
    assert answer.context["form"]["contact"].value() == typed


def test_recover_asked_twice_sends_one_code_that_works(visitor: Client) -> None:
    make_user("siti@example.com")
    visitor.post(ASK, {"contact": "siti@example.com"})
    answer = visitor.post(ASK, {"contact": "siti@example.com"}, follow=True)
    assert "We sent you a code a moment ago" in answer.text
    assert Notice.objects.count() == 1
    assert visitor.post(PROVE, {"code": newest_code("siti@example.com")})["Location"] == NEW


def test_recover_when_no_code_comes_sends_it_to_the_other_contact(visitor: Client) -> None:
    account = make_user("siti@example.com", phone="+6281234567890", phone_verified=True)
    visitor.post(ASK, {"contact": "siti@example.com"})
    page = visitor.get(PROVE)
    assert "Send it by SMS to +62 812-****-7890" in page.text
    assert visitor.post(OTHER)["Location"] == PROVE
    page = visitor.get(PROVE)
    assert "by SMS to <strong>+62 812-****-7890</strong>" in page.text
    assert "+62 812-3456-7890" not in page.text
    assert "Send it by e-mail to s***@example.com" in page.text
    visitor.post(PROVE, {"code": newest_code("0812-3456-7890")})
    visitor.post(NEW, {"password": "jahe-hangat-2"})
    assert visitor.session["_auth_user_id"] == str(account.pk)


def test_recover_never_offers_a_contact_that_is_not_confirmed(visitor: Client) -> None:
    make_user("siti@example.com", phone="+6281234567890")
    visitor.post(ASK, {"contact": "siti@example.com"})
    assert OTHER not in visitor.get(PROVE).text
    assert visitor.post(OTHER)["Location"] == ASK
    assert Notice.objects.count() == 1


def test_recover_by_a_number_whose_budget_is_spent_offers_the_mail(
    visitor: Client, settings: Settings
) -> None:
    settings.SMS_A_DAY = 1
    make_user("siti@example.com", phone="+6281234567890", phone_verified=True)
    spend_sms(to=read_contact("0812-3456-7890"), purpose=Purpose.RECOVER, at=clock.now())
    page = visitor.post(ASK, {"contact": "0812-3456-7890"})
    assert "We have sent many codes to this number today" in page.text
    assert "Send it by e-mail to s***@example.com" in page.text
    assert visitor.post(OTHER)["Location"] == PROVE
    assert visitor.post(PROVE, {"code": newest_code("siti@example.com")})["Location"] == NEW


def test_recover_with_a_mistyped_mail_domain_asks_what_was_meant(visitor: Client) -> None:
    make_user("siti@gmail.com")
    page = visitor.post(ASK, {"contact": "siti@gmial.com"})
    assert "Did you mean siti@gmail.com?" in page.text
    page = visitor.post(ASK, {"contact": "siti@gmial.com", "kept": "siti@gmial.com"})
    assert "There is no account with siti@gmial.com" in page.text
    assert visitor.post(ASK, {"contact": "siti@gmail.com"})["Location"] == PROVE


def test_recover_of_an_account_with_an_odd_mail_domain_asks_nothing(visitor: Client) -> None:
    make_user("siti@gmial.com")
    assert visitor.post(ASK, {"contact": "siti@gmial.com"})["Location"] == PROVE


def test_recover_with_a_wrong_code_goes_no_further(visitor: Client) -> None:
    make_user("siti@example.com")
    visitor.post(ASK, {"contact": "siti@example.com"})
    wrong = f"{(int(newest_code('siti@example.com')) + 1) % 1_000_000:06}"
    answer = visitor.post(PROVE, {"code": wrong})
    assert "Tries left: 4." in answer.text
    assert visitor.get(NEW)["Location"] == PROVE
    answer = visitor.post(NEW, {"password": "jahe-hangat-2"})
    assert answer["Location"] == PROVE
    assert User.objects.get().check_password(PASSWORD)


def test_recover_with_a_weak_password_asks_again(visitor: Client) -> None:
    make_user("siti@example.com")
    visitor.post(ASK, {"contact": "siti@example.com"})
    visitor.post(PROVE, {"code": newest_code("siti@example.com")})
    answer = visitor.post(NEW, {"password": "12345678"})
    assert "too easy to guess" in answer.text
    assert visitor.post(NEW, {"password": "jahe-hangat-2"}).status_code == HTTPStatus.FOUND


@pytest.mark.parametrize("path", [PROVE, "/account/recover/resend/", OTHER, NEW])
def test_recover_begun_in_the_middle_starts_at_the_beginning(visitor: Client, path: str) -> None:
    answer = visitor.post(path, {"code": "123456", "password": "jahe-hangat-2"}, follow=True)
    assert answer.redirect_chain[-1][0] == ASK


def test_recover_proof_does_not_last_for_ever(visitor: Client) -> None:
    make_user("siti@example.com")
    visitor.post(ASK, {"contact": "siti@example.com"})
    visitor.post(PROVE, {"code": newest_code("siti@example.com")})
    session = visitor.session
    session["recovery_proved"] = "2026-01-01T00:00:00+00:00"
    session.save()
    assert visitor.post(NEW, {"password": "jahe-hangat-2"})["Location"] == PROVE
