"""Releases with a waiting room, at any moment of their life; the deeds are told the time."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from mpaspor.core import clock
from mpaspor.core.codes import new_code
from quota.enums import ReleaseStatus, Service
from quota.models import Plan, Release
from quota.release import open_release, schedule_release
from quota.waiting_room.calling import call_next
from quota.waiting_room.joining import join, leave
from quota.waiting_room.models import QueueTicket, Room
from tests.factories.quota import make_office, make_plan, make_release

STEP = timedelta(seconds=5)


def make_announced(
    *, opens: datetime | None = None, seats: int = 3, plan: Plan | None = None
) -> Release:
    """Announced 25 hours before it opens (now, by default): `seats` in one session."""
    opens = opens or clock.now()
    plan = plan or make_plan(make_office(), weekdays=[0], hours=[8], seats=seats)
    monday = plan.office.local(opens).date() + timedelta(days=14)
    monday -= timedelta(days=monday.weekday())
    release = make_release(
        plan=plan,
        status=ReleaseStatus.REVIEWED,
        publish_at=opens,
        first_day=monday,
        last_day=monday + timedelta(days=6),
    )
    return schedule_release(release=release, by="test", at=opens - timedelta(hours=25))


def get_in_line(release: Release, people: int | Sequence[str] = 1, **given: Any) -> QueueTicket:
    """A ticket for so many new people, or for those named; half an hour before the opening."""
    identities = [new_code() for _ in range(people)] if isinstance(people, int) else people
    usual: dict[str, Any] = {
        "service": Service.REGULAR,
        "holder": new_code(),
        "by": "test",
        "at": release.publish_at - timedelta(minutes=30),
    }
    return join(release=release, identities=identities, **usual | given)


def make_at_work(
    parties: Iterable[int | Sequence[str]], *, opens: datetime | None = None, seats: int = 3
) -> tuple[Release, list[QueueTicket]]:
    """Open and drawn; nobody is called yet. The tickets in the order of `parties`."""
    release = make_announced(opens=opens, seats=seats)
    tickets = [get_in_line(release, party) for party in parties]
    open_release(release=release, at=release.publish_at)
    release.refresh_from_db()
    for ticket in tickets:
        ticket.refresh_from_db()
    return release, tickets


def room(release: Release) -> Room:
    return Room.objects.select_related("release__office").get(release=release)


def step(release: Release, *, after: timedelta = timedelta()) -> int:
    """One step of the controller, so long after the opening."""
    return call_next(room=room(release), at=release.publish_at + after)


def fresh(ticket: QueueTicket) -> QueueTicket:
    return QueueTicket.objects.select_related("room__release__office").get(pk=ticket.pk)


def leave_line(ticket: QueueTicket) -> None:
    leave(ticket=ticket, by="test", at=clock.now())
