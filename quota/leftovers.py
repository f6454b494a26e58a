"""Seats that a release leaves over: the waiting list gets them first, some hours after the opening.

Who waits has perhaps not heard of the opening. What nobody waits for stays free for everybody.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from mpaspor.audit import trail
from quota.enums import ReleaseStatus
from quota.models import Release, Seat, Slot
from quota.queries import terms_for
from quota.waiting_list.offering import offer_seats
from quota.waiting_list.queries import fitting
from quota.waiting_room.turns import is_gated


def offer_leftovers(*, at: datetime) -> int:
    """Offers the free seats of each release whose time has come, once; returns how many seats.

    Repeatable, by many at once; who is killed in between is followed by the next run, and no wish
    is asked twice about a session. While a waiting room is at work its seats are no leftovers.
    """
    opened = Release.objects.filter(status=ReleaseStatus.OPEN, leftovers_offered_at=None)
    oldest_first = opened.select_related("office").order_by("opened_at", "pk")
    return sum(_offer_leftovers(release, at=at) for release in oldest_first)


def _offer_leftovers(release: Release, *, at: datetime) -> int:
    slots = list(release.slots.bookable(at).select_related("office", "release__room"))
    if not _is_due(release, at=at) or any(is_gated(slot) for slot in slots):
        return 0
    seats = sum(_offer(slot, at=at) for slot in slots)
    Release.objects.filter(pk=release.pk).update(leftovers_offered_at=at)
    return seats


def _is_due(release: Release, *, at: datetime) -> bool:
    if release.opened_at is None:
        return False
    terms = terms_for(release.office, release.office.local(release.opened_at).date())
    return release.opened_at + timedelta(hours=terms.leftover_hours) <= at


@transaction.atomic
def _offer(slot: Slot, *, at: datetime) -> int:
    """A seat that somebody is taking at this moment is theirs: it is locked, and passed over."""
    wanted = fitting(slot).aggregate(people=Sum("size"))["people"]
    if not wanted:
        return 0
    free = Seat.objects.free().filter(slot=slot).order_by("number")
    locked = list(free.select_for_update(skip_locked=True)[:wanted])
    for seat in locked:
        seat.slot = slot
    offered = len(offer_seats(locked, at=at))
    if offered:
        subject = f"slot:{slot.code}"
        trail.record("slot.offer_leftovers", subject=subject, by="timetable", at=at, seats=offered)
    return offered
