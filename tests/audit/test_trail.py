"""Who did what: appended, chained a moment later, and any change afterwards is found."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import Error, InternalError, connection, transaction

from mpaspor.audit import trail
from mpaspor.audit.models import Entry
from mpaspor.core import clock
from tests.factories.applicants import make_user

pytestmark = pytest.mark.django_db

DEADLINE = 20.0
OFF = "SET LOCAL session_replication_role = replica"


def record(deed: str = "test.deed", *, by: trail.By = "timetable", **facts: Any) -> Entry:
    trail.record(deed, subject="thing:ABC", by=by, at=clock.now(), **facts)
    return Entry.objects.latest("pk")


def behind_our_back(statement: str, *values: Any) -> None:
    """As somebody with all rights of the database would: the triggers are off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(OFF)
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def chain() -> list[Entry]:
    entries = [record(number=number) for number in range(5)]
    trail.link()
    return entries


def test_record_by_a_person_names_the_account() -> None:
    user = make_user()
    entry = record(by=user)
    assert (entry.by_id, entry.door) == (user.pk, "")


def test_record_by_itself_names_the_door() -> None:
    entry = record(by="client:partner")
    assert (entry.by_id, entry.door) == (None, "client:partner")


def test_of_tells_what_was_done_to_a_thing_oldest_first() -> None:
    deeds = [record("first").deed, record("second").deed]
    trail.record("other", subject="thing:XYZ", by="timetable", at=clock.now())
    assert [entry.deed for entry in trail.of("thing:ABC")] == deeds


def test_link_numbers_entries_without_a_gap(chain: list[Entry]) -> None:
    links = list(Entry.objects.order_by("link").values_list("link", flat=True))
    assert links == list(range(1, len(links) + 1))
    assert len(links) >= len(chain)
    assert list(trail.broken_links()) == []


def test_link_again_goes_on_where_it_ended(chain: list[Entry]) -> None:
    assert trail.link() == 0
    added = record()
    assert trail.link() == 1
    added.refresh_from_db()
    assert added.link == Entry.objects.count()
    assert list(trail.broken_links()) == []


def test_link_in_small_batches_gives_one_chain() -> None:
    for _ in range(5):
        record()
    done = [trail.link(batch=2), trail.link(batch=2), trail.link(batch=2), trail.link(batch=2)]
    assert done[-1] < 2
    assert Entry.objects.filter(link=None).count() == 0
    assert list(trail.broken_links()) == []


@pytest.mark.django_db(transaction=True)
def test_link_by_four_at_once_gives_one_chain() -> None:
    for _ in range(40):
        record()
    gate = threading.Barrier(4)

    def one(_number: int) -> int:
        gate.wait(DEADLINE)
        try:
            return trail.link()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(one, range(4)))

    assert done == 40
    assert list(trail.broken_links()) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("deed", "other.deed"),
        ("subject", "thing:XYZ"),
        ("door", "somebody"),
        ("facts", '{"number": 99}'),
        ("at", "2020-01-01T00:00:00Z"),
        ("digest", b"x" * 32),
    ],
)
def test_broken_links_names_a_changed_entry(chain: list[Entry], column: str, value: Any) -> None:
    behind_our_back(f'UPDATE audit_entry SET "{column}" = %s WHERE id = %s', value, chain[2].pk)
    assert chain[2].pk in list(trail.broken_links())


def test_broken_links_names_the_entry_after_a_removed_one(chain: list[Entry]) -> None:
    behind_our_back("DELETE FROM audit_entry WHERE id = %s", chain[2].pk)
    assert list(trail.broken_links()) == [chain[3].pk]


def test_broken_links_finds_two_entries_in_each_others_place(chain: list[Entry]) -> None:
    one, other = Entry.objects.get(pk=chain[1].pk), Entry.objects.get(pk=chain[2].pk)
    relink = "UPDATE audit_entry SET link = %s WHERE id = %s"
    behind_our_back(relink, -1, one.pk)
    behind_our_back(relink, one.link, other.pk)
    behind_our_back(relink, other.link, one.pk)
    assert other.pk in list(trail.broken_links())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET deed = 'x' WHERE id = %s",
        "UPDATE audit_entry SET facts = '{}' WHERE id = %s",
        "UPDATE audit_entry SET at = now() WHERE id = %s",
        "UPDATE audit_entry SET door = 'x', link = 99, digest = 'x' WHERE id = %s",
        "UPDATE audit_entry SET link = NULL WHERE id = %s",
        "DELETE FROM audit_entry WHERE id = %s",
    ],
)
@pytest.mark.parametrize("linked", [False, True])
def test_entry_is_append_only_in_the_database(statement: str, linked: bool) -> None:
    entry = record(number=1)
    if linked:
        trail.link()
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [entry.pk])
    assert Entry.objects.get(pk=entry.pk).facts == {"number": 1}


def test_entry_that_is_linked_is_never_linked_anew(chain: list[Entry]) -> None:
    statement = "UPDATE audit_entry SET link = 9999, digest = 'x' WHERE id = %s"
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [chain[0].pk])
    assert list(trail.broken_links()) == []


def test_record_in_a_deed_that_is_rolled_back_leaves_nothing() -> None:
    before = Entry.objects.count()
    with transaction.atomic():
        record()
        transaction.set_rollback(True)
    assert Entry.objects.count() == before


def test_link_takes_an_entry_when_it_is_seen_whatever_its_id() -> None:
    """A deed that took its id early may commit late."""
    record()
    trail.link()
    behind_our_back(
        "INSERT INTO audit_entry (id, at, deed, subject, door, facts)"
        " VALUES (-2, now(), 'late', 'thing:ABC', '', '{}')"
    )
    assert trail.link() == 1
    assert Entry.objects.latest("link").pk == -2
    assert list(trail.broken_links()) == []
