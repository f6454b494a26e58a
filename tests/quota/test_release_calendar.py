"""Openings that everybody can read about and subscribe to, and releases that end."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from mpaspor.audit import trail
from mpaspor.core import clock
from quota.enums import ReleaseStatus
from quota.models import Release
from quota.release import close_ended_releases
from tests.factories.quota import make_office, make_open_slot, make_plan, make_release

pytestmark = pytest.mark.django_db


def scheduled(days: int, **facts: Any) -> Release:
    return make_release(
        status=ReleaseStatus.SCHEDULED, publish_at=clock.now() + timedelta(days=days), **facts
    )


def feed(query: str = "") -> list[str]:
    """The UIDs of its events."""
    answer = Client().get(f"/releases.ics{query}")
    assert answer.status_code == 200
    return [str(event["uid"]) for event in Calendar.from_ical(answer.content).walk("VEVENT")]


def test_calendar_page_names_what_opens_and_what_became_of_the_last(client: Client) -> None:
    coming, opened = scheduled(3), make_open_slot().release
    make_release(status=ReleaseStatus.DRAFT)

    page = client.get("/releases/")

    assert page.context["releases"] == [coming]
    assert page.context["opened"] == [opened]
    assert f"/releases/{opened.code}/report/" in page.text


def test_feed_has_an_event_for_each_announced_opening_soonest_first() -> None:
    later, sooner = scheduled(9), scheduled(3)
    make_release(status=ReleaseStatus.REVIEWED)

    assert feed() == [f"release-{release.code}@m-paspor" for release in (sooner, later)]


def test_feed_of_one_office_has_its_openings_only_at_their_moment() -> None:
    mine = scheduled(3, plan=make_plan(make_office()))
    scheduled(3)

    answer = Client().get(f"/releases.ics?office={mine.office.code}")

    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event.decoded("dtstart") == mine.publish_at.replace(microsecond=0)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"


@pytest.mark.parametrize("office", ["nowhere", "x" * 5000])
def test_feed_of_an_unknown_office_is_no_page(client: Client, office: str) -> None:
    assert client.get("/releases.ics", {"office": office}).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_calendar_page_asks_the_same_whatever_the_number(
    number: int, client: Client, django_assert_num_queries: object
) -> None:
    for days in range(number):
        scheduled(days + 1)
        make_open_slot()

    with django_assert_num_queries(3):  # type: ignore[operator]
        client.get("/releases/")


@pytest.mark.parametrize(("seconds", "closed"), [(-1, 0), (0, 1), (1, 1)])
def test_release_closes_when_its_last_session_is_over(seconds: int, closed: int) -> None:
    slot = make_open_slot()
    at = slot.ends_at + timedelta(seconds=seconds)

    assert close_ended_releases(at=at) == closed
    assert close_ended_releases(at=at) == 0
    assert (Release.objects.get().status == ReleaseStatus.CLOSED) == bool(closed)
    assert len(trail.of(f"release:{slot.release.code}")) == closed
