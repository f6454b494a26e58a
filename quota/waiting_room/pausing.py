"""An officer stops the calling for a while; everybody keeps their place and their time."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.models import Release
from quota.release import ReasonMissing
from quota.waiting_room.enums import RoomStatus, TicketStatus, Turn
from quota.waiting_room.models import QueueMember, QueueTicket, Room


class NotAtWork(Refusal):
    code = "room-not-at-work"
    message = _("The waiting room of this release is not calling anybody.")
    remedy = _("Look at the release again to see where it stands.")


class PauseReasonMissing(ReasonMissing):
    code = "pause-reason-missing"
    message = _("Say why the waiting room is paused or goes on.")


@transaction.atomic
def pause_room(*, release: Release, by: trail.By, at: datetime, reason: str) -> None:
    """Nobody is called and no turn runs out until it goes on. Raises NotAtWork, reason missing."""
    room = _at_work(release, reason)
    if room.paused_at is None:
        room.paused_at = at
        room.save(update_fields=["paused_at"])
        _record("paused", release, by, at, reason)


@transaction.atomic
def resume_room(*, release: Release, by: trail.By, at: datetime, reason: str) -> None:
    """Open turns get the time of the pause back. Raises NotAtWork, reason missing."""
    room = _at_work(release, reason)
    if room.paused_at is None:
        return
    lost = at - room.paused_at
    tickets = QueueTicket.objects.filter(room=room, status=TicketStatus.CALLED)
    tickets.filter(until__gt=room.paused_at).update(until=F("until") + lost)
    turns = QueueMember.objects.filter(release=release).exclude(turn=Turn.WAITING)
    turns.filter(until__gt=room.paused_at).update(until=F("until") + lost)
    room.paused_at = None
    room.save(update_fields=["paused_at"])
    _record("resumed", release, by, at, reason)


def _at_work(release: Release, reason: str) -> Room:
    if not reason.strip():
        raise PauseReasonMissing
    rows = Room.objects.select_for_update(of=("self",), no_key=True)
    room = rows.filter(release=release, status=RoomStatus.ACTIVE).first()
    if room is None:
        raise NotAtWork
    return room


def _record(done: str, release: Release, by: trail.By, at: datetime, reason: str) -> None:
    subject = f"release:{release.code}"
    trail.record(f"queue.{done}", subject=subject, by=by, at=at, reason=reason.strip())
