"""The one controller of each room: every few seconds it calls as many people as there are seats.

Any worker may run it. A claim with a lease hands a room to one of them at a time, and the lock on
the room's row is a second wall for the step itself: both end by themselves when the worker dies.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from mpaspor.audit import trail
from mpaspor.core.claim import claim
from quota.enums import ReleaseStatus
from quota.models import Slot
from quota.waiting_room import pace
from quota.waiting_room.enums import RoomStatus, TicketStatus, Told, Turn
from quota.waiting_room.models import QueueMember, QueueTicket, Room
from quota.waiting_room.status import publish
from quota.waiting_room.turns import lapse, terms_of

log = logging.getLogger(__name__)

# Less than the seconds between two runs of the timetable, so that none of them finds nothing due.
LEASE = timedelta(seconds=4)
# Seconds a step may make up for: after an outage nobody wants an hour's calls at once.
USUAL_SECONDS, MOST_SECONDS = 5.0, 10.0
# Parties that are too large for what is left and are looked past.
LOOK_PAST = 50

# Free seats that can still be reached by who is called now, and turns that are open: one
# statement, so that a booking between the two is never counted twice.
CAPACITY = """
SELECT service, sum(free)::int, sum(kept)::int FROM (
  SELECT slot.service, count(*) AS free, 0 AS kept
    FROM quota_seat seat JOIN quota_slot slot ON slot.id = seat.slot_id
   WHERE slot.release_id = %(release)s AND slot.starts_at > %(reachable)s
     AND slot.closed_at IS NULL
     AND seat.holder IS NULL AND seat.returns_at IS NULL AND seat.reserve = ''
   GROUP BY slot.service
  UNION ALL
  SELECT service, 0, count(*) FROM quota_queuemember
   WHERE release_id = %(release)s AND turn = 'open' GROUP BY service) counted
 GROUP BY service
"""
NUMBER = """
UPDATE quota_queueticket ticket SET number = %(last)s + arrived.place
  FROM (SELECT id, row_number() OVER (ORDER BY queued_at, id) AS place FROM quota_queueticket
         WHERE room_id = %(room)s AND status = 'waiting' AND number IS NULL) arrived
 WHERE ticket.id = arrived.id AND ticket.status = 'waiting'
"""


@dataclass(frozen=True)
class Capacity:
    """By service: seats that can be promised to somebody, and turns that are open."""

    left: dict[str, int]
    kept: int
    is_slow: bool


def run_rooms(*, at: datetime, batch: int = 50) -> int:
    """One step of every room that is due; returns how many people were called."""
    rooms = Room.objects.select_related("release__office").exclude(status=RoomStatus.DORMANT)
    due = rooms.exclude(release__status=ReleaseStatus.WITHDRAWN)
    called = 0
    while claimed := claim(due, at=at, batch=batch, lease=LEASE):
        called += sum(_run(room, at=at) for room in claimed)
    return called


def _run(room: Room, *, at: datetime) -> int:
    try:
        called = call_next(room=room, at=at)
        publish(room=room, at=at)
    except Exception:  # one room in trouble must not hold up the others
        log.exception("room of release %s made no step", room.release.code)
        slower = Greatest(F("rate") / 2, pace.FLOOR)
        Room.objects.filter(pk=room.pk).update(rate=slower)
        return 0
    return called


@transaction.atomic
def call_next(*, room: Room, at: datetime) -> int:
    """Ends turns that ran out, numbers who arrived, calls the next people; returns how many.

    A call opens a turn for each member, and an open turn keeps a seat: whoever is called finds
    one. Parties larger than what is left are looked past and keep their place.
    """
    rows = Room.objects.select_related("release__office")
    # It waits and does not skip: a worker that looked for rooms and came too late for this one
    # holds its row until the end of its own claim, and no step may be lost to that.
    locked = rows.select_for_update(of=("self",), no_key=True)
    current = locked.filter(pk=room.pk, status=RoomStatus.ACTIVE, paused_at=None).first()
    if current is None:
        return 0
    current.lapsed_people += (lapsed := lapse(room=current, at=at))
    current.last_number += _number(current)
    terms = terms_of(current.release, at)
    capacity = capacity_of(
        current, reachable=at + timedelta(minutes=terms.enter_minutes + terms.choose_minutes)
    )
    called = _call(current, capacity, until=at + timedelta(minutes=terms.enter_minutes), at=at)
    if called or lapsed:
        _record(current, at, people=called, up_to=current.called, lapsed=lapsed)
    _rest_when_done(current, capacity, called, at=at)
    current.stepped_at = at
    current.save()
    return called


def capacity_of(room: Room, *, reachable: datetime) -> Capacity:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(CAPACITY, {"release": room.release_id, "reachable": reachable})
        rows = cursor.fetchall()
    took = time.perf_counter() - began
    return Capacity(
        left={service: free - kept for service, free, kept in rows},
        kept=sum(kept for _service, _free, kept in rows),
        is_slow=took * 1000 > settings.QUEUE_SLOW_MS,
    )


def _number(room: Room) -> int:
    """Late arrivals and those who line up again, in order of arrival."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBER, {"room": room.pk, "last": room.last_number})
        return int(cursor.rowcount)


