"""Coming earlier: asked for, offered after those who have no seat, taken with one press."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from appointments.accepting import accept_offer
from appointments.cancelling import cancel
from appointments.earlier import NotEarlier, NothingEarlier, ask_earlier
from appointments.invariants import broken
from appointments.models import Appointment, Move
from appointments.rescheduling import NotMovable, changing_of, reschedule
from appointments.wishing import end_served_wishes
from mpaspor.core import clock
from quota.models import Seat, Slot
from quota.returning import return_seats
from quota.waiting_list.answering import OfferOver
from quota.waiting_list.models import Offer, Wish
from quota.waiting_list.wishing import AlreadyListed, BoundToAppointment, change_wish
from tests.appointments.browsing import signed_in, text_of
from tests.appointments.test_cancelling import paid_party
from tests.appointments.test_rescheduling import another, where
from tests.database import check_deferred
from tests.factories.appointments import make_awaiting, make_confirmed
from tests.factories.quota import make_open_slot
from tests.factories.waiting_list import come_free, full_slot, make_wish

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def ask(mine: Appointment) -> Wish:
    return ask_earlier(appointment=mine, by="test", at=clock.now())


def full_before(mine: Appointment, *, days: int = 2, seats: int = 1) -> Slot:
    starts_at = mine.slot.starts_at - days * DAY
    return full_slot(office=mine.slot.office, starts_at=starts_at, seats=seats)


def offered(slot: Slot, *, seats: int = 1) -> Offer:
    """What is offered of so many seats that come free there."""
    come_free(slot, seats=seats, at=clock.now())
    return_seats(at=clock.now())
    return Offer.objects.select_related("wish", "slot__office").latest("pk")


def take(offer: Offer) -> list[Appointment]:
    taken = accept_offer(offer=offer, by="test", at=clock.now())
    check_deferred()
    return taken


@pytest.mark.parametrize("people", [1, 3])
def test_taken_it_moves_all_who_sit_together_and_spends_no_right(people: int) -> None:
    party = paid_party(people) if people > 1 else [make_confirmed()]
    old, slot = party[0].slot, full_before(party[0], seats=people)
    wish = ask(party[0])
    offer = offered(slot, seats=people)

    taken = take(offer)

    assert [one.pk for one in take(offer)] == [one.pk for one in taken]
    assert where(*party) == [slot] * people
    assert old.seats.exclude(holder=None).count() == 0
    assert set(Move.objects.values_list("why", flat=True)) == {"earlier"}
    mine = Appointment.objects.get(pk=party[0].pk)
    assert changing_of(mine, at=clock.now()).left == 1
    wish.refresh_from_db()
    assert wish.status == "served"


def test_who_has_no_seat_is_asked_first() -> None:
    mine = make_confirmed()
    slot = full_before(mine, seats=2)
    own = ask(mine)
    other = make_wish(slot, last_day=slot.date)
    assert offered(slot).wish == other
    assert offered(slot).wish == own


@pytest.mark.parametrize(
    ("days", "ends", "last", "offer_ends"),
    [
        (+5, "waiting", -1, "open"),  # the wish is not for more days than it was
        (-1, "waiting", -2, "open"),
        (-5, "waiting", -6, "declined"),
        (-18, "waiting", -19, "declined"),
        (-19, "served", -1, "declined"),
    ],
)
def test_moved_otherwise_the_wish_is_for_the_days_before_the_new_one(
    days: int, ends: str, last: int, offer_ends: str
) -> None:
    """Booked in 20 days, offered a seat two days before."""
    mine = make_confirmed(slot=make_open_slot(starts_at=clock.now() + 20 * DAY))
    day, offered_slot, new = mine.slot.date, full_before(mine), another(mine, days)
    wish, offer = ask(mine), offered(offered_slot)
    reschedule(appointment=mine, slot_code=new.code, by="test", at=clock.now())
    wish.refresh_from_db()
    offer.refresh_from_db()
    assert (wish.status, (wish.last_day - day).days) == (ends, last)
    assert offer.status == offer_ends
    assert Seat.objects.filter(holder=offer.holders[0]).exists() == (offer_ends == "open")
    check_deferred()


def test_of_two_who_wish_together_the_later_visit_counts() -> None:
    first, second = paid_party(2)
    wish, new = ask(first), another(first, -3)
    reschedule(appointment=first, slot_code=new.code, alone=True, by="test", at=clock.now())
    wish.refresh_from_db()
    assert (wish.status, wish.last_day) == ("waiting", second.slot.date - DAY)
    reschedule(appointment=second, slot_code=new.code, by="test", at=clock.now())
    wish.refresh_from_db()
    assert wish.last_day == new.date - DAY


def test_who_cancelled_wants_nothing_earlier() -> None:
    mine = make_confirmed()
    slot = full_before(mine)
    wish = ask(mine)
    assert end_served_wishes(at=clock.now()) == 0
    offer = offered(slot)
    cancel(appointment=mine, by="test", at=clock.now())
    with pytest.raises(NotEarlier):
        take(offer)
    assert end_served_wishes(at=clock.now()) == 1
    wish.refresh_from_db()
    assert wish.is_over
    with pytest.raises(OfferOver):
        take(offer)
    assert list(broken(at=clock.now())) == []


def test_asked_for_what_is_booked_and_far_enough_and_once() -> None:
    with pytest.raises(NotMovable):
        ask(make_awaiting())
    near = make_confirmed(slot=make_open_slot(starts_at=clock.now() + timedelta(hours=20)))
    with pytest.raises(NothingEarlier):
        ask(near)
    mine = make_confirmed()
    wish = ask(mine)
    with pytest.raises(AlreadyListed):
        ask(mine)
    facts: dict[str, Any] = {"offices": [], "hours": wish.hours, "service": wish.service}
    facts |= {"first_day": wish.first_day, "last_day": wish.last_day}
    with pytest.raises(BoundToAppointment):
        change_wish(wish=wish, **facts, by="test", at=clock.now())


def test_pages_ask_show_the_wish_and_take_the_seat() -> None:
    mine = make_confirmed()
    slot, code = full_before(mine), mine.application.code
    client = signed_in(mine.application.account)
    url = reverse("earlier", args=[code])
    assert url in client.get(reverse("visit", args=[code])).content.decode()
    assert "People who have no seat yet are asked before you." in text_of(client.get(url))

    page = client.post(url, follow=True)

    assert "Your wish to come earlier" in text_of(page)
    wish = Wish.objects.get()
    assert client.get(url)["Location"] == reverse("wish", args=[wish.code])
    change = reverse("wish_change", args=[wish.code])
    assert client.get(change)["Location"] == reverse("wish", args=[wish.code])
    offer = reverse("offer", args=[offered(slot).code])
    assert "This seat is earlier than yours" in text_of(client.get(offer))
    client.post(offer)
    assert where(mine) == [slot]
