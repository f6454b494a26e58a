"""The draw: at the opening, once, in the transaction that makes the seats."""

from datetime import datetime

from django.db import connection, transaction

from mpaspor.audit import trail
from quota.models import Release
from quota.waiting_room import lots
from quota.waiting_room.announcing import secret_of
from quota.waiting_room.enums import RoomStatus, TicketStatus
from quota.waiting_room.locking import close_list
from quota.waiting_room.models import QueueTicket, Room

# The same lines that lots.list_digest() reads.
LIST_DIGEST = """
SELECT count(*), sha256(convert_to(
         coalesce(string_agg(encode(digest, 'hex'), E'\\n' ORDER BY digest), ''), 'UTF8'))
  FROM quota_queueticket
 WHERE room_id = %(room)s AND status = 'waiting' AND joined_at < %(opens)s
"""
# HMAC-SHA256 by lots.pads(); among a hundred thousand tickets it costs little more than the sort.
RANK = """
UPDATE quota_queueticket ticket SET drawn = ranked.place, number = ranked.place
  FROM (SELECT id, rank() OVER (ORDER BY sha256(%(outer)s || sha256(%(inner)s || digest))) AS place
          FROM quota_queueticket
         WHERE room_id = %(room)s AND status = 'waiting' AND joined_at < %(opens)s) ranked
 WHERE ticket.id = ranked.id
"""


@transaction.atomic(savepoint=False)
def draw(*, release: Release, at: datetime) -> bool:
    """Fixes the seed and the order of all who joined before the opening; whether this call did.

    With nobody in the room it goes to rest at once, and everybody passes.
    """
    room: Room | None = getattr(release, "room", None)
    if room is None or room.seed is not None:
        return False
    close_list(release)
    count, listed = _list(room)
    secret = secret_of(room)
    seed = lots.seed_of(secret, listed)
    won = Room.objects.filter(pk=room.pk, seed=None).update(
        secret=secret,
        list_digest=listed,
        seed=seed,
        drawn_at=at,
        drawn_tickets=count,
        last_number=count,
        status=RoomStatus.ACTIVE if _is_asked_for(room) else RoomStatus.DORMANT,
        next_at=at,
    )
    if won:
        _rank(room, seed)
        subject = f"release:{release.code}"
        trail.record(
            "queue.drawn", subject=subject, by="timetable", at=at, tickets=count, seed=seed.hex()
        )
    return bool(won)


def _list(room: Room) -> tuple[int, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(LIST_DIGEST, {"room": room.pk, "opens": room.release.publish_at})
        count, listed = cursor.fetchone()
    return count, bytes(listed)


def _rank(room: Room, seed: bytes) -> None:
    outer, inner = lots.pads(seed)
    opens = room.release.publish_at
    with connection.cursor() as cursor:
        cursor.execute(RANK, {"room": room.pk, "opens": opens, "outer": outer, "inner": inner})


def _is_asked_for(room: Room) -> bool:
    return QueueTicket.objects.filter(room=room, status=TicketStatus.WAITING).exists()
