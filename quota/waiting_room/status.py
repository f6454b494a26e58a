"""What everybody who waits asks every few seconds: one small file a release, served as it lies.

The web server in front hands it out; no page and no database is asked. Nothing personal is in it.
"""

import json
import os
import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Sum

from quota.models import Seat
from quota.waiting_room.enums import Band, RoomStatus, TicketStatus, Turn
from quota.waiting_room.models import QueueMember, QueueTicket, Room

# Of all seats of a service, the share up to which one speaks of few, and of some.
FEW, SOME = 0.1, 0.5


def publish(*, room: Room, at: datetime) -> None:
    """Writes the file of the room as it stands now; whoever reads sees the old one or the new."""
    current = Room.objects.select_related("release").get(pk=room.pk)
    folder = Path(settings.QUEUE_FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".")
    with os.fdopen(handle, "w") as file:
        file.write(json.dumps(status_of(current, at=at), separators=(",", ":")))
    # The web server in front is another user.
    Path(name).chmod(0o644)
    Path(name).replace(folder / f"{current.release.code}.json")


def status_of(room: Room, *, at: datetime) -> dict[str, object]:
    """`called`: up to which number; `pace`: places a minute; `at`: seconds of the Unix clock."""
    waiting = QueueTicket.objects.filter(room=room, status=TicketStatus.WAITING)
    line = waiting.aggregate(places=Count("pk"), people=Sum("size"))
    people_a_place = (line["people"] or 1) / max(line["places"], 1)
    return {
        "state": "paused" if room.paused_at else room.status,
        "called": room.called,
        "pace": round(room.rate * 60 / people_a_place),
        "waiting": line["places"],
        "seats": bands_of(room),
        "at": int(at.timestamp()),
        **_opening(room),
    }


def _opening(room: Room) -> dict[str, int]:
    """Before it, so that pages look sooner the nearer it is."""
    is_ahead = room.status == RoomStatus.ANNOUNCED
    return {"opens": int(room.release.publish_at.timestamp())} if is_ahead else {}


def bands_of(room: Room) -> dict[str, str]:
    """By service, how many seats nobody has and none is called for."""
    seats = Seat.objects.filter(slot__release=room.release_id).order_by()
    made = dict(seats.values_list("slot__service").annotate(Count("pk")))
    free = dict(seats.free().values_list("slot__service").annotate(Count("pk")))
    turns = QueueMember.objects.filter(release=room.release_id, turn=Turn.OPEN).order_by()
    kept = dict(turns.values_list("service").annotate(Count("pk")))
    return {
        service: band(free.get(service, 0) - kept.get(service, 0), total)
        for service, total in made.items()
    }


def band(left: int, total: int) -> str:
    if left <= 0:
        return Band.NONE.value
    if left <= total * FEW:
        return Band.FEW.value
    return Band.SOME.value if left <= total * SOME else Band.MANY.value
