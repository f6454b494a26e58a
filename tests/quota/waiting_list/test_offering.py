"""Seats that come free go to the oldest wish that fits, and only then to everybody."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction

from mpaspor.audit import trail
from mpaspor.core import clock
from quota.capacity import change_capacity
from quota.closing import close_session
from quota.enums import Reserve, Service
from quota.models import Slot
from quota.reserves import end_reserves
from quota.returning import return_seats
from quota.seats import SlotFull, give_back, take_seat
from quota.waiting_list.answering import decline_offer, lapse_offers
from quota.waiting_list.enums import Hours, OfferStatus, WishStatus
from quota.waiting_list.models import Offer, Wish
from quota.waiting_list.wishing import change_wish, leave, withdraw_wish
from tests.database import check_deferred, sql
from tests.factories.quota import make_office, make_open_slot, make_terms
from tests.factories.waiting_list import come_free, full_slot, make_offer, make_wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return clock.now()


def offered_to() -> list[Wish]:
    offers = Offer.objects.filter(status=OfferStatus.OPEN).order_by("pk")
    return [offer.wish for offer in offers.select_related("wish")]


def free(slot: Slot) -> int:
    return Slot.objects.with_free().get(pk=slot.pk).free


def test_return_seats_offers_the_seat_to_the_oldest_wish_and_to_nobody_else(at: datetime) -> None:
    slot = full_slot()
    younger = make_wish(slot, at=at)
    oldest = make_wish(slot, at=at - timedelta(seconds=1))
    come_free(slot, at=at)

    assert return_seats(at=at) == 1

    check_deferred()
    offer = Offer.objects.get()
    assert offered_to() == [oldest]
    assert list(slot.seats.values_list("holder", "returns_at")) == [(offer.holders[0], None)]
    assert (free(slot), younger.offers.count()) == (0, 0)
    assert [entry.deed for entry in trail.of(f"offer:{offer.code}")] == ["offer.make"]
    with pytest.raises(SlotFull):
        take_seat(slot=slot, holder="A")


def test_return_seats_before_the_moment_offers_nothing(at: datetime) -> None:
    slot = full_slot()
    make_wish(slot, at=at)
    come_free(slot, at=at)

    assert return_seats(at=at - timedelta(microseconds=1)) == 0
    assert offered_to() == []


def test_return_seats_without_a_fitting_wish_frees_the_seat(at: datetime) -> None:
    slot = full_slot()
    come_free(slot, at=at)

    return_seats(at=at)

    assert free(slot) == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"hours": Hours.AFTERNOON},
        {"first_day": 1},
        {"last_day": -1},
        {"offices": True},
        {"service": Service.ACCELERATED},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_return_seats_passes_over_a_wish_that_does_not_fit(
    at: datetime, facts: dict[str, Any]
) -> None:
    slot = full_slot()
    for name in ("first_day", "last_day"):
        if name in facts:
            facts = {name: slot.date + timedelta(days=facts[name])}
    if "offices" in facts:
        facts = {"offices": [make_office().code]}
    make_wish(slot, at=at - timedelta(hours=1), **facts)
    fitting = make_wish(slot, at=at)
    come_free(slot, at=at)

    return_seats(at=at)

    assert offered_to() == [fitting]


@pytest.mark.parametrize(
    ("starts", "part"), [(time(11, 59), Hours.MORNING), (time(12), Hours.AFTERNOON)]
)
def test_fitting_divides_the_day_at_noon_of_the_office(
    at: datetime, starts: time, part: Hours
) -> None:
    office = make_office(zone="Asia/Jayapura")
    day = office.local(at + timedelta(days=10))
    starts_at = day.replace(hour=starts.hour, minute=starts.minute, second=0, microsecond=0)
    slot = full_slot(office=office, starts_at=starts_at)
    wishes = {hours: make_wish(slot, at=at, hours=hours) for hours in (part, Hours.ANY)}
    for other in {Hours.MORNING, Hours.AFTERNOON} - {part}:
        make_wish(slot, at=at - timedelta(hours=1), hours=other)
    come_free(slot, at=at)

    return_seats(at=at)

    assert offered_to() == [wishes[part]]


def test_return_seats_gives_a_party_its_seats_together_or_passes_to_the_next(at: datetime) -> None:
    slot = full_slot(seats=5)
    party = make_wish(slot, people=3, at=at - timedelta(hours=2))
    pair = make_wish(slot, people=2, at=at - timedelta(hours=1))
    come_free(slot, seats=2, at=at)
    return_seats(at=at)
    assert offered_to() == [pair]

    come_free(slot, seats=3, at=at)
    return_seats(at=at)

    check_deferred()
    assert offered_to() == [pair, party]
    assert len(set(Offer.objects.get(wish=party).holders)) == 3


def test_return_seats_offers_a_wish_one_seat_at_a_time(at: datetime) -> None:
    slot = full_slot(seats=3)
    wish = make_wish(slot, at=at)
    come_free(slot, seats=2, at=at)

    return_seats(at=at)

    assert (offered_to(), free(slot)) == ([wish], 1)


def test_offer_is_open_for_the_minutes_of_the_terms(at: datetime) -> None:
    office = make_office()
    make_terms(office=office, offer_minutes=45)

    assert make_offer(full_slot(office=office), at=at).until == at + timedelta(minutes=45)


def test_offer_ends_so_long_before_the_session_as_the_terms_say(at: datetime) -> None:
    slot = full_slot(starts_at=at + timedelta(hours=4))

    assert make_offer(slot, at=at).until == at + timedelta(hours=1)


@pytest.mark.parametrize(("minutes", "offers"), [(195, 1), (194, 0)])
def test_return_seats_with_too_little_time_to_answer_frees_the_seat(
    at: datetime, minutes: int, offers: int
) -> None:
    slot = full_slot(starts_at=at + timedelta(minutes=minutes))
    make_wish(slot, at=at)
    come_free(slot, at=at)

    return_seats(at=at)

    assert (len(offered_to()), free(slot)) == (offers, 1 - offers)


def test_return_seats_of_a_closed_session_offers_nothing(at: datetime) -> None:
    slot = full_slot()
    make_wish(slot, at=at)
    close_session(slot=slot, reason="x", by="test", at=at)
    come_free(slot, at=at)

    return_seats(at=at)

    assert offered_to() == []


# Other seats that serve the list


def test_give_back_with_zero_in_the_terms_waits_for_the_list_where_somebody_waits(
    at: datetime,
) -> None:
    slot = make_open_slot(seats=1)
    take_seat(slot=slot, holder="A")
    wish = make_wish(slot, at=at)

    give_back(holder="A", at=at)

    assert slot.seats.get().returns_at == at
    return_seats(at=at)
    assert offered_to() == [wish]


def test_change_capacity_up_serves_the_list_first(at: datetime) -> None:
    slot = full_slot()
    wish = make_wish(slot, at=at)

    change_capacity(slot=slot, seats=3, reason="x", by="test", at=at)
    return_seats(at=at)

    assert (offered_to(), free(slot)) == ([wish], 1)


def test_end_reserves_serves_the_list_first(at: datetime) -> None:
    office = make_office()
    make_terms(office=office, reserve_days=11)
    slot = full_slot(office=office, starts_at=at + timedelta(days=7))
    slot.seats.update(holder=None, reserve=Reserve.ASSISTED)
    wish = make_wish(slot, at=at)

    assert end_reserves(at=at) == 1
    return_seats(at=at)

    assert offered_to() == [wish]


# How an offer ends


def test_lapse_offers_ends_an_offer_to_the_second_and_asks_the_next(at: datetime) -> None:
    slot = full_slot()
    offer = make_offer(slot, at=at)
    following = make_wish(slot, at=at)

    assert lapse_offers(at=offer.until - timedelta(microseconds=1)) == 0
    assert lapse_offers(at=offer.until) == 1
    assert lapse_offers(at=offer.until) == 0
    return_seats(at=offer.until)

    check_deferred()
    assert offered_to() == [following]
    offer.refresh_from_db()
    assert (offer.status, offer.wish.status) == (OfferStatus.LAPSED, WishStatus.WAITING)


def test_lapse_offers_without_another_wish_frees_the_seat_at_once(at: datetime) -> None:
    slot = full_slot()
    offer = make_offer(slot, at=at)

    lapse_offers(at=offer.until)
    return_seats(at=offer.until)

    assert free(slot) == 1


def test_decline_offer_keeps_the_place_and_is_not_asked_about_this_session_again(
    at: datetime,
) -> None:
    slot = full_slot()
    offer = make_offer(slot, at=at)
    elsewhere = full_slot(office=slot.office, starts_at=slot.starts_at + timedelta(hours=1))
    make_wish(elsewhere, at=at + timedelta(seconds=1), hours=Hours.ANY)

    decline_offer(offer=offer, by="test", at=at)
    decline_offer(offer=offer, by="test", at=at)
    come_free(elsewhere, at=at)
    return_seats(at=at)

    check_deferred()
    assert Offer.objects.get(slot=elsewhere).wish == offer.wish
    assert offer.wish.placed_at == at


def test_offer_that_lapses_twice_closes_the_wish(at: datetime) -> None:
    slot = full_slot()
    offer = make_offer(slot, at=at)
    lapse_offers(at=offer.until)
    other = full_slot(office=slot.office, starts_at=slot.starts_at + timedelta(hours=1))
    come_free(other, at=at)
    return_seats(at=offer.until)

    again = Offer.objects.get(slot=other)
    lapse_offers(at=again.until)

    wish = Wish.objects.get(pk=offer.wish_id)
    assert (wish.status, wish.lapsed) == (WishStatus.UNANSWERED, 2)
    assert list(wish.members.values_list("live", flat=True)) == [False]


def test_withdraw_wish_gives_the_offered_seat_to_the_next(at: datetime) -> None:
    slot = full_slot()
    offer = make_offer(slot, at=at)
    following = make_wish(slot, at=at)

    withdraw_wish(wish=offer.wish, by="test", at=at)
    withdraw_wish(wish=offer.wish, by="test", at=at)
    return_seats(at=at)

    check_deferred()
    assert offered_to() == [following]


def test_leave_of_one_of_a_party_keeps_the_others_in_line(at: datetime) -> None:
    wish = make_wish(full_slot(seats=2), people=2, at=at)
    one, other = (member.identity for member in wish.members.order_by("pk"))

    for _twice in range(2):
        leave(wish=wish, identity=one, status=WishStatus.SERVED, by="test", at=at)
    wish.refresh_from_db()
    assert (wish.size, wish.status) == (1, WishStatus.WAITING)

    leave(wish=wish, identity=other, status=WishStatus.SERVED, by="test", at=at)
    wish.refresh_from_db()
    assert wish.status == WishStatus.SERVED


def test_change_wish_keeps_its_place(at: datetime) -> None:
    slot, elsewhere = full_slot(), full_slot()
    wish = make_wish(slot, at=at - timedelta(hours=1))
    make_wish(elsewhere, at=at)

    change_wish(
        wish=wish,
        offices=[elsewhere.office.code],
        first_day=elsewhere.date,
        last_day=elsewhere.date,
        hours=Hours.ANY,
        service=Service.REGULAR,
        by="test",
        at=at,
    )
    come_free(elsewhere, at=at)
    return_seats(at=at)

    assert offered_to() == [wish]


# What PostgreSQL guards


@transaction.atomic
def slyly(*statements: str) -> None:
    for statement in statements:
        sql(statement)
    check_deferred()


def test_ended_offer_that_keeps_its_seat_is_stopped_by_the_database(at: datetime) -> None:
    make_offer(at=at)
    check_deferred()

    with pytest.raises(InternalError, match="still owns a seat"):
        slyly("UPDATE quota_offer SET status = 'lapsed', ended_at = until")


def test_two_open_offers_of_one_seat_are_stopped_by_the_database(at: datetime) -> None:
    slot = full_slot()
    offer, other = make_offer(slot, at=at), make_wish(slot, at=at)
    copy = f"""INSERT INTO quota_offer (code, wish_id, slot_id, holders, status, made_at, until)
               SELECT 'X', {other.pk}, slot_id, '{{B}}', status, made_at, until FROM quota_offer"""

    with pytest.raises(InternalError, match=f"{offer.code} does not own its seats"):
        slyly("UPDATE quota_seat SET holder = 'B'", copy)


def test_second_open_offer_to_a_wish_is_stopped_by_the_database(at: datetime) -> None:
    offer = make_offer(at=at)
    offer.pk, offer.code = None, "X"

    with pytest.raises(IntegrityError, match="one_open_offer"):
        offer.save(force_insert=True)


def test_ended_offer_that_opens_again_is_stopped_by_the_database(at: datetime) -> None:
    offer = make_offer(at=at)
    decline_offer(offer=offer, by="test", at=at)

    with pytest.raises(Exception, match="Invalid transition"):
        sql("UPDATE quota_offer SET status = 'open', ended_at = NULL")
