"""What an account was told can be read again: once each, sealed, by its holder alone."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import translation

from mpaspor.core import clock
from mpaspor.notifications.inbox import forget, keep, letters_of, read, unread
from mpaspor.notifications.models import Message
from tests.notifications.making import CONTEXT, make_notice

pytestmark = pytest.mark.django_db

SITI, BUDI = "ACCOUNTSIT", "ACCOUNTBUD"
CONFIRMED = "notices/appointments/confirmed"


def kept(holder: str = SITI, reference: str = "confirmed:ACD3EFG4HJ", **facts: str) -> Message:
    keep(CONFIRMED, holder=holder, reference=reference, at=clock.now(), **CONTEXT | facts)
    return Message.objects.get(reference=reference)


def test_keep_with_the_same_reference_leaves_the_first_one() -> None:
    kept()
    kept(code="OTHERCODEX")
    (letter,) = letters_of(SITI)
    assert "ACD3EFG4HJ" in letter.subject


def test_keep_in_a_deed_that_is_rolled_back_leaves_nothing() -> None:
    with transaction.atomic():
        kept()
        transaction.set_rollback(True)
    assert letters_of(SITI) == []


def test_keep_leaves_no_word_of_its_facts_in_the_table() -> None:
    kept()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(m)::text, m.payload FROM notifications_message m")
        row, payload = cursor.fetchone()
    for word in ("siti", "D'Arcy", "Bandung", "2026-12-07"):
        assert word not in row
        assert word.encode() not in bytes(payload)


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("id", "Jadwal kedatangan paspor Anda sudah pasti (ACD3EFG4HJ)"),
        ("en", "Your passport appointment is confirmed (ACD3EFG4HJ)"),
    ],
)
def test_letters_are_in_the_language_of_whoever_reads(language: str, subject: str) -> None:
    kept()
    with translation.override(language):
        (letter,) = letters_of(SITI)
    assert letter.subject == subject
    assert "Kantor Imigrasi Bandung" in letter.body


def test_letters_are_the_newest_first_and_know_the_notice_beside_them() -> None:
    kept(reference="confirmed:OLDER")
    kept(reference="confirmed:NEWER")
    notice = make_notice(reference="confirmed:NEWER")
    newer, older = letters_of(SITI)
    assert (newer.message.reference, newer.notice) == ("confirmed:NEWER", notice)
    assert (older.message.reference, older.notice) == ("confirmed:OLDER", None)


@pytest.mark.parametrize(("most", "expected"), [(2, ["2", "1"]), (None, ["2", "1", "0"])])
def test_letters_are_the_newest_or_all(most: int | None, expected: list[str]) -> None:
    for number in range(3):
        kept(reference=f"confirmed:{number}")
    found = letters_of(SITI, most=most)
    assert [letter.message.reference.removeprefix("confirmed:") for letter in found] == expected


def test_read_counts_the_first_time_and_only_for_its_holder() -> None:
    message, at = kept(), clock.now()
    assert read(holder=BUDI, code=message.code, at=at) is None
    assert (unread(SITI), unread(BUDI)) == (1, 0)
    for later in range(2):
        letter = read(holder=SITI, code=message.code, at=at + timedelta(hours=later))
        assert letter
        assert letter.message.read_at == at
    assert unread(SITI) == 0


def test_forget_takes_the_messages_of_one_account() -> None:
    kept(SITI, "confirmed:SITI")
    kept(BUDI, "confirmed:BUDI")
    forget(SITI)
    assert [len(letters_of(holder)) for holder in (SITI, BUDI)] == [0, 1]
