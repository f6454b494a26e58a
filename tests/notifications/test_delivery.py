"""Notices on their way to real neighbours over the wire: mail server, SMS gateway, WhatsApp."""

import logging
from datetime import datetime, timedelta
from itertools import count

import pytest
from pytest_django import Settings

from mpaspor.core import clock
from mpaspor.notifications.channels import CARRIERS
from mpaspor.notifications.delivery import BACK_OFF, GIVE_UP, LEASE, deliver, overdue
from mpaspor.notifications.models import Channel, Notice
from tests.notifications.making import make_notice
from tests.simulators.running import Inbox

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
numbers = count(1)


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def address() -> str:
    return f"siti{next(numbers)}@example.test"


@pytest.fixture
def phone() -> str:
    return f"+6281200{next(numbers):06}"


@pytest.fixture
def nobody_listens(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    settings.SMS_URL = settings.WHATSAPP_URL = "http://127.0.0.1:1"


def state() -> tuple[bool, bool, bool]:
    """Of the one notice: sent, still to be tried, still with its payload."""
    notice = Notice.objects.get()
    return notice.sent_at is not None, notice.next_at is not None, notice.payload is not None


def wait(notice: Notice) -> float:
    """Seconds from its creation until it is tried again."""
    notice.refresh_from_db()
    assert notice.next_at is not None
    return (notice.next_at - notice.created_at).total_seconds()


def words(text: str) -> list[str]:
    """Its lines but for empty ones."""
    return [line for line in text.splitlines() if line]


ENGLISH_MAIL = """Hello,

the payment has arrived and the appointment is confirmed.

Name: Siti Nurhaliza D'Arcy
Office: Kantor Imigrasi Bandung
Day: Monday, 7 December 2026
Session: 08:00–09:00 WIB
Appointment code: ACD3EFG4HJ

Letter with QR, calendar file and everything else:
{base_url}/applications/KMN6PQR7TU/visit/
"""


def test_deliver_mail_in_english_arrives_word_for_word(
    inbox: Inbox, at: datetime, address: str, settings: Settings
) -> None:
    make_notice(to=address, language="en", at=at)

    assert deliver(at=at) == 1

    mail = inbox.wait_for(address)
    assert mail["subject"] == "Your passport appointment is confirmed (ACD3EFG4HJ)"
    assert words(mail["text"]) == words(ENGLISH_MAIL.format(base_url=settings.BASE_URL))


@pytest.mark.parametrize("what", ["confirmed", "expired"])
@pytest.mark.parametrize(
    ("language", "day"),
    [("id", "Senin, 7 Desember 2026"), ("en", "Monday, 7 December 2026")],
)
def test_deliver_mail_speaks_the_language_of_the_account(
    inbox: Inbox, at: datetime, address: str, what: str, language: str, day: str
) -> None:
    make_notice(template=f"notices/appointments/{what}", to=address, language=language, at=at)
    deliver(at=at)
    assert day in inbox.wait_for(address)["text"]


def test_deliver_sms_arrives_as_one_piece_of_text(inbox: Inbox, at: datetime, phone: str) -> None:
    make_notice(channel=Channel.SMS, to=phone, language="en", at=at, reference="sms:1")

    assert deliver(at=at) == 1

    sms = inbox.wait_for(phone)
    assert (sms["kind"], sms["reference"]) == ("sms", "sms:1")
    assert sms["text"] == (
        "M-Paspor: confirmed. 2026-12-07 08:00 WIB, Kantor Imigrasi Bandung. Code ACD3EFG4HJ"
    )


@pytest.mark.usefixtures("inbox")
def test_deliver_wipes_what_was_sent_and_never_sends_it_again(at: datetime, address: str) -> None:
    make_notice(to=address, at=at)
    assert deliver(at=at) == 1
    assert state() == (True, False, False)
    assert deliver(at=at + timedelta(days=9)) == 0


@pytest.mark.parametrize(
    ("failed_before", "seconds"), [(0, 5), (1, 30), (2, 120), (3, 600), (4, 3600), (5, 3600)]
)
@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.usefixtures("nobody_listens")
def test_deliver_to_nobody_waits_longer_each_time(
    at: datetime, phone: str, channel: Channel, failed_before: int, seconds: int
) -> None:
    notice = make_notice(
        channel=channel, to="a@x.test" if channel == Channel.EMAIL else phone, at=at
    )
    Notice.objects.update(attempts=failed_before)

    assert deliver(at=at) == 0

    assert wait(notice) == seconds
    assert (notice.attempts, notice.sent_at) == (failed_before + 1, None)
    assert len(BACK_OFF) == 5


def test_deliver_after_the_trouble_is_over_sends_one_message(
    inbox: Inbox, at: datetime, phone: str
) -> None:
    make_notice(channel=Channel.SMS, to=phone, at=at, reference=f"trouble:{phone}")
    inbox.control(sms_fail="500")
    assert deliver(at=at) == 0
    assert Notice.objects.get().error == "HTTP 500"

    inbox.reset()
    assert deliver(at=at + 4 * SECOND) == 0
    assert deliver(at=at + 5 * SECOND) == 1

    assert len(inbox.messages(phone)) == 1
    assert Notice.objects.get().error == ""


def test_deliver_after_a_worker_died_behind_the_gateway_sends_one_sms(
    inbox: Inbox, at: datetime, phone: str
) -> None:
    """The gateway took it, we died before we noted it: the reference makes it one message."""
    notice = make_notice(channel=Channel.SMS, to=phone, at=at, reference=f"died:{phone}")
    CARRIERS[Channel.SMS](
        to=phone, subject="", body="text", reference=notice.reference, language="id"
    )

    assert deliver(at=at) == 1
    assert len(inbox.messages(phone)) == 1


@pytest.mark.usefixtures("inbox")
def test_deliver_claims_for_longer_than_a_batch_of_slow_neighbours_takes(at: datetime) -> None:
    for number in range(12):
        make_notice(reference=f"n{number}", at=at)
    taken = deliver(at=at)
    assert taken == 10
    assert timedelta(seconds=10) * taken < LEASE


@pytest.mark.usefixtures("nobody_listens")
def test_deliver_gives_up_after_a_day_and_says_so(at: datetime) -> None:
    make_notice(at=at, reference="old")
    deliver(at=at + GIVE_UP)
    assert state() == (False, True, True)

    deliver(at=at + GIVE_UP + timedelta(hours=1, seconds=1))

    assert state() == (False, False, True)
    assert list(overdue(at=at + timedelta(days=2))) == ["notice old waits"]


def test_deliver_of_an_unreadable_notice_holds_up_no_other(
    inbox: Inbox, at: datetime, address: str
) -> None:
    make_notice(reference="unreadable", at=at - SECOND)
    Notice.objects.update(payload=b"\x01altered")
    make_notice(reference="no template", template="notices/none", at=at - SECOND)
    make_notice(reference="good", to=address, at=at)

    assert deliver(at=at) == 1

    assert inbox.wait_for(address)["to"] == address
    errors = dict(Notice.objects.values_list("reference", "error"))
    assert errors == {"unreadable": "SealBroken", "no template": "TemplateDoesNotExist", "good": ""}


def test_deliver_to_an_address_no_mail_server_takes_is_put_back(inbox: Inbox, at: datetime) -> None:
    make_notice(to="a@" + "x" * 70 + ".test\nBcc: other@example.test", at=at)
    assert deliver(at=at) == 0
    assert state() == (False, True, True)
    assert inbox.messages("other@example.test") == []


@pytest.mark.usefixtures("nobody_listens")
def test_deliver_in_trouble_names_nobody_in_table_and_log(
    at: datetime, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    make_notice(to=address, at=at)
    with caplog.at_level(logging.INFO):
        deliver(at=at)
    assert Notice.objects.get().error == "ConnectionRefusedError"
    assert caplog.messages == [
        "notice confirmed:ACD3EFG4HJ not taken: ConnectionRefusedError",
    ]


@pytest.mark.parametrize(
    ("seconds", "said"), [(599, []), (600, []), (601, ["notice confirmed:ACD3EFG4HJ waits"])]
)
def test_overdue_names_what_waited_for_more_than_ten_minutes(
    at: datetime, seconds: int, said: list[str]
) -> None:
    make_notice(at=at)
    assert list(overdue(at=at + seconds * SECOND)) == said


def test_overdue_passes_what_was_sent(at: datetime) -> None:
    make_notice(at=at)
    Notice.objects.update(sent_at=at, next_at=None)
    assert list(overdue(at=at + timedelta(days=1))) == []
