"""The ledger's daily roots."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError, connection
from django.test import Client

from mpaspor.audit import trail
from mpaspor.audit.models import DailyRoot, Entry
from mpaspor.audit.roots import broken_roots, seal_day, verify

pytestmark = pytest.mark.django_db

# Midnight in Jakarta.
MIDNIGHT = datetime(2027, 3, 1, 17, tzinfo=UTC)


def done(count: int, *, at: datetime = MIDNIGHT - timedelta(hours=1), linked: bool = True) -> None:
    for _number in range(count):
        trail.record("slot.capacity", subject="slot:A", by="test", at=at)
    if linked:
        trail.link()


def without_triggers(statement: str) -> None:
    """What somebody with all rights in the database could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_seal_day_publishes_the_head_of_the_chain_once() -> None:
    done(3)

    root = seal_day(at=MIDNIGHT)

    head = Entry.objects.get(link=3)
    assert root is not None
    assert (str(root.day), root.link, bytes(root.digest)) == (
        "2027-03-01",
        3,
        bytes(head.digest or b""),
    )
    assert seal_day(at=MIDNIGHT + timedelta(hours=5)) is None
    assert DailyRoot.objects.count() == 1


@pytest.mark.parametrize(("seconds", "day"), [(-1, "2027-02-28"), (0, "2027-03-01")])
def test_seal_day_is_that_of_the_capital(seconds: int, day: str) -> None:
    done(1, at=MIDNIGHT - timedelta(days=3))

    root = seal_day(at=MIDNIGHT + timedelta(seconds=seconds))

    assert root is not None
    assert str(root.day) == day


def test_seal_day_waits_until_everything_of_the_day_is_linked() -> None:
    done(1)
    done(1, linked=False)

    assert seal_day(at=MIDNIGHT) is None
    trail.link()
    root = seal_day(at=MIDNIGHT)

    assert root is not None
    assert root.link == 2


def test_seal_day_of_an_empty_ledger_does_nothing() -> None:
    assert seal_day(at=MIDNIGHT) is None


def test_root_cannot_be_changed_or_removed() -> None:
    done(1)
    seal_day(at=MIDNIGHT)

    with pytest.raises(InternalError, match="Cannot update or delete"):
        DailyRoot.objects.update(link=9)


def test_past_rewritten_with_a_new_chain_no_longer_fits_the_root() -> None:
    """Somebody switches the triggers off, changes an entry and links everything anew."""
    done(3)
    seal_day(at=MIDNIGHT)
    without_triggers("UPDATE audit_entry SET subject = 'slot:B', link = NULL, digest = NULL")
    trail.link()

    assert list(trail.broken_links()) == []
    assert [str(day) for day in broken_roots()] == ["2027-03-01"]
    assert verify() == (3, ["the root of 2027-03-01 is not that of the chain"])
    with pytest.raises(CommandError, match="1 faults in 3 entries"):
        call_command("verify_ledger")


def test_verify_ledger_of_a_whole_chain_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    done(3)
    seal_day(at=MIDNIGHT)

    call_command("verify_ledger")

    assert capsys.readouterr().out == "The ledger is whole: 3 entries, every root fits.\n"


def test_ledger_page_shows_the_roots(client: Client) -> None:
    assert client.get("/ledger/").status_code == 200
    done(1)
    root = seal_day(at=MIDNIGHT)
    assert root is not None

    assert root.hex in client.get("/ledger/").text
