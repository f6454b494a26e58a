from http import HTTPStatus

import pytest
from django.test import Client

from applicants.contacts import read_contact
from applicants.models import PendingContact
from mpaspor.core import clock
from tests.factories.applicants import make_user

pytestmark = pytest.mark.django_db

PAGE = "/account/"
SITI, PHONE = read_contact("siti@example.com"), read_contact("0812-3456-7890")


def test_account_page_shows_each_contact_with_its_state_and_where_to_go(visitor: Client) -> None:
    account = make_user("siti@example.com")
    visitor.force_login(account)
    page = visitor.get(PAGE)
    assert ("siti@example.com" in page.text, 'href="/account/password/"' in page.text) == (
        True,
        True,
    )
    email, phone = page.context["contacts"]
    assert (email.contact, email.confirmed, email.removable) == (SITI, True, False)
    assert (phone.contact, phone.confirmed, phone.pending) == (None, False, None)
    assert 'href="/account/contacts/phone/"' in page.text
    PendingContact.objects.create(
        account=account, channel=PHONE.channel, to=PHONE.to, wanted_at=clock.now()
    )
    page = visitor.get(PAGE)
    assert page.context["contacts"][1].pending == PHONE
    assert "+62 812-3456-7890" in page.text
    assert 'href="/account/contacts/phone/code/"' in page.text


def test_account_page_of_nobody_leads_to_signing_in(visitor: Client) -> None:
    answer = visitor.get(PAGE)
    assert answer.status_code == HTTPStatus.FOUND
    assert answer["Location"] == "/account/login/?next=/account/"
