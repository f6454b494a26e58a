"""The draw of a room of 100,000 tickets, against a bare rank() of its rows.

Each time the room is filled anew and vacuumed, and what was written is rolled back.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from benchmarks import crowd
from quota.models import Release
from quota.waiting_room.announcing import announce_room
from quota.waiting_room.drawing import draw
from quota.waiting_room.models import Room

TICKETS = 100_000
FILL = """
INSERT INTO quota_queueticket (code, digest, room_id, holder, service, size, status, joined_at,
                               queued_at, extended, told)
SELECT 'T' || n, sha256(convert_to('T' || n, 'UTF8')), %s, 'H', 'regular', 1, 'waiting', %s, %s,
       false, ''
  FROM generate_series(1, %s) n
"""
BARE = """
UPDATE quota_queueticket ticket SET drawn = ranked.place, number = ranked.place
  FROM (SELECT id, rank() OVER (ORDER BY digest) AS place FROM quota_queueticket) ranked
 WHERE ticket.id = ranked.id
"""


def drawing() -> float:
    release, room = announced()
    return draws_a_second(lambda: draw(release=release, at=release.publish_at), room)


def ranking() -> float:
    _release, room = announced()
    return draws_a_second(bare, room)


def announced() -> tuple[Release, Room]:
    at = datetime.now(UTC)
    release = crowd.make_slot(1, at=at).release
    release.publish_at = at + timedelta(days=2)
    release.save(update_fields=["publish_at"])
    room = announce_room(release=release, by="bench", at=at)
    assert room is not None
    return release, room


def bare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(BARE)


def draws_a_second(deed: Callable[[], object], room: Room) -> float:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE quota_queueticket CASCADE")
        cursor.execute(FILL, [room.pk, room.join_from, room.join_from, TICKETS])
        cursor.execute("VACUUM ANALYZE quota_queueticket")
    with transaction.atomic():
        began = time.perf_counter()
        deed()
        took = time.perf_counter() - began
        transaction.set_rollback(True)
    return 1 / took
