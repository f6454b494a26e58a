"""Notices by WhatsApp, over the wire to the simulator; by SMS where WhatsApp cannot."""

import logging
from datetime import datetime, timedelta
from itertools import count

import pytest
from pytest_django import Settings

from mpaspor.core import clock
from mpaspor.notifications.delivery import deliver
from mpaspor.notifications.models import Channel, Notice
from mpaspor.notifications.refusals import Undelivered
from mpaspor.notifications.whatsapp import send_whatsapp
from tests.notifications.making import make_notice
from tests.simulators.running import Inbox

pytestmark = pytest.mark.django_db

numbers = count(1)


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def phone() -> str:
    return f"+6281300{next(numbers):06}"


def reference_of(phone: str) -> str:
    """Without the number, which no log would show."""
    return f"told:{phone[-4:]}"


def notice_to(phone: str, at: datetime, **facts: str) -> Notice:
    return make_notice(
        channel=Channel.WHATSAPP, to=phone, at=at, reference=reference_of(phone), **facts
    )


@pytest.mark.parametrize(
    ("language", "begins", "hour", "ends"),
    [
        ("id", "jadwal Anda pasti", "08.00", "Kode ACD3EFG4HJ"),
        ("en", "confirmed", "08:00", "Code ACD3EFG4HJ"),
    ],
)
def test_notice_goes_as_the_template_of_its_language(
    inbox: Inbox, at: datetime, phone: str, language: str, begins: str, hour: str, ends: str
) -> None:
    notice_to(phone, at, language=language)

    assert [deliver(at=at), deliver(at=at + timedelta(days=9))] == [1, 0]

    (message,) = inbox.messages(phone)
    assert (message["kind"], message["from"]) == ("whatsapp", f"mpaspor_notice ({language})")
    where = f"2026-12-07 {hour} WIB, Kantor Imigrasi Bandung"
    assert message["text"] == f"M-Paspor: {begins}. {where}. {ends}"
    notice = Notice.objects.get()
    assert (notice.channel, notice.sent_at, notice.payload) == (Channel.WHATSAPP, at, None)


def test_number_that_is_not_on_whatsapp_gets_one_sms(
    inbox: Inbox, at: datetime, phone: str, caplog: pytest.LogCaptureFixture
) -> None:
    notice_to(phone, at)
    inbox.control(whatsapp_fail="not_on_whatsapp")

    with caplog.at_level(logging.INFO, logger="mpaspor.notifications"):
        assert [deliver(at=at) for _three in range(3)] == [1, 1, 0]

    assert [message["kind"] for message in inbox.messages(phone)] == ["sms"]
    notice = Notice.objects.get()
    assert (notice.channel, notice.sent_at) == (Channel.SMS, at)
    assert caplog.messages == [
        f"notice {reference_of(phone)} goes by SMS, not by WhatsApp: code 131026",
        f"notice {reference_of(phone)} went by sms",
    ]


def test_number_not_on_whatsapp_while_no_sms_goes_gets_one_when_it_does(
    inbox: Inbox, at: datetime, phone: str
) -> None:
    """Also when the number came to WhatsApp meanwhile: it was told where it goes."""
    notice_to(phone, at)
    inbox.control(whatsapp_fail="not_on_whatsapp", sms_fail="500")
    assert [deliver(at=at), deliver(at=at)] == [1, 0]
    assert Notice.objects.get().error == "HTTP 500"

    inbox.reset()
    assert [deliver(at=at + timedelta(seconds=5)) for _two in range(2)] == [1, 0]

    assert [message["kind"] for message in inbox.messages(phone)] == ["sms"]


def test_whatsapp_in_trouble_is_asked_again_and_no_sms_is_sent(
    inbox: Inbox, at: datetime, phone: str, caplog: pytest.LogCaptureFixture
) -> None:
    notice_to(phone, at)
    inbox.control(whatsapp_fail="500")
    assert deliver(at=at) == 0
    notice = Notice.objects.get()
    assert (notice.channel, notice.error) == (Channel.WHATSAPP, "HTTP 500, code 2")
    assert caplog.messages == [f"notice {reference_of(phone)} not taken: HTTP 500, code 2"]

    inbox.reset()
    assert [deliver(at=at + timedelta(seconds=seconds)) for seconds in (4, 5)] == [0, 1]

    assert [message["kind"] for message in inbox.messages(phone)] == ["whatsapp"]


def test_notice_that_waits_for_whatsapp_no_longer_offered_goes_by_sms(
    inbox: Inbox, at: datetime, phone: str, settings: Settings
) -> None:
    notice_to(phone, at)
    settings.WHATSAPP_TOKEN = ""
    assert [deliver(at=at), deliver(at=at)] == [1, 1]
    assert [message["kind"] for message in inbox.messages(phone)] == ["sms"]


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("WHATSAPP_TOKEN", "wrong", "HTTP 401, code 190"),
        ("WHATSAPP_URL", "{url}/nowhere", "HTTP 404"),
        ("WHATSAPP_URL", "http://127.0.0.1:1", "ConnectionError"),
    ],
)
def test_refusal_names_neither_person_nor_token(
    inbox: Inbox, phone: str, settings: Settings, setting: str, value: str, reason: str
) -> None:
    setattr(settings, setting, value.format(url=inbox.url))
    with pytest.raises(Undelivered) as no:
        send_whatsapp(to=phone, subject="", body="text", reference="r", language="id")
    assert str(no.value) == reason


def test_text_goes_in_one_line(inbox: Inbox, phone: str) -> None:
    send_whatsapp(to=phone, subject="", body="one\n\n two", reference="r", language="id")
    assert inbox.messages(phone)[0]["text"] == "one two"
