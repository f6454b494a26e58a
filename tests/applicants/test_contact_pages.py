from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from applicants.contacts import Contact, confirmed_contacts, read_contact
from applicants.models import PendingContact, User
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from mpaspor.notifications.outbox import opened
from tests.factories.applicants import PASSWORD, make_user, newest_code

pytestmark = pytest.mark.django_db

ACCOUNT, ASK, OTHER = "/account/", "/account/fresh-code/", "/account/fresh-code/other/"
EMAIL, PHONE = "/account/contacts/email/", "/account/contacts/phone/"
SITI, NUMBER = read_contact("siti@example.com"), read_contact("0812-3456-7890")
NEW = read_contact("0813-3456-7890")


@pytest.fixture
def account(visitor: Client) -> User:
    account = make_user(SITI.to, phone=NUMBER.to, phone_verified=True)
    visitor.force_login(account)
    return account


def asks(answer: Any, page: str) -> bool:
    """Whether it leads to the code that is asked for before this page."""
    return bool(answer.headers.get("Location") == f"{ASK}?next={quote(page, safe='')}")


def prove(visitor: Client, page: str, contact: Contact) -> None:
    """The code that is asked for before this page."""
    answer = visitor.get(page)
    assert asks(answer, page)
    visitor.get(answer["Location"])
    typed = {"code": newest_code(contact.to), "next": page}
    assert visitor.post(ASK, typed)["Location"] == page


def contacts(account: User) -> list[Contact]:
    return confirmed_contacts(User.objects.get(pk=account.pk))


def test_lost_phone_sign_in_by_mail_and_change_it(visitor: Client) -> None:
    account = make_user(SITI.to, phone=NUMBER.to, phone_verified=True)
    visitor.post("/account/login/", {"login": SITI.to, "password": PASSWORD})
    prove(visitor, PHONE, SITI)
    assert visitor.post(PHONE, {"contact": "0813 3456 7890"})["Location"] == f"{PHONE}code/"
    page = visitor.get(f"{PHONE}code/")
    assert "+62 813-3456-7890" in page.text
    answer = visitor.post(f"{PHONE}code/", {"code": newest_code(NEW.to)}, follow=True)
    assert "+62 813-3456-7890 is confirmed now" in answer.text
    assert contacts(account) == [SITI, NEW]
    login = Client().post("/account/login/", {"login": NEW.to, "password": PASSWORD})
    assert login["Location"] == reverse("my_applications")


def test_change_without_the_fresh_code_leads_to_it_and_changes_nothing(
    visitor: Client, account: User
) -> None:
    for page in (PHONE, f"{PHONE}remove/"):
        answer = visitor.get(page)
        assert asks(answer, page)
        asked = visitor.post(page, {"contact": NEW.to})
        assert "by e-mail to <strong>siti@example.com</strong>" in asked.text
        assert (
            "by e-mail to <strong>siti@example.com</strong>" in visitor.get(answer["Location"]).text
        )
    assert (contacts(account), PendingContact.objects.count()) == ([SITI, NUMBER], 0)


def test_change_sent_too_late_is_carried_over_and_done_after_the_code(
    visitor: Client, account: User
) -> None:
    visitor.post(PHONE, {"contact": NEW.to})
    typed = {"code": newest_code(SITI.to), "next": PHONE, "carried-contact": NEW.to}
    assert NEW.to in visitor.post(ASK, typed).text
    assert visitor.post(PHONE, {"contact": NEW.to})["Location"] == f"{PHONE}code/"


def test_change_with_a_code_to_the_contact_itself_is_not_enough(
    visitor: Client, account: User
) -> None:
    prove(visitor, EMAIL, NUMBER)
    assert asks(visitor.get(PHONE), PHONE)
    assert visitor.get(EMAIL).status_code == HTTPStatus.OK


