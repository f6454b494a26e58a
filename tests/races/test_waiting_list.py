"""Forty-eight at once around the waiting list: no seat is offered twice, lost or out of turn."""

import threading
from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from applicants.models import Person
from appointments.accepting import accept_offer
from appointments.invariants import broken
from appointments.models import Appointment
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from mpaspor.notifications.models import Notice
from quota.leftovers import offer_leftovers
from quota.models import Release, Seat, Slot
from quota.returning import return_seats
from quota.seats import SlotFull, take_seat
from quota.waiting_list import offering
from quota.waiting_list.answering import decline_offer, lapse_offers
from quota.waiting_list.enums import OfferStatus
from quota.waiting_list.models import Offer, Wish
from tests.factories.applicants import make_person
from tests.factories.appointments import make_application
from tests.factories.quota import make_office
from tests.factories.waiting_list import come_free, full_slot, make_offer, make_wish
from tests.races.crowd import DEADLINE, at_once

SEATS, PEOPLE, WISHES, SESSIONS = 20, 48, 30, 10

pytestmark = pytest.mark.django_db(transaction=True)


def seats_by_state(slot: Slot) -> Counter[str]:
    """Free, held or returning: each seat is one of them."""
    return Counter(
        "held" if holder else "returning" if returns_at else "free"
        for holder, returns_at in slot.seats.values_list("holder", "returns_at")
    )


def wishes_in_line(slot: Slot, count: int, at: datetime) -> list[Wish]:
    return [make_wish(slot, at=at - timedelta(minutes=count - number)) for number in range(count)]


def test_return_seats_by_forty_eight_at_once_offers_each_seat_once_and_in_order() -> None:
    slot, at = full_slot(seats=SEATS), clock.now()
    line = wishes_in_line(slot, WISHES, at)
    come_free(slot, seats=SEATS, at=at)

    def deed(person: int) -> str:
        return_seats(at=at, batch=1 + person % 3)
        return "done"

    assert at_once(deed, PEOPLE) == {"done": PEOPLE}

    offers = Offer.objects.order_by("pk")
    holders = [holder for offer in offers for holder in offer.holders]
    assert {offer.wish_id for offer in offers} == {wish.pk for wish in line[:SEATS]}
    assert sorted(holders) == sorted(str(seat.holder) for seat in slot.seats.all())
    assert Notice.objects.filter(template__endswith="seat_offered").count() == SEATS
    assert list(broken(at=at)) == []


def sessions_with_one_wish(at: datetime) -> list[Slot]:
    """Sessions in which a seat comes free, and one wish that all of them fit."""
    office = make_office()
    start = office.local(at + timedelta(days=10)).replace(hour=7, minute=0)
    slots = [
        full_slot(office=office, starts_at=start + timedelta(hours=hour))
        for hour in range(SESSIONS)
    ]
    make_wish(slots[0], at=at)
    for slot in slots:
        come_free(slot, at=at)
    return slots


def rush_for_one_wish() -> None:
    at = clock.now()
    slots = sessions_with_one_wish(at)

    def deed(_person: int) -> str:
        try:
            return_seats(at=at, batch=1)
        except IntegrityError:
            return "two offers to one wish"
        return "done"

    assert at_once(deed, len(slots)) == {"done": len(slots)}
    assert Offer.objects.count() == 1
    assert sum((seats_by_state(slot) for slot in slots), Counter()) == {
        "held": 1,
        "free": len(slots) - 1,
    }


def test_return_seats_of_many_sessions_at_once_makes_one_offer_to_one_wish() -> None:
    rush_for_one_wish()


