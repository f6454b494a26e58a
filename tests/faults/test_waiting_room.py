"""Our own processes die while an opening is under way: nobody loses a place, and it goes on."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import requests

from mpaspor.core import clock
from quota.models import Release
from quota.waiting_room.calling import run_rooms
from quota.waiting_room.enums import TicketStatus
from quota.waiting_room.models import QueueTicket
from tests.factories import queue
from tests.faults.browser import Browser
from tests.faults.house import PATIENCE, House
from tests.simulators.running import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("faults")]

TICKETS, SEATS = 30, 4


def opened_by_itself(applicant: Browser) -> Release:
    """Announced, joined, and opened and drawn by the timetable and its worker."""
    release = queue.make_announced(opens=clock.now() + timedelta(seconds=1), seats=SEATS)
    queue.get_in_line(release, [applicant.draft.person.identity.code])
    for _ in range(TICKETS - 1):
        queue.get_in_line(release)
    until(lambda: called(release) == SEATS, seconds=PATIENCE, what="the first people to be called")
    return release


def called(release: Release) -> int:
    rows = QueueTicket.objects.filter(room__release=release, status=TicketStatus.CALLED)
    return rows.count()


def places() -> dict[str, tuple[int | None, int | None]]:
    rows = QueueTicket.objects.values_list("code", "drawn", "number")
    return {code: (drawn, number) for code, drawn, number in rows}


def status(service: House, release: Release) -> dict[str, Any]:
    answer = requests.get(f"{service.url}/queue/{release.code}.json", timeout=10)
    assert (answer.status_code, len(answer.content) <= 300) == (200, True)
    assert answer.headers["Cache-Control"] == "max-age=5"
    said: dict[str, Any] = json.loads(answer.content)
    return said


def number_on_the_page(applicant: Browser, release: Release) -> str:
    """The place of who waits, or that it is their turn."""
    answer = applicant.web.get(f"{applicant.url}/releases/{release.code}/queue/", timeout=30)
    assert answer.status_code == 200
    found = re.search(r'data-number="(\d+)"', answer.text)
    return found[1] if found else "turn" if "It is your turn" in answer.text else "lost"


def test_web_worker_timetable_killed_and_redis_flushed_change_no_place(
    service: House, applicant: Browser
) -> None:
    release = opened_by_itself(applicant)
    before, shown = places(), number_on_the_page(applicant, release)
    assert shown != "lost"

    for name in ("web", "worker", "beat"):
        with service.without(name):
            service.redis.flushall()
    stopped = clock.now().timestamp()

    until(
        lambda: status(service, release)["at"] > stopped,
        seconds=PATIENCE,
        what="the controller to go on",
    )
    assert places() == before
    assert number_on_the_page(applicant, release) == shown
    assert status(service, release)["called"] == queue.room(release).called


def test_redis_away_the_line_still_shows_and_the_next_step_needs_no_broker(
    service: House, applicant: Browser
) -> None:
    release = opened_by_itself(applicant)
    before = places()
    with service.without("valkey"):
        assert number_on_the_page(applicant, release) != "lost"
        left = QueueTicket.objects.filter(status=TicketStatus.CALLED).earliest("number")
        queue.leave_line(left)
        # What the timetable asks for, whoever runs it.
        run_rooms(at=clock.now() + queue.STEP)
        assert called(release) == SEATS
    assert {code: place for code, place in places().items() if code in before} == before