def test_change_offers_no_code_to_the_contact_itself(visitor: Client, account: User) -> None:
    page = visitor.get(visitor.get(PHONE)["Location"])
    assert OTHER not in page.text
    visitor.post(OTHER)
    assert {opened(notice)[0] for notice in Notice.objects.all()} == {SITI.to}


def test_change_long_after_the_code_asks_for_another(visitor: Client, account: User) -> None:
    prove(visitor, PHONE, SITI)
    session = visitor.session
    session["stepped_up_at"] = (clock.now() - timedelta(minutes=10)).isoformat()
    session.save()
    assert asks(visitor.get(PHONE), PHONE)


def test_remove_a_contact_asks_and_then_keeps_the_other(visitor: Client, account: User) -> None:
    page = f"{EMAIL}remove/"
    prove(visitor, page, NUMBER)
    assert "Remove siti@example.com?" in visitor.get(page).text
    answer = visitor.post(page, follow=True)
    assert "siti@example.com is removed" in answer.text
    assert contacts(account) == [NUMBER]
    # Pressed again, and the only one that is left.
    for again in (page, f"{PHONE}remove/"):
        visitor.get(again)
        visitor.post(again)
    assert contacts(account) == [NUMBER]


def test_contact_of_another_account_is_refused_with_a_way_on(
    visitor: Client, account: User
) -> None:
    make_user(NEW.to)
    prove(visitor, PHONE, SITI)
    page = visitor.post(PHONE, {"contact": NEW.to})
    assert "There is already an account with +62 813-3456-7890" in page.text
    assert 'href="/account/logout/"' in page.text
    assert page.context["form"]["contact"].value() == NEW.to


@pytest.mark.parametrize(
    "typed", ["", "siti", "siti@example.com", "021-5551234", "\x00", "8" * 10_000, "\u202e"]
)
def test_contact_with_bad_input_says_so_and_keeps_it(
    visitor: Client, account: User, typed: str
) -> None:
    prove(visitor, PHONE, SITI)
    answer = visitor.post(PHONE, {"contact": typed})
    assert list(answer.context["form"].errors) == ["contact"]
    assert answer.context["form"]["contact"].value() == typed
    assert PendingContact.objects.count() == 0


def test_contact_with_a_mistyped_mail_domain_is_asked_about(visitor: Client) -> None:
    account = make_user(NUMBER.to)
    visitor.force_login(account)
    prove(visitor, EMAIL, NUMBER)
    page = visitor.post(EMAIL, {"contact": "siti@gmial.com"})
    assert "Did you mean siti@gmail.com?" in page.text
    assert visitor.post(EMAIL, {"contact": "siti@gmail.com"})["Location"] == f"{EMAIL}code/"


def test_wanted_contact_can_be_sent_a_new_code_corrected_and_forgotten(
    visitor: Client, account: User
) -> None:
    prove(visitor, PHONE, SITI)
    visitor.post(PHONE, {"contact": NEW.to})
    page = visitor.post(f"{PHONE}resend/", follow=True)
    assert "We sent you a code a moment ago" in page.text
    assert "Tries left: 4." in visitor.post(f"{PHONE}code/", {"code": "1"}).text
    assert 'href="/account/contacts/phone/"' in page.text
    assert visitor.post(f"{PHONE}forget/")["Location"] == ACCOUNT
    for path in ("code/", "resend/"):
        answer = visitor.post(PHONE + path, {"code": "123456"})
        assert answer.status_code == HTTPStatus.CONFLICT
        assert "No contact waits for its code" in answer.text


@pytest.mark.parametrize("path", ["", "code/", "remove/"])
def test_contact_pages_are_for_who_is_signed_in_and_of_known_kinds(
    visitor: Client, path: str
) -> None:
    for page in (PHONE + path, f"/account/contacts/fax/{path}"):
        assert visitor.get(page)["Location"] == f"/account/login/?next={page}"
    visitor.force_login(make_user())
    answer = visitor.get(f"/account/contacts/fax/{path}")
    assert answer.status_code == HTTPStatus.NOT_FOUND
