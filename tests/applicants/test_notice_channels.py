"""Notices come by the channel their holder chose, as long as it can be."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from applicants.announcing import send
from applicants.changing_contacts import remove_contact
from applicants.codes import send_code
from applicants.contacts import Contact, read_contact
from applicants.enums import Purpose
from applicants.models import User
from applicants.notice_channels import (
    ChannelNotOffered,
    EmailNotConfirmed,
    PhoneNotConfirmed,
    choose_channel,
    reach,
)
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Channel, Notice
from tests.factories.applicants import make_user

pytestmark = pytest.mark.django_db

PAGE, ACCOUNT = "/account/notices/", "/account/"
MAIL, PHONE = read_contact("siti@example.com"), read_contact("0812-3456-7890")
WHATSAPP = Contact(Channel.WHATSAPP, PHONE.to)
BOTH = (MAIL, PHONE)


def make(*confirmed: Contact, by: str = "email") -> User:
    """Has both contacts; those named are confirmed."""
    facts = {"email_verified": MAIL in confirmed, "phone_verified": PHONE in confirmed}
    return make_user(MAIL.to, phone=PHONE.to, notices_by=by, **facts)


def choose(user: User, channel: str) -> None:
    choose_channel(account=user, channel=channel, by=user, at=clock.now())


def chosen(user: User) -> str:
    return User.objects.get(pk=user.pk).notices_by


def sent() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("channel", flat=True))


@pytest.mark.parametrize(
    ("confirmed", "by", "goes"),
    [
        (BOTH, "email", MAIL),
        (BOTH, "sms", PHONE),
        (BOTH, "whatsapp", WHATSAPP),
        ((MAIL,), "email", MAIL),
        ((MAIL,), "sms", MAIL),
        ((MAIL,), "whatsapp", MAIL),
        ((PHONE,), "email", PHONE),
        ((PHONE,), "sms", PHONE),
        ((PHONE,), "whatsapp", WHATSAPP),
        ((), "email", None),
        ((), "whatsapp", None),
    ],
)
def test_reach_is_the_channel_chosen_else_another_confirmed_contact(
    confirmed: tuple[Contact, ...], by: str, goes: Contact | None
) -> None:
    user = make(*confirmed, by=by)
    assert reach(user) == goes
    send(user, "notices/applicants/privacy_answered", "privacy:A", at=clock.now(), kind="erase")
    assert sent() == ([goes.channel] if goes else [])


@pytest.mark.parametrize("missing", ["WHATSAPP_URL", "WHATSAPP_TOKEN", "WHATSAPP_SENDER"])
def test_reach_without_whatsapp_is_the_same_number_by_sms(settings: Settings, missing: str) -> None:
    setattr(settings, missing, "")
    assert reach(make(*BOTH, by="whatsapp")) == PHONE


def test_choose_channel_holds_and_is_written_down_once() -> None:
    user = make(*BOTH)
    for _again in range(2):
        choose(user, "whatsapp")
    assert chosen(user) == "whatsapp"
    deeds = [entry for entry in trail.of(f"account:{user.code}") if entry.deed == "choose_channel"]
    assert [entry.facts for entry in deeds] == [{"channel": "whatsapp"}]


@pytest.mark.parametrize(
    ("confirmed", "channel", "token", "refusal"),
    [
        ((PHONE,), "email", "t", EmailNotConfirmed),
        ((MAIL,), "sms", "t", PhoneNotConfirmed),
        ((MAIL,), "whatsapp", "t", PhoneNotConfirmed),
        (BOTH, "whatsapp", "", ChannelNotOffered),
        (BOTH, "pigeon", "t", ChannelNotOffered),
        (BOTH, "", "t", ChannelNotOffered),
    ],
)
def test_choose_channel_that_cannot_be_is_refused_with_a_way_on(
    settings: Settings,
    confirmed: tuple[Contact, ...],
    channel: str,
    token: str,
    refusal: type[Refusal],
) -> None:
    settings.WHATSAPP_TOKEN = token
    user = make(*confirmed)
    with pytest.raises(Refusal) as no:
        choose(user, channel)
    assert (type(no.value), bool(str(no.value.remedy))) == (refusal, True)
    assert (chosen(user), trail.of(f"account:{user.code}")[-1].deed) == ("email", "open_account")


def test_channel_is_one_of_ours_in_the_table() -> None:
    with pytest.raises(IntegrityError, match="notices_by_a_channel"), transaction.atomic():
        User.objects.filter(pk=make().pk).update(notices_by="pigeon")


def test_codes_come_by_sms_and_changed_contacts_are_told_everywhere() -> None:
    user = make(*BOTH, by="whatsapp")
    send_code(account=user, to=PHONE, purpose=Purpose.STEP_UP, by=user, at=clock.now())
    remove_contact(account=user, channel=Channel.SMS, proof=MAIL, by=user, at=clock.now())
    assert sent() == ["sms", "email", "sms"]
    assert reach(User.objects.get(pk=user.pk)) == MAIL


def open_page(visitor: Client) -> Any:
    return visitor.get(PAGE).context["form"]["channel"]


def test_page_shows_the_ways_there_are_and_takes_one(visitor: Client, settings: Settings) -> None:
    user = make(*BOTH)
    visitor.force_login(user)
    assert PAGE in visitor.get(ACCOUNT).text
    shown = open_page(visitor)
    assert [option.data["value"] for option in shown] == ["email", "sms", "whatsapp"]
    assert shown.value() == "email"

    answer = visitor.post(PAGE, {"channel": "whatsapp"}, follow=True)

    assert answer.redirect_chain == [(ACCOUNT, 302)]
    assert "This is how messages come to you now: WhatsApp." in answer.text
    assert (chosen(user), open_page(visitor).value()) == ("whatsapp", "whatsapp")
    settings.WHATSAPP_TOKEN = ""
    assert [option.data["value"] for option in open_page(visitor)] == ["email", "sms"]
    assert "WhatsApp" not in visitor.get(PAGE).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"channel": ""}, "Choose how messages should come to you."),
        ({"channel": "sms"}, "no confirmed mobile phone. Add it under"),
        ({"channel": "pi\0geon"}, "Messages cannot be sent that way."),
        ({"channel": "x" * 5000}, "Messages cannot be sent that way. Choose one of the ways"),
    ],
)
def test_page_says_what_is_wrong_and_changes_nothing(
    visitor: Client, typed: dict[str, str], said: str
) -> None:
    user = make(MAIL)
    visitor.force_login(user)
    page = visitor.post(PAGE, typed)
    assert (page.status_code, said in page.text) == (200, True)
    assert 'href="/account/contacts/phone/"' in page.text
    assert chosen(user) == "email"


def test_page_of_nobody_leads_to_signing_in(visitor: Client) -> None:
    assert visitor.get(PAGE)["Location"] == f"/account/login/?next={PAGE}"
