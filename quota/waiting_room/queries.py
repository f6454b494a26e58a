"""Where people stand in line, and what officers and the public may see of a room."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import connection
from django.db.models import Prefetch, QuerySet, Sum

from quota.enums import ReleaseStatus
from quota.models import Release
from quota.queries import FRESH
from quota.waiting_room import lots
from quota.waiting_room.enums import RoomStatus, TicketStatus, Told, Turn
from quota.waiting_room.models import QueueMember, QueueTicket, Room
from quota.waiting_room.status import status_of

# After so long without a step the room counts as paused.
SILENT = timedelta(seconds=30)
# Before how many minutes of waiting people are told that their turn is soon.
SOON_MINUTES = 10
UNTOLD = [Told.NOTHING, Told.SOON]
HERE = [TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.DONE, TicketStatus.LAPSED]
BEFORE = """
SELECT count(*) FROM quota_queueticket
 WHERE room_id = %(room)s AND drawn IS NOT NULL
   AND sha256(%(outer)s || sha256(%(inner)s || digest)) < %(lot)s
"""


@dataclass(frozen=True)
class Standing:
    """`before`: places between the last one called and this one; `minutes`: about how long."""

    ticket: QueueTicket
    before: int | None
    minutes: int | None

    @property
    def is_passed_over(self) -> bool:
        """Others behind are called already: what is left is too little or of another service."""
        return self.ticket.status == TicketStatus.WAITING and self.before == 0

    @property
    def may_choose(self) -> list[str]:
        members = self.ticket.members.all()
        return [member.identity for member in members if member.turn == Turn.OPEN]


@dataclass(frozen=True)
class Figures:
    """People, for officers."""

    waiting: int
    called: int
    inside: int
    lapsed: int
    seated: int
    a_minute: int


def room_of(release: Release) -> Room | None:
    room: Room | None = getattr(release, "room", None)
    return room


def tickets_of(identities: Collection[str]) -> "QuerySet[QueueTicket]":
    """Tickets of any of these people, in whatever account they were taken."""
    mine = QueueMember.objects.filter(identity__in=identities).values("ticket")
    members = Prefetch("members", QueueMember.objects.order_by("pk"))
    rows = QueueTicket.objects.filter(pk__in=mine, status__in=HERE).order_by("pk")
    return rows.select_related("room__release__office").prefetch_related(members)


def live_tickets_of(identities: Collection[str]) -> list[QueueTicket]:
    """Those that still matter: waiting, called, or lapsed in a room that is not at rest."""
    live = [TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.LAPSED]
    rooms = [RoomStatus.ANNOUNCED, RoomStatus.ACTIVE]
    tickets = tickets_of(identities).filter(status__in=live, room__status__in=rooms)
    return list(
        tickets.filter(room__release__status__in=[ReleaseStatus.SCHEDULED, ReleaseStatus.OPEN])
    )


def standings(release: Release, identities: Collection[str], *, at: datetime) -> list[Standing]:
    tickets = list(tickets_of(identities).filter(room__release=release))
    status = status_lately(tickets[0].room, at=at) if tickets else {}
    return [_standing(ticket, status) for ticket in tickets]


def status_lately(room: Room, *, at: datetime) -> dict[str, object]:
    """What the status file says, at most 5 seconds old, for pages that cannot read the file."""
    key = f"queue-status:{room.pk}"
    found: dict[str, object] = cache.get_or_set(key, lambda: status_of(room, at=at), FRESH) or {}
    return found


def is_silent(room: Room, *, at: datetime) -> bool:
    """Paused, or nobody runs it at this moment: places are safe, waiting takes longer."""
    if room.status != RoomStatus.ACTIVE:
        return False
    return room.paused_at is not None or (room.stepped_at or at) < at - SILENT


def figures(room: Room) -> Figures:
    tickets = QueueTicket.objects.filter(room=room)
    members = QueueMember.objects.filter(release=room.release_id)
    waiting = tickets.filter(status=TicketStatus.WAITING).aggregate(people=Sum("size"))
    return Figures(
        waiting=waiting["people"] or 0,
        called=room.called_people,
        inside=members.filter(turn=Turn.OPEN, ticket__entered_at__isnull=False).count(),
        lapsed=room.lapsed_people,
        seated=members.filter(turn=Turn.USED).count(),
        a_minute=round(room.rate * 60),
    )


def drawn_digests(room: Room) -> Iterable[bytes]:
    """The published list, in order."""
    rows = QueueTicket.objects.filter(room=room, drawn__isnull=False).order_by("digest")
    return (bytes(digest) for digest in rows.values_list("digest", flat=True).iterator())


def place_again(room: Room, ticket: str) -> int | None:
    """The place of the ticket by seed and list alone; None if the list does not have it."""
    digest = lots.digest_of(ticket)
    if room.seed is None or not room.tickets.filter(digest=digest, drawn__isnull=False).exists():
        return None
    seed = bytes(room.seed)
    outer, inner = lots.pads(seed)
    mine = lots.lot(seed, digest)
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, {"room": room.pk, "outer": outer, "inner": inner, "lot": mine})
        return int(cursor.fetchone()[0]) + 1


def to_be_told(*, at: datetime, batch: int = 500) -> list[QueueTicket]:
    """Called and not told so yet; or soon to be called and told nothing."""
    rooms = Room.objects.filter(status=RoomStatus.ACTIVE, paused_at=None)
    found: list[QueueTicket] = []
    for room in rooms:
        tickets = QueueTicket.objects.filter(room=room).select_related("room__release__office")
        called = tickets.filter(status=TicketStatus.CALLED, until__gt=at, told__in=UNTOLD)
        near = room.called + SOON_MINUTES * int(str(status_of(room, at=at)["pace"]))
        soon = tickets.filter(
            status=TicketStatus.WAITING, told=Told.NOTHING, number__lte=near
        ).order_by("number")
        found += [*called[:batch], *soon[:batch]]
    return found


def mark_told(ticket: QueueTicket) -> None:
    told = Told.CALLED if ticket.status == TicketStatus.CALLED else Told.SOON
    QueueTicket.objects.filter(pk=ticket.pk, status=ticket.status).update(told=told)


def _standing(ticket: QueueTicket, status: dict[str, object]) -> Standing:
    if ticket.number is None or ticket.status != TicketStatus.WAITING:
        return Standing(ticket, before=None, minutes=None)
    before = max(ticket.number - ticket.room.called - 1, 0)
    pace = max(int(str(status["pace"])), 1)
    return Standing(ticket, before=before, minutes=-(-before // pace))
