"""What must hold of slots and seats; each broken rule is one line."""

from collections.abc import Iterator

from django.db.models import Count, F, Max, Q

from quota.enums import ReleaseStatus
from quota.models import Release, Seat, Slot
from quota.waiting_room.enums import Turn
from quota.waiting_room.models import QueueMember, Room


def broken() -> Iterator[str]:
    yield from _odd_slots()
    yield from _odd_releases()
    yield from _broken_promises()
    yield from _odd_draws()


def _odd_slots() -> Iterator[str]:
    counted = Slot.objects.annotate(
        rows=Count("seats"), numbers=Count("seats__number", distinct=True)
    )
    odd = counted.exclude(rows=F("capacity"), numbers=F("capacity")).order_by("pk")
    for code, capacity, rows, numbers in odd.values_list("code", "capacity", "rows", "numbers"):
        yield f"slot {code} for {capacity} has {rows} seats with {numbers} numbers"


def _odd_releases() -> Iterator[str]:
    made = [ReleaseStatus.OPEN, ReleaseStatus.CLOSED]
    early = Release.objects.exclude(status__in=made).filter(slots__isnull=False).distinct()
    for code, status in early.order_by("pk").values_list("code", "status"):
        yield f"release {code} is {status} and has slots"
    unstamped = Release.objects.filter(Q(opened_at=None), status__in=made)
    for code in unstamped.order_by("pk").values_list("code", flat=True):
        yield f"release {code} is open without a moment of opening"


def _broken_promises() -> Iterator[str]:
    """More people are called than there are seats for them."""
    turns = QueueMember.objects.filter(turn=Turn.OPEN).order_by("release", "service")
    kept = turns.values_list("release", "release__code", "service").annotate(Count("pk"))
    for release, code, service, count in kept:
        seats = Seat.objects.free().filter(slot__release=release, slot__service=service)
        if (free := seats.count()) < count:
            yield f"release {code} has {count} open turns for {free} free {service} seats"


def _odd_draws() -> Iterator[str]:
    """Places by the draw are 1, 2, 3, … without a gap or a repeat."""
    drawn = Room.objects.filter(drawn_tickets__gt=0).annotate(
        places=Count("tickets__drawn", distinct=True), last=Max("tickets__drawn")
    )
    odd = drawn.exclude(places=F("drawn_tickets"), last=F("drawn_tickets"))
    for code in odd.order_by("pk").values_list("release__code", flat=True):
        yield f"release {code} has places that the draw did not give"
