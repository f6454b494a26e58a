"""Due rows are handed out: each to one claimer, again after the lease, never too early."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from mpaspor.core import clock
from mpaspor.core.claim import claim
from mpaspor.notifications.models import Notice
from tests.notifications.making import make_notice

LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)
DEADLINE = 20.0

pytestmark = pytest.mark.django_db


def claimed(at: datetime, batch: int = 10) -> list[str]:
    rows = claim(Notice.objects.all(), at=at, batch=batch, lease=LEASE)
    return [row.reference for row in rows]


def make_due(count: int, at: datetime) -> list[str]:
    """The oldest first."""
    return [make_notice(reference=f"n{n}", at=at + n * SECOND).reference for n in range(count)]


def test_claim_takes_the_oldest_first_and_no_more_than_the_batch() -> None:
    at = clock.now()
    names = make_due(3, at)
    assert claimed(at + 9 * SECOND, batch=2) == names[:2]
    assert claimed(at + 9 * SECOND, batch=2) == names[2:]
    assert claimed(at + 9 * SECOND, batch=2) == []


@pytest.mark.parametrize(("offset", "found"), [(-1, []), (0, ["n0"]), (1, ["n0"])])
def test_claim_looks_from_the_due_second_on(offset: int, found: list[str]) -> None:
    at = clock.now()
    make_due(1, at)
    assert claimed(at + offset * SECOND) == found


@pytest.mark.parametrize(("offset", "found"), [(-1, []), (0, ["n0"]), (1, ["n0"])])
def test_claim_of_a_dead_worker_is_due_again_after_the_lease(offset: int, found: list[str]) -> None:
    at = clock.now()
    make_due(1, at)
    claimed(at)
    assert claimed(at + LEASE + offset * SECOND) == found


def test_claim_passes_rows_that_are_not_due_ever() -> None:
    at = clock.now()
    make_due(2, at)
    Notice.objects.filter(reference="n0").update(next_at=None)
    assert claimed(at + 9 * SECOND) == ["n1"]


@pytest.mark.django_db(transaction=True)
def test_claim_by_eight_at_once_hands_each_row_to_one() -> None:
    at = clock.now()
    names = make_due(40, at)
    gate = threading.Barrier(8)

    def work(_number: int) -> list[str]:
        mine: list[str] = []
        gate.wait(DEADLINE)
        while batch := claimed(at + LEASE - SECOND, batch=3):
            mine += batch
        connection.close()
        return mine

    with ThreadPoolExecutor(8) as pool:
        handed = Counter(name for mine in pool.map(work, range(8)) for name in mine)

    assert handed == Counter(names)


@pytest.mark.django_db(transaction=True)
def test_claim_passes_a_row_that_somebody_is_changing() -> None:
    at = clock.now()
    make_due(2, at)

    def elsewhere() -> list[str]:
        try:
            return claimed(at + 9 * SECOND)
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        Notice.objects.select_for_update().get(reference="n0")
        assert pool.submit(elsewhere).result(DEADLINE) == ["n1"]
