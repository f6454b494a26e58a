"""A waiting room comes with a release that is announced early enough for an honest draw."""

from datetime import datetime, timedelta

from django.conf import settings

from mpaspor.audit import trail
from mpaspor.core.sealed_columns import fill, opened
from quota.models import Release, Terms
from quota.queries import terms_for
from quota.waiting_room import lots
from quota.waiting_room.enums import RoomStatus
from quota.waiting_room.models import Room


def announce_room(*, release: Release, by: trail.By, at: datetime) -> Room | None:
    """Binds us to a secret for the draw; the caller owns the transaction.

    None when the release opens sooner than the terms ask between commitment and draw: such a
    release has no waiting room.
    """
    if not is_early_enough(release, at):
        return None
    terms = _terms(release)
    secret = lots.new_secret()
    room = Room(
        release=release,
        join_from=release.publish_at - timedelta(minutes=terms.queue_join_minutes),
        committed_at=at,
        commitment=lots.commitment_to(secret),
        rate=settings.QUEUE_RATE_START,
        next_at=release.publish_at - timedelta(minutes=terms.queue_join_minutes),
    )
    fill(room, "secret_sealed", secret.hex())
    room.save()
    subject, commitment = f"release:{release.code}", room.commitment.hex()
    trail.record("queue.committed", subject=subject, by=by, at=at, commitment=commitment)
    return room


def move_room(*, release: Release) -> None:
    """With the opening of the release; who is in line already keeps the ticket."""
    join_from = release.publish_at - timedelta(minutes=_terms(release).queue_join_minutes)
    rooms = Room.objects.filter(release=release, status=RoomStatus.ANNOUNCED)
    rooms.update(join_from=join_from, next_at=join_from)


def is_early_enough(release: Release, at: datetime) -> bool:
    return at <= release.publish_at - timedelta(hours=_terms(release).draw_notice_hours)


def secret_of(room: Room) -> bytes:
    return bytes.fromhex(opened(room, "secret_sealed"))


def _terms(release: Release) -> Terms:
    return terms_for(release.office, release.office.local(release.publish_at).date())
