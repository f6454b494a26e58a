import pytest
from django.db import connection, transaction

from mpaspor.core import clock
from mpaspor.core.sealed import SealBroken
from mpaspor.notifications.models import Notice
from mpaspor.notifications.outbox import opened
from tests.notifications.making import CONTEXT, make_notice

pytestmark = pytest.mark.django_db

ADDRESS = "siti@example.test"


def test_enqueue_is_due_at_once_and_has_everything_the_sender_needs() -> None:
    at = clock.now()
    notice = make_notice(to=ADDRESS, at=at)
    assert (notice.created_at, notice.next_at, notice.attempts) == (at, at, 0)
    assert opened(notice) == (ADDRESS, CONTEXT)


def test_enqueue_with_the_same_reference_leaves_the_first_one() -> None:
    make_notice(name="Siti")
    make_notice(name="Somebody Else", to="other@example.test")
    notice = Notice.objects.get()
    assert opened(notice) == (ADDRESS, CONTEXT | {"name": "Siti"})


def test_enqueue_leaves_no_word_of_recipient_and_contents_in_the_table() -> None:
    make_notice(to=ADDRESS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(n)::text, n.payload FROM notifications_notice n")
        row, payload = cursor.fetchone()
    for word in (ADDRESS, "siti", "D'Arcy", "Bandung", "2026-12-07"):
        assert word not in row
        assert word.encode() not in bytes(payload)


def test_opened_of_a_payload_from_another_notice_is_refused() -> None:
    notice, other = make_notice(reference="a"), make_notice(reference="b")
    notice.payload = other.payload
    with pytest.raises(SealBroken):
        opened(notice)


@pytest.mark.django_db(transaction=True)
def test_enqueue_in_a_deed_that_is_rolled_back_leaves_nothing() -> None:
    with transaction.atomic():
        make_notice()
        transaction.set_rollback(True)
    assert Notice.objects.count() == 0
