"""Who loses a seat of the waiting list by time has the old place on the list again, once."""

from datetime import datetime, timedelta

import pytest

from applicants.models import Person
from appointments.accepting import accept_offer
from appointments.booking import lapse_holds, release_hold
from appointments.confirming import expire
from appointments.invariants import broken
from appointments.models import Appointment
from appointments.submitting import request_payment
from mpaspor.audit import trail
from mpaspor.core import clock
from payments.enums import BillStatus
from payments.fees import load_fees
from payments.models import Bill
from quota.returning import return_seats
from quota.waiting_list.enums import WishStatus
from quota.waiting_list.models import Offer, Wish
from tests.database import check_deferred, triggers_off
from tests.factories.appointments import make_application
from tests.factories.waiting_list import come_free, full_slot, make_offer, make_wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return clock.now()


def accepted(at: datetime, *, people: int = 1) -> tuple[Wish, list[Appointment]]:
    slot = full_slot(seats=people)
    wish = make_wish(slot, people=people, at=at - timedelta(days=1))
    codes = list(wish.members.values_list("identity", flat=True))
    for person in Person.objects.filter(identity__code__in=codes):
        make_application(person=person, at=at)
    offer = make_offer(slot, wish, at=at)
    return wish, accept_offer(offer=offer, by=wish.account, at=at)


def now(wish: Wish) -> tuple[str, int, int]:
    """Its status, its size and how many it waits for."""
    fresh = Wish.objects.get(pk=wish.pk)
    return fresh.status, fresh.size, fresh.members.filter(live=True).count()


def test_hold_that_lapses_gives_the_old_place_back(at: datetime) -> None:
    wish, [held] = accepted(at)
    assert now(wish) == (WishStatus.SERVED, 1, 0)

    assert [lapse_holds(at=held.hold_until), lapse_holds(at=held.hold_until)] == [1, 0]

    check_deferred()
    assert now(wish) == (WishStatus.WAITING, 1, 1)
    assert Wish.objects.get(pk=wish.pk).placed_at == at - timedelta(days=1)
    assert [entry.deed for entry in trail.of(f"wish:{wish.code}")][-1] == "wish.give_back"
    assert list(broken(at=at)) == []


def test_bill_that_expires_gives_the_old_place_back(at: datetime) -> None:
    load_fees()
    wish, [held] = accepted(at)
    request_payment(appointment=held, by="test", at=at)
    bill = Bill.objects.get()
    with triggers_off():
        Bill.objects.update(status=BillStatus.EXPIRED, closed_at=at)

    for _twice in range(2):
        expire(bill_code=bill.code, at=at)

    assert now(wish) == (WishStatus.WAITING, 1, 1)


def test_hold_that_is_given_back_gives_no_place_back(at: datetime) -> None:
    wish, [held] = accepted(at)

    release_hold(appointment=held, by="test", at=at)
    lapse_holds(at=held.hold_until)

    assert now(wish) == (WishStatus.SERVED, 1, 0)


def test_second_hold_that_lapses_gives_no_place_back(at: datetime) -> None:
    wish, [held] = accepted(at)
    lapse_holds(at=held.hold_until)
    other = full_slot(office=held.slot.office, starts_at=held.slot.starts_at + timedelta(hours=1))
    come_free(other, at=held.hold_until)
    return_seats(at=held.hold_until)
    second = Offer.objects.select_related("wish").get(wish=wish, slot=other)
    [again] = accept_offer(offer=second, by=wish.account, at=held.hold_until)

    lapse_holds(at=again.hold_until)

    assert now(wish) == (WishStatus.SERVED, 1, 0)


def test_party_that_lapses_has_its_place_back_with_everybody(at: datetime) -> None:
    wish, held = accepted(at, people=3)

    lapse_holds(at=held[0].hold_until)

    check_deferred()
    assert now(wish) == (WishStatus.WAITING, 3, 3)


def test_hold_that_lapses_after_the_days_of_the_wish_gives_no_place_back(at: datetime) -> None:
    wish, _held = accepted(at)

    lapse_holds(at=at + timedelta(days=60))

    assert now(wish) == (WishStatus.SERVED, 1, 0)


def test_hold_that_lapses_while_a_new_wish_waits_gives_no_place_back(at: datetime) -> None:
    wish, [held] = accepted(at)
    make_wish(full_slot(), held.application.person, at=at)

    lapse_holds(at=held.hold_until)

    assert now(wish) == (WishStatus.SERVED, 1, 0)
