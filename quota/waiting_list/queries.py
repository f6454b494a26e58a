"""Who waits for what."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from quota.enums import Service, Zone
from quota.models import Office, Slot
from quota.queries import terms_for
from quota.waiting_list.enums import Hours, WishStatus
from quota.waiting_list.models import Wish
from quota.waiting_room.enums import RoomStatus
from quota.waiting_room.turns import is_gated

NOON = time(12)
# Sessions with free seats that are named instead of a wish.
NAMED = 5


def fitting(slot: Slot) -> "QuerySet[Wish]":
    """Waiting wishes that a seat of this slot would fulfil, the oldest first; after them those of
    people who only want to come earlier."""
    part = Hours.MORNING if slot.starts < NOON else Hours.AFTERNOON
    return Wish.objects.filter(
        status=WishStatus.WAITING,
        offices__contains=[slot.office_id],
        first_day__lte=slot.date,
        last_day__gte=slot.date,
        hours__in=[Hours.ANY, part],
        service=slot.service,
    ).order_by("is_earlier", "placed_at", "pk")


def is_awaited(slot: Slot, *, at: datetime) -> bool:
    """Whether a seat that comes free in it is offered to the waiting list first.

    While a waiting room is at work the seat belongs to the next one in there.
    """
    return (
        fitting(slot).exists()
        and answer_until(slot, at=at) is not None
        and Slot.objects.bookable(at).filter(pk=slot.pk).exists()
        and not is_gated(slot)
    )


def answer_until(slot: Slot, *, at: datetime) -> datetime | None:
    """Until when an offer made now may be accepted; None: too late to offer.

    Never later than the office's terms want before the session: who accepts must pay and travel.
    """
    terms = terms_for(slot.office, slot.date)
    latest = slot.starts_at - timedelta(minutes=terms.offer_ends_minutes)
    until = min(at + timedelta(minutes=terms.offer_minutes), latest)
    least = timedelta(minutes=min(settings.OFFER_LEAST_MINUTES, terms.offer_minutes))
    return until if until - at >= least else None


def free_for(
    *,
    offices: Sequence[str],
    first_day: date,
    last_day: date,
    hours: Hours,
    service: Service,
    size: int,
    at: datetime,
) -> list[Slot]:
    """The earliest sessions with so many seats that everybody can take now, with their office.

    While a waiting room is at work nobody can just take them.
    """
    slots = Slot.objects.bookable(at).exclude(release__room__status=RoomStatus.ACTIVE)
    days = slots.filter(office__code__in=offices, date__range=(first_day, last_day))
    if hours == Hours.MORNING:
        days = days.filter(starts__lt=NOON)
    elif hours == Hours.AFTERNOON:
        days = days.filter(starts__gte=NOON)
    free = days.filter(service=service).with_free().filter(Q(free__gte=size))
    return list(free.select_related("office").order_by("starts_at")[:NAMED])


def today(at: datetime) -> date:
    """Where the day ends last in the country."""
    return at.astimezone(ZoneInfo(Zone.WIB)).date()


def line_at(offices: Sequence[int]) -> list[tuple[Office, int]]:
    """Each office by name with how many people wait for a seat there, whatever day they want."""
    waiting = Wish.objects.filter(status=WishStatus.WAITING, offices__overlap=list(offices))
    people: Counter[int] = Counter()
    for keys, size in waiting.values_list("offices", "size"):
        people.update(dict.fromkeys(keys, size))
    named = Office.objects.filter(pk__in=offices).order_by("name")
    return [(office, people[office.pk]) for office in named]
