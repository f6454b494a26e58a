from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from pytest_django import Settings

from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from tests.factories.applicants import make_person, make_user, newest_code, valid_nik

pytestmark = pytest.mark.django_db

PAGE, PHONE = "/account/registered/", "/account/registered/phone/"
CODE, RESEND, NIK = (
    "/account/registered/code/",
    "/account/registered/resend/",
    "/account/registered/nik/",
)


def prove(visitor: Client, phone: str = "0812-3456-7890") -> None:
    visitor.post(PHONE, {"phone": phone})
    visitor.post(CODE, {"code": newest_code(phone)})


@pytest.mark.parametrize("contact", ["Siti@example.com", "(0812) 3456-7890"])
def test_registered_says_plainly_whether_and_how_to_go_on(visitor: Client, contact: str) -> None:
    page = visitor.post(PAGE, {"contact": contact})
    assert "There is no account with" in page.text
    assert 'href="/account/signup/"' in page.text
    account = make_user(contact)
    page = visitor.post(PAGE, {"contact": contact})
    assert "There is an account with" in page.text
    assert 'href="/account/login/"' in page.text
    assert 'href="/account/recover/"' in page.text
    assert account.name not in page.text


def test_registered_of_an_account_begun_or_closed_says_so(visitor: Client) -> None:
    make_user("siti@example.com", confirmed=False)
    page = visitor.post(PAGE, {"contact": "siti@example.com"})
    assert "never typed the code" in page.text
    assert 'href="/account/recover/"' in page.text
    make_user("budi@example.com", is_active=False)
    page = visitor.post(PAGE, {"contact": "budi@example.com"})
    assert "The account of budi@example.com is closed" in page.text


def test_registered_of_a_mistyped_mail_domain_asks_what_was_meant(visitor: Client) -> None:
    page = visitor.post(PAGE, {"contact": "siti@gmial.com"})
    assert "Did you mean siti@gmail.com?" in page.text


@pytest.mark.parametrize("typed", ["", "siti", "021-5551234", "\x00", "a" * 10_000, "\u202e0812"])
def test_registered_with_bad_input_says_so_and_keeps_it(visitor: Client, typed: str) -> None:
    answer = visitor.post(PAGE, {"contact": typed})
    assert (answer.status_code, list(answer.context["form"].errors)) == (
        HTTPStatus.OK,
        ["contact"],
    )
    assert answer.context["form"]["contact"].value() == typed


@pytest.mark.parametrize(
    ("path", "typed", "plain"),
    [
        (PAGE, {"contact": "siti@example.com"}, "There is no account with siti@example.com"),
        (
            "/account/login/",
            {"login": "siti@example.com", "password": "kopi"},
            "There is no account with siti@example.com",
        ),
        (
            "/account/recover/",
            {"contact": "siti@example.com"},
            "There is no account with siti@example.com",
        ),
        (
            "/account/signup/",
            {"name": "Siti", "contact": "budi@example.com", "password": "kopi-tubruk-panas"},
            "There is already an account with budi@example.com",
        ),
    ],
)
def test_registered_is_told_on_every_page_within_its_budget(
    visitor: Client, settings: Settings, path: str, typed: dict[str, str], plain: str
) -> None:
    settings.LOOKUPS_AN_HOUR = 1
    make_user("budi@example.com")
    assert plain in visitor.post(path, typed).text
    page = visitor.post(path, typed)
    assert plain not in page.text
    assert "This was asked many times in a short while" in page.text
    assert "You can ask again in" in page.text


def test_by_nik_shows_the_masked_contacts_after_the_phone_is_proved(visitor: Client) -> None:
    person = make_person(make_user("siti@example.com"))
    assert visitor.get(NIK)["Location"] == PHONE
    assert visitor.post(NIK, {"nik": person.identity.nik})["Location"] == PHONE
    assert visitor.post(PHONE, {"phone": "0812-3456-7890"})["Location"] == CODE
    assert visitor.get(NIK)["Location"] == PHONE
    assert visitor.post(CODE, {"code": newest_code("0812-3456-7890")})["Location"] == NIK
    page = visitor.post(NIK, {"nik": person.identity.nik})
    assert "s***@example.com" in page.text
    assert person.identity.masked_nik in page.text
    assert ("siti@example.com" in page.text, person.identity.nik in page.text) == (False, False)
    assert person.identity.nik not in str(dict(visitor.session))


def test_by_nik_of_nobody_leads_to_signing_up(visitor: Client) -> None:
    prove(visitor)
    page = visitor.post(NIK, {"nik": valid_nik()})
    assert "No account knows the NIK" in page.text
    assert 'href="/account/signup/"' in page.text


def test_by_nik_signed_in_with_a_phone_asks_no_code_and_is_audited(visitor: Client) -> None:
    person, asker = make_person(), make_user("0812-3456-7890")
    visitor.force_login(asker)
    assert visitor.get(NIK).status_code == HTTPStatus.OK
    visitor.post(NIK, {"nik": person.identity.nik})
    assert Notice.objects.count() == 0
    (entry,) = trail.of(f"identity:{person.identity.code}")
    assert (entry.deed, entry.by) == ("look_up_nik", asker)


def test_by_nik_signed_in_with_a_mail_address_only_asks_for_a_phone(visitor: Client) -> None:
    visitor.force_login(make_user("siti@example.com"))
    assert visitor.get(NIK)["Location"] == PHONE


def test_by_nik_beyond_its_budget_says_when(visitor: Client, settings: Settings) -> None:
    settings.NIK_LOOKUPS_A_DAY = 1
    prove(visitor)
    visitor.post(NIK, {"nik": valid_nik()})
    assert "You can ask again in 24 hours" in visitor.post(NIK, {"nik": valid_nik()}).text


@pytest.mark.parametrize("typed", ["", "123", "1173018107900001", "\x00", "9" * 10_000, "\u202e"])
def test_by_nik_with_bad_input_says_so_and_keeps_it(visitor: Client, typed: str) -> None:
    prove(visitor)
    answer = visitor.post(NIK, {"nik": typed})
    assert (answer.status_code, list(answer.context["form"].errors)) == (HTTPStatus.OK, ["nik"])
    assert answer.context["form"]["nik"].value() == typed


@pytest.mark.parametrize("typed", ["", "siti@example.com", "021-5551234", "\x00", "8" * 10_000])
def test_by_nik_phone_with_bad_input_says_so_and_keeps_it(visitor: Client, typed: str) -> None:
    answer = visitor.post(PHONE, {"phone": typed})
    assert list(answer.context["form"].errors) == ["phone"]
    assert answer.context["form"]["phone"].value() == typed
    assert Notice.objects.count() == 0


def test_by_nik_proof_of_the_phone_does_not_last(visitor: Client) -> None:
    prove(visitor)
    session = visitor.session
    session["asker_proved"] = (clock.now() - timedelta(minutes=10)).isoformat()
    session.save()
    assert visitor.post(NIK, {"nik": valid_nik()})["Location"] == PHONE


def test_by_nik_code_can_be_sent_again_and_begins_at_the_beginning(visitor: Client) -> None:
    assert visitor.get(CODE)["Location"] == PHONE
    assert visitor.post(RESEND)["Location"] == PHONE
    visitor.post(PHONE, {"phone": "0812-3456-7890"})
    assert "You can ask for a new code in" in visitor.get(CODE).text
    page = visitor.post(RESEND, follow=True)
    assert "We sent you a code a moment ago" in page.text
    assert "Tries left: 4." in visitor.post(CODE, {"code": "1"}).text
