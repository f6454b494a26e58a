"""Wishes of the waiting list and offers to them, made by the deeds that do it in earnest."""

from datetime import datetime, timedelta
from typing import Any

from applicants.models import Person
from appointments.wishing import wish_for
from mpaspor.core import clock
from quota.enums import Service
from quota.models import Seat, Slot
from quota.returning import return_seats
from quota.waiting_list.enums import Hours
from quota.waiting_list.models import Offer, Wish
from tests.factories.applicants import make_person
from tests.factories.quota import make_open_slot


def make_wish(
    slot: Slot, *persons: Person, people: int = 1, at: datetime | None = None, **facts: Any
) -> Wish:
    """A wish that a seat of `slot` fits, of `people` new persons of one account by default."""
    first = persons[0] if persons else make_person()
    party = persons or (first, *(make_person(first.account) for _more in range(people - 1)))
    usual: dict[str, Any] = {
        "offices": [slot.office.code],
        "first_day": slot.date - timedelta(days=3),
        "last_day": slot.date + timedelta(days=3),
        "hours": Hours.ANY,
        "service": Service(slot.service),
    }
    facts = usual | facts
    account = first.account
    return wish_for(account=account, persons=party, by=account, at=at or clock.now(), **facts)


def full_slot(*, seats: int = 1, **facts: Any) -> Slot:
    """A slot that offers can be made of, all of whose seats somebody has."""
    slot = make_open_slot(seats=seats, **facts)
    for seat in slot.seats.all():
        Seat.objects.filter(pk=seat.pk).update(holder=f"booked{seat.pk % 10_000}")
    return slot


def come_free(slot: Slot, *, seats: int = 1, at: datetime) -> None:
    """So many seats somebody had are on their way back, and their moment is `at`."""
    held = slot.seats.filter(holder__startswith="booked").order_by("number")[:seats]
    Seat.objects.filter(pk__in=list(held.values_list("pk", flat=True))).update(
        holder=None, returns_at=at
    )


def make_offer(
    slot: Slot | None = None, wish: Wish | None = None, *, at: datetime | None = None
) -> Offer:
    """What the oldest wish that fits gets when enough seats of `slot` come free."""
    at = at or clock.now()
    slot = slot or full_slot(seats=wish.size if wish else 1)
    wish = wish or make_wish(slot, at=at)
    come_free(slot, seats=wish.size, at=at)
    return_seats(at=at)
    return Offer.objects.select_related("wish__account", "slot__office").get(wish=wish)
