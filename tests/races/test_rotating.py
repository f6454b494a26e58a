"""Keys change while people work: a hundred thousand rows under readers, and one NIK typed twice."""

import random
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from django.db import connection
from pytest_django import Settings

from applicants.models import NIK_INDEX, Identity
from mpaspor.core import clock
from mpaspor.core.rotation import behind, rotate
from mpaspor.core.sealed import SealBroken
from mpaspor.core.sealed_columns import IndexColumns, sealed_fields
from tests.factories.applicants import make_person, make_user, valid_nik
from tests.races.crowd import at_once

ROWS, READERS, PEOPLE, ROUNDS = 100_000, 2, 8, 5
OLD, NEW = b"o" * 32, b"n" * 32

pytestmark = pytest.mark.django_db(transaction=True)


def nik_of(number: int) -> str:
    return f"3273{1 + number // 9999:02}010790{1 + number % 9999:04}"


def known_to(settings: Settings, *, write: int, **keys: bytes) -> None:
    known = {int(name.removeprefix("key")): key for name, key in keys.items()}
    settings.SEAL_KEYS = settings.INDEX_KEYS = known
    settings.SEAL_WITH = settings.INDEX_WITH = write


def make_identities(number: int) -> None:
    at = clock.now()
    identities = [Identity(created_at=at) for _ in range(number)]
    for place, identity in enumerate(identities):
        identity.seal(nik_of(place))
    Identity.objects.bulk_create(identities, batch_size=5000)


def left() -> int:
    return sum(behind(column).count() for column in sealed_fields())


def looked_up(nik: str) -> str:
    try:
        found = Identity.objects.get(NIK_INDEX.matches(nik)).nik
    except (Identity.DoesNotExist, SealBroken) as failed:
        return type(failed).__name__
    return "right" if found == nik else "wrong"


@contextmanager
def reading(rows: int) -> Iterator[Counter[str]]:
    """Threads that find people by their NIK and open it, all the time."""
    answers: Counter[str] = Counter()
    over = threading.Event()

    def read(seed: int) -> Counter[str]:
        numbers, mine = random.Random(seed), Counter[str]()
        while not over.is_set():
            nik = nik_of(numbers.randrange(rows))
            mine[looked_up(nik)] += 1
        connection.close()
        return mine

    with ThreadPoolExecutor(READERS) as pool:
        running = [pool.submit(read, seed) for seed in range(READERS)]
        try:
            yield answers
        finally:
            over.set()
        for readers in running:
            answers.update(readers.result())


def test_rotate_of_a_hundred_thousand_rows_under_reads_fails_no_read(settings: Settings) -> None:
    known_to(settings, key1=OLD, write=1)
    make_identities(ROWS)
    known_to(settings, key1=OLD, key2=NEW, write=2)
    with reading(ROWS) as answers:
        done = [progress.done for progress in rotate()]

    assert (max(done), left()) == (ROWS, 0)
    assert answers == {"right": answers["right"]}
    assert answers["right"] > 1000
    known_to(settings, key2=NEW, write=2)
    assert Identity.objects.get(NIK_INDEX.matches(nik_of(7))).nik == nik_of(7)


def test_control_dropping_the_old_key_before_the_end_fails_reads(settings: Settings) -> None:
    """The same look-up sees it when an operator is too quick."""
    known_to(settings, key1=OLD, write=1)
    make_identities(10)
    known_to(settings, key1=OLD, key2=NEW, write=2)
    next(progress for progress in rotate(batch=5) if progress.done)
    known_to(settings, key2=NEW, write=2)
    answers = Counter(looked_up(nik_of(number)) for number in range(10))
    assert answers == {"right": 5, "DoesNotExist": 5}


def test_rotate_beside_a_row_in_use_passes_over_it_and_never_waits(settings: Settings) -> None:
    known_to(settings, key1=OLD, write=1)
    make_identities(10)
    known_to(settings, key1=OLD, key2=NEW, write=2)
    locked, over = threading.Event(), threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "BEGIN; SELECT 1 FROM applicants_identity ORDER BY id LIMIT 1 FOR UPDATE"
            )
            locked.set()
            over.wait(timeout=30)
            cursor.execute("ROLLBACK")
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(hold)
        locked.wait(timeout=30)
        waiting = [progress.waiting for progress in rotate(batch=3) if progress.done]
        over.set()
        holder.result()
    assert (waiting[-1], left()) == (1, 1)
    list(rotate())
    assert left() == 0


class KeysOfThread(Mapping[int, bytes]):
    """Each thread stands for a process that was started with keys of its own."""

    def __init__(self) -> None:
        self.mine = threading.local()

    def __getitem__(self, key_id: int) -> bytes:
        key: bytes = self.mine.keys[key_id]
        return key

    def __iter__(self) -> Iterator[int]:
        return iter(self.mine.keys)

    def __len__(self) -> int:
        return len(self.mine.keys)


# What two processes know while the operator goes from one step to the next.
STEPS = {
    "the new key arrives": ({1: OLD}, {1: OLD, 2: NEW}),
    "both have both": ({1: OLD, 2: NEW}, {1: OLD, 2: NEW}),
    "the old key goes": ({1: OLD, 2: NEW}, {2: NEW}),
}


def one_nik_typed_by_many(settings: Settings, step: str) -> int:
    """How many identities come of it when half of the processes have other keys."""
    settings.INDEX_KEYS = keys = KeysOfThread()
    nik, accounts = valid_nik(), [make_user() for _ in range(PEOPLE)]

    def type_it(person: int) -> str:
        keys.mine.keys = STEPS[step][person % 2]
        return make_person(accounts[person], nik=nik).identity.code

    return len(at_once(type_it, PEOPLE))


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("step", STEPS)
def test_one_nik_typed_by_many_under_different_keys_is_one_identity(
    settings: Settings, step: str, round_: int
) -> None:
    assert one_nik_typed_by_many(settings, step) == 1


def test_control_an_index_under_the_newest_key_alone_makes_two_identities(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What processes that write one index only would do."""
    whole = IndexColumns.values

    def newest_only(self: IndexColumns, plain: str) -> dict[str, bytes | None]:
        newest = self.column(max(settings.INDEX_KEYS))
        return {
            column: whole(self, plain)[column] if column == newest else None
            for column in (self.odd, self.even)
        }

    monkeypatch.setattr(IndexColumns, "values", newest_only)
    with suppress(Identity.MultipleObjectsReturned):
        one_nik_typed_by_many(settings, "the new key arrives")
    assert Identity.objects.count() == 2