def test_control_offering_without_the_lock_of_the_list_makes_two_offers_to_one_wish(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same rush with the guard off: PostgreSQL's own rule is then all that is left."""
    everybody_looked = threading.Barrier(SESSIONS)
    monkeypatch.setattr(offering, "serve_alone", lambda: everybody_looked.wait(timeout=DEADLINE))

    with pytest.raises(AssertionError, match="two offers to one wish"):
        rush_for_one_wish()


def test_answers_lapses_and_returns_at_once_lose_no_seat() -> None:
    slot, at = full_slot(seats=SEATS), clock.now()
    for wish in wishes_in_line(slot, WISHES, at):
        identity = wish.members.get().identity
        make_application(person=Person.objects.get(identity__code=identity), at=at)
    come_free(slot, seats=SEATS, at=at)
    return_seats(at=at)
    offers = list(Offer.objects.select_related("wish__account").order_by("pk"))
    over = max(offer.until for offer in offers)

    def deed(person: int) -> str:
        offer = offers[person % len(offers)]
        try:
            if person % 4 == 0:
                lapse_offers(at=over, batch=2)
            elif person % 4 == 1:
                decline_offer(offer=offer, by="test", at=at)
            elif person % 4 == 2:
                return_seats(at=over)
            else:
                accept_offer(offer=offer, by=offer.wish.account, at=at)
        except Refusal as no:
            return no.code
        return "done"

    outcome = at_once(deed, PEOPLE)

    assert set(outcome) <= {"done", "offer-over"}
    while return_seats(at=over):
        pass
    kept = Appointment.objects.count() + Offer.objects.filter(status=OfferStatus.OPEN).count()
    states = seats_by_state(slot)
    assert (states["held"], states["held"] + states["free"]) == (kept, SEATS)
    assert list(broken(at=at)) == []


def test_accept_offer_by_forty_eight_at_once_holds_one_seat() -> None:
    slot, at = full_slot(), clock.now()
    person = make_person()
    make_application(person=person, at=at)
    offer = make_offer(slot, make_wish(slot, person, at=at), at=at)

    def deed(_person: int) -> str:
        [held] = accept_offer(offer=offer, by=person.account, at=at)
        return held.code

    assert at_once(deed, PEOPLE) == {Appointment.objects.get().code: PEOPLE}
    assert slot.seats.get().holder == Appointment.objects.get().code


def test_accept_offer_while_it_lapses_is_one_or_the_other() -> None:
    at = clock.now()
    offers = []
    for _number in range(8):
        slot, person = full_slot(), make_person()
        make_application(person=person, at=at)
        offers.append(make_offer(slot, make_wish(slot, person, at=at), at=at))
    over = max(offer.until for offer in offers)

    def deed(number: int) -> str:
        if number % 2:
            lapse_offers(at=over)
            return "swept"
        offer = offers[number // 2]
        try:
            accept_offer(offer=offer, by=offer.wish.account, at=at)
        except Refusal as no:
            return no.code
        return "accepted"

    outcome = at_once(deed, 16)

    accepted = Offer.objects.filter(status=OfferStatus.ACCEPTED).count()
    lapsed = Offer.objects.filter(status=OfferStatus.LAPSED).count()
    assert (accepted, accepted + lapsed) == (outcome["accepted"], 8)
    assert Seat.objects.exclude(holder=None).count() == accepted == Appointment.objects.count()


def test_leftovers_offered_while_people_book_take_no_seat_from_anybody() -> None:
    """Half take seats, half offer them: each seat has one owner, and nobody books what is gone."""
    slot, at = full_slot(seats=SEATS), clock.now()
    wishes_in_line(slot, WISHES, at)
    Seat.objects.filter(slot=slot).update(holder=None)
    Release.objects.filter(pk=slot.release_id).update(opened_at=at - timedelta(days=1))
    booked: list[str] = []

    def deed(person: int) -> str:
        if person % 2:
            offer_leftovers(at=at)
            return "offered"
        try:
            with transaction.atomic():
                take_seat(slot=slot, holder=f"taker{person}")
        except SlotFull:
            return "full"
        booked.append(f"taker{person}")
        return "booked"

    outcome = at_once(deed, PEOPLE)

    holders = [str(seat.holder) for seat in slot.seats.exclude(holder=None)]
    offered = [holder for offer in Offer.objects.all() for holder in offer.holders]
    assert sorted(holders) == sorted(booked + offered)
    assert (len(booked), len(set(holders))) == (outcome["booked"], len(holders))
    assert seats_by_state(slot)["returning"] == 0
    assert Offer.objects.count() == len(set(Offer.objects.values_list("wish", flat=True)))


def test_leftovers_pass_over_the_seat_that_somebody_is_taking() -> None:
    slot, at = full_slot(seats=1), clock.now()
    make_wish(slot, at=at)
    Seat.objects.filter(slot=slot).update(holder=None)
    Release.objects.filter(pk=slot.release_id).update(opened_at=at - timedelta(days=1))
    taken, offered = threading.Event(), threading.Event()

    def deed(person: int) -> str:
        if person:
            assert taken.wait(timeout=DEADLINE)
            seats = offer_leftovers(at=at)
            offered.set()
            return f"{seats} offered"
        with transaction.atomic():
            take_seat(slot=slot, holder="taker")
            taken.set()
            assert offered.wait(timeout=DEADLINE)
        return "booked"

    assert at_once(deed, 2) == {"0 offered": 1, "booked": 1}
    assert slot.seats.get().holder == "taker"
