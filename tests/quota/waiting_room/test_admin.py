"""What officers see of a waiting room, and who may pause it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applicants.models import User
from mpaspor.audit import trail
from mpaspor.core import clock
from quota.enums import ReleaseStatus, Role
from quota.models import Release
from tests.appointments.browsing import text_of
from tests.factories.queue import make_at_work, room, step
from tests.factories.quota import make_officer, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def release() -> Release:
    at_work, _tickets = make_at_work([1] * 4, opens=clock.now() - timedelta(seconds=1))
    step(at_work)
    return at_work


def desk(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def decide(client: Client, release: Release, **posted: str) -> Any:
    address = reverse("admin:quota_release_decide", args=[release.pk])
    return client.post(address, posted, follow=True) if posted else client.get(address)


def test_release_page_shows_the_room_in_figures(release: Release) -> None:
    text = text_of(decide(desk(make_officer(Role.PLANNER, release.office)), release))
    assert "Waiting room Status At work People in line 1 Called 3 Choosing now 0" in text
    assert "Pause the waiting room" not in text


def test_head_pauses_with_a_reason_and_lets_it_go_on(release: Release) -> None:
    head = make_officer(Role.HEAD, release.office)
    text = text_of(decide(desk(head), release, decision="pause", reason="Power cut"))
    assert "Status paused" in text
    assert room(release).paused_at is not None
    entry = trail.of(f"release:{release.code}")[-1]
    assert (entry.deed, entry.by_id, entry.facts) == (
        "queue.paused",
        head.pk,
        {"reason": "Power cut"},
    )

    decide(desk(head), release, decision="resume", reason="Power is back")
    assert room(release).paused_at is None


def test_pause_without_a_reason_says_so_and_pauses_nothing(release: Release) -> None:
    client = desk(make_officer(Role.HEAD, release.office))
    text = text_of(decide(client, release, decision="pause", reason=" "))
    assert "Say why the waiting room is paused or goes on." in text
    assert room(release).paused_at is None


@pytest.mark.parametrize("role", [Role.PLANNER, Role.COUNTER])
def test_pause_by_who_approves_no_releases_is_refused(release: Release, role: str) -> None:
    client = desk(make_officer(role, release.office))
    assert decide(client, release, decision="pause", reason="x").status_code == 403
    assert room(release).paused_at is None


def test_reviewed_release_that_opens_too_soon_says_that_it_has_no_draw() -> None:
    release = make_release(status=ReleaseStatus.REVIEWED)
    head = make_officer(Role.HEAD, release.office)
    assert "has no waiting room and no draw" in text_of(decide(desk(head), release))
