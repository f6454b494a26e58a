"""Pages of what an account was told; what goes out of them with the account."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applicants.announcing import announce, send
from applicants.changing_contacts import remove_contact
from applicants.codes import send_code
from applicants.contacts import confirmed_contacts, contacts_of
from applicants.enums import Purpose
from applicants.erasing import erase_account
from applicants.models import User
from applicants.personal_data import parts_of
from applicants.retention import purge
from applicants.views.messages import SHOWN
from mpaspor.core import clock
from mpaspor.notifications.models import Channel, Message, Notice
from tests.factories.applicants import make_user

pytestmark = pytest.mark.django_db

FACTS = {"kind": "erase", "status": "refused", "answer": "Ada <b>janji</b> temu: https://a.example"}


def told(user: User, reference: str = "privacy:AAA") -> Message:
    send(user, "notices/applicants/privacy_answered", reference, at=clock.now(), **FACTS)
    return Message.objects.get(reference=reference)


@pytest.fixture
def siti(client: Client) -> User:
    user = make_user()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def test_send_is_a_notice_and_a_message_of_one_reference(siti: User) -> None:
    for _again in range(2):
        told(siti)
    assert [Notice.objects.count(), Message.objects.count()] == [1, 1]


def test_send_without_a_confirmed_contact_is_a_message_only() -> None:
    message = told(make_user(confirmed=False))
    assert (message.read_at, Notice.objects.count()) == (None, 0)


def test_codes_and_other_keys_are_in_no_message(siti: User) -> None:
    (contact,) = contacts_of(siti)
    send_code(account=siti, to=contact, purpose=Purpose.RECOVER, by="test", at=clock.now())
    assert Message.objects.count() == 0


def test_what_happens_to_the_keys_of_an_account_is(siti: User) -> None:
    announce("second_factor_reset", siti, by="test", at=clock.now())
    assert Message.objects.get().holder == siti.code


def test_messages_are_new_until_they_are_opened(client: Client, siti: User) -> None:
    message = told(siti)
    assert "1 new message" in client.get(reverse("my_applications")).text
    page = client.get(reverse("messages")).text
    assert page.count(">New<") == 1

    page = client.get(reverse("message", args=[message.code])).text
    assert "Ada &lt;b&gt;janji&lt;/b&gt; temu" in page
    assert '<a href="https://a.example"' in page
    assert "It is still on its way" in page

    assert ">New<" not in client.get(reverse("messages")).text
    assert "new message" not in client.get(reverse("my_applications")).text


def test_message_whose_notice_was_given_up_says_so(client: Client, siti: User) -> None:
    message = told(siti)
    Notice.objects.update(next_at=None)
    page = client.get(reverse("message", args=[message.code])).text
    assert "It could not be delivered" in page
    assert "on its way" not in page


def test_message_of_changed_contacts_does_not_say_that_nothing_was_sent(client: Client) -> None:
    siti = make_user("rina@example.test", phone="+6281234567890", phone_verified=True)
    mail = confirmed_contacts(siti)[0]
    client.force_login(siti)
    client.cookies["django_language"] = "en"
    remove_contact(account=siti, channel=Channel.SMS, proof=mail, by=siti, at=clock.now())
    assert Notice.objects.filter(template="notices/applicants/contacts_changed").exists()
    message = Message.objects.get()
    page = client.get(reverse("message", args=[message.code])).text
    assert "to your phone or mailbox" not in page


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (Channel.EMAIL, "Also sent by e-mail"),
        (Channel.SMS, "Also sent by SMS"),
        (Channel.WHATSAPP, "Also sent by WhatsApp"),
    ],
)
def test_message_says_how_and_when_it_was_sent(
    client: Client, siti: User, channel: str, said: str
) -> None:
    message = told(siti)
    Notice.objects.update(channel=channel, sent_at=clock.now(), payload=None)
    page = client.get(reverse("message", args=[message.code])).text
    assert said in page


def test_message_of_another_account_is_not_there(client: Client, siti: User) -> None:
    message = told(make_user())
    assert client.get(reverse("message", args=[message.code])).status_code == 404
    message.refresh_from_db()
    assert message.read_at is None


def test_messages_of_nobody_lead_to_signing_in(client: Client) -> None:
    message = told(make_user())
    for page in (reverse("messages"), reverse("message", args=[message.code])):
        assert client.get(page).headers["Location"].startswith(reverse("account_login"))


def test_messages_ask_as_many_questions_however_many_there_are(client: Client, siti: User) -> None:
    counts = []
    for number in range(1, 4):
        told(siti, f"privacy:{number}")
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("messages"))
        counts.append(len(asked))
    assert counts[1] == counts[2]


def test_messages_are_in_the_export_in_words(siti: User) -> None:
    for number in range(SHOWN + 1):
        told(siti, f"privacy:{number}")
    (part,) = [part for part in parts_of(siti) if part.name == "messages"]
    assert len(part.rows) == SHOWN + 1
    assert "Ada <b>janji</b> temu" in part.rows[0]["body"].value


def test_messages_go_with_the_account(siti: User) -> None:
    told(siti)
    erase_account(account=siti, by=siti, at=clock.now())
    assert Message.objects.count() == 0


@pytest.mark.parametrize(("days", "left"), [(89, 1), (90, 0)])
def test_messages_are_kept_as_long_as_notices(siti: User, days: int, left: int) -> None:
    message = told(siti)
    purge(at=message.created_at + timedelta(days=days))
    assert (Message.objects.count(), Notice.objects.count()) == (left, left)