def _call(room: Room, capacity: Capacity, *, until: datetime, at: datetime) -> int:
    most = _most(room, capacity, at)
    chosen = list(_fitting(_in_line(room, most), dict(capacity.left), most))
    if not chosen:
        return 0
    people = sum(ticket.size for ticket in chosen)
    QueueTicket.objects.filter(pk__in=[ticket.pk for ticket in chosen]).update(
        status=TicketStatus.CALLED,
        called_at=at,
        entered_at=None,
        until=until,
        extended=False,
        told=Told.NOTHING,
    )
    members = QueueMember.objects.filter(ticket__in=chosen, turn=Turn.WAITING)
    members.update(turn=Turn.OPEN, until=until)
    room.called = max(room.called, *(ticket.number or 0 for ticket in chosen))
    room.called_people += people
    return people


def _most(room: Room, capacity: Capacity, at: datetime) -> int:
    limits = pace.Limits(step=settings.QUEUE_RATE_STEP, most=settings.QUEUE_RATE_MAX)
    room.rate = pace.next_rate(room.rate, slow=capacity.is_slow, limits=limits)
    finished = room.called_people - capacity.kept
    absent = pace.absent_share(finished=finished, lapsed=room.lapsed_people)
    seconds = USUAL_SECONDS
    if room.stepped_at:
        seconds = min((at - room.stepped_at).total_seconds(), MOST_SECONDS)
    return pace.people_to_call(room.rate, seconds=seconds, absent=absent)


def _in_line(room: Room, most: int) -> "QuerySet[QueueTicket]":
    waiting = QueueTicket.objects.filter(room=room, status=TicketStatus.WAITING)
    numbered = waiting.filter(number__isnull=False).order_by("number")
    return numbered.select_for_update(skip_locked=True)[: most + LOOK_PAST]


def _fitting(
    tickets: Iterable[QueueTicket], left: dict[str, int], most: int
) -> Iterable[QueueTicket]:
    for ticket in tickets:
        if most <= 0:
            return
        if ticket.size <= left.get(ticket.service, 0):
            left[ticket.service] -= ticket.size
            most -= ticket.size
            yield ticket


def _rest_when_done(room: Room, capacity: Capacity, called: int, *, at: datetime) -> None:
    """Nobody in line and no turn open, or no session to come: from now on everybody passes."""
    waiting = QueueTicket.objects.filter(room=room, status=TicketStatus.WAITING)
    drained = not called and not capacity.kept and not waiting.exists()
    over = not Slot.objects.bookable(at).filter(release=room.release_id).exists()
    if drained or (over and not called):
        room.status = RoomStatus.DORMANT
        _record(room, at, rests=True)


def _record(room: Room, at: datetime, **facts: object) -> None:
    subject = f"release:{room.release.code}"
    trail.record("queue.called", subject=subject, by="timetable", at=at, **facts)
