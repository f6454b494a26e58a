"""Several timetables at the same due release, and one that dies at work."""

import threading

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from mpaspor.audit import trail
from mpaspor.core import clock
from quota.enums import ReleaseStatus
from quota.making import make_slots_and_seats
from quota.models import Release, Seat, Slot
from quota.planning import sessions_of
from quota.release import open_due_releases, open_release
from tests.factories.quota import make_release
from tests.races.crowd import DEADLINE, at_once

OPENERS = 10

pytestmark = pytest.mark.django_db(transaction=True)


def due() -> Release:
    return make_release(status=ReleaseStatus.SCHEDULED, publish_at=clock.now())


@transaction.atomic
def open_and_die(release: Release) -> None:
    open_release(release=release, at=clock.now())
    connection.cursor().execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_open_due_releases_by_ten_at_once_opens_each_once() -> None:
    releases = [due(), due()]

    opened = at_once(lambda _opener: str(open_due_releases(at=clock.now())), OPENERS)

    assert sum(int(count) * openers for count, openers in opened.items()) == len(releases)
    assert Slot.objects.count() == 2 * 20
    assert Seat.objects.count() == 2 * 20 * 3
    for release in releases:
        assert [entry.deed for entry in trail.of(f"release:{release.code}")] == ["release.opened"]


def test_open_release_by_one_that_dies_before_its_commit_is_done_by_the_next() -> None:
    release = due()
    with pytest.raises(OperationalError):
        open_and_die(release)
    connection.close()
    assert not Slot.objects.exists()

    assert open_due_releases(at=clock.now()) == 1

    assert Slot.objects.filter(release=release).count() == 20
    assert Seat.objects.count() == 60


def test_control_opening_by_looking_first_collides_at_the_second_wall() -> None:
    """Without the conditional update every opener finds it closed; the constraint stops them."""
    release = due()
    all_looked = threading.Barrier(OPENERS)

    def look_then_make(_opener: int) -> str:
        with transaction.atomic():
            current = Release.objects.select_related("office", "plan").get(pk=release.pk)
            all_looked.wait(timeout=DEADLINE)
            assert current.status == ReleaseStatus.SCHEDULED
            try:
                make_slots_and_seats(current, sessions_of(current))
            except IntegrityError:
                transaction.set_rollback(True)
                return "collided"
        return "opened"

    assert at_once(look_then_make, OPENERS) == {"opened": 1, "collided": OPENERS - 1}
