from datetime import timedelta

import pytest

from mpaspor.celery import TIMETABLE, app
from mpaspor.core import clock
from quota.enums import ReleaseStatus
from quota.tasks import open_releases
from tests.factories.quota import make_release


@pytest.mark.django_db
def test_open_releases_opens_what_is_due() -> None:
    now = clock.now()
    due = make_release(status=ReleaseStatus.SCHEDULED, publish_at=now)
    later = make_release(status=ReleaseStatus.SCHEDULED, publish_at=now + timedelta(hours=1))

    open_releases()

    due.refresh_from_db()
    later.refresh_from_db()
    assert (due.status, later.status) == (ReleaseStatus.OPEN, ReleaseStatus.SCHEDULED)
    assert due.opened_at is not None
    assert due.opened_at >= now


def test_open_releases_is_in_the_timetable() -> None:
    assert open_releases.name in TIMETABLE
    assert open_releases.name in app.tasks
