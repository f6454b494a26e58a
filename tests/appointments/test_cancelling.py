"""Cancelling: before paying nothing is lost, afterwards the fee; the seat goes back either way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from appointments.applying import start_again
from appointments.arrival import check_in
from appointments.cancelling import (
    BilledTogether,
    NotCancellable,
    PaidMeanwhile,
    TooLateToCancel,
    cancel,
)
from appointments.confirming import catch_up, confirm, expire
from appointments.invariants import broken
from appointments.models import Appointment
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from payments.models import Bill, Case
from payments.settlement import settle
from quota.enums import Zone
from quota.models import Seat
from tests.database import check_deferred
from tests.factories.appointments import (
    make_awaiting,
    make_billed_party,
    make_confirmed,
    make_held,
    make_money,
)
from tests.factories.quota import make_office, make_open_slot, make_terms

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def state(appointment: Appointment) -> tuple[str, str, str, int]:
    """Status, status of the application, of the bill, seats."""
    check_deferred()
    now = Appointment.objects.select_related("application", "bill").get(pk=appointment.pk)
    seats = Seat.objects.filter(holder=now.code).count()
    return now.status, now.application.status, now.bill.status if now.bill else "", seats


def states(party: list[Appointment]) -> list[str]:
    return [state(member)[0] for member in party]


def paid_party(people: int = 3) -> list[Appointment]:
    party = make_billed_party(people=people)
    pay(party[0])
    return party


def pay(appointment: Appointment) -> None:
    bill = bill_of(appointment)
    settle(bill_code=bill.code, money=make_money(bill), by="test", at=clock.now())
    confirm(bill_code=bill.code, at=clock.now())


def bill_of(appointment: Appointment) -> Bill:
    appointment.refresh_from_db()
    assert appointment.bill is not None
    return appointment.bill


def not_well(*, at: datetime) -> list[str]:
    """Broken rules, but for messages that wait: nobody sends any here."""
    return [line for line in broken(at=at) if not line.startswith("outbox")]


def told() -> list[str]:
    templates = Notice.objects.order_by("pk").values_list("template", flat=True)
    return [template.rpartition("/")[2] for template in templates]


def give_up(appointment: Appointment, **how: Any) -> list[Appointment]:
    return cancel(appointment=appointment, **how, by="test", at=clock.now())


@pytest.mark.parametrize(
    ("make", "bill", "notice"),
    [(make_awaiting, "void", "cancelled_unpaid"), (make_confirmed, "paid", "cancelled")],
)
def test_cancel_gives_the_seat_back_and_tells_once(
    make: Callable[[], Appointment], bill: str, notice: str
) -> None:
    mine = make()
    Notice.objects.all().delete()

    assert give_up(mine) == [mine]
    assert give_up(mine) == []

    assert state(mine) == ("cancelled", "cancelled", bill, 0)
    assert told() == [notice]
    deeds = [entry.deed for entry in trail.of(f"appointment:{mine.code}")]
    assert deeds.count("appointment.cancel") == 1
    assert not_well(at=clock.now() + timedelta(hours=1)) == []


def test_cancel_sends_the_seat_back_at_a_moment_that_nobody_knows() -> None:
    office = make_office()
    make_terms(office=office, returns_after_minutes=10, returns_within_minutes=120)
    mine = make_confirmed(slot=make_open_slot(office=office, seats=1))
    at = clock.now()

    cancel(appointment=mine, by="test", at=at)

    returns_at = Seat.objects.get(slot=mine.slot).returns_at
    assert returns_at is not None
    assert timedelta(minutes=10) <= returns_at - at <= timedelta(minutes=120)


def test_cancel_lets_the_person_begin_again() -> None:
    mine = make_confirmed()
    give_up(mine)
    draft = start_again(application=mine.application, by="test", at=clock.now())
    assert make_held(application=draft).status == "held"


@pytest.mark.parametrize("make", [make_awaiting, make_confirmed])
@pytest.mark.parametrize("zone", Zone)
@pytest.mark.parametrize("second", [-1, 0, 1])
def test_cancel_until_the_session_begins(
    make: Callable[..., Appointment], zone: Zone, second: int
) -> None:
    mine = make(slot=make_open_slot(office=make_office(zone=zone)))
    at = mine.slot.starts_at + second * SECOND
    if second < 0:
        assert cancel(appointment=mine, by="test", at=at) == [mine]
        return
    with pytest.raises(TooLateToCancel) as no:
        cancel(appointment=mine, by="test", at=at)
    assert no.value.facts["began"].endswith(zone.label)
    assert state(mine)[3] == 1


def arrived() -> Appointment:
    mine = make_confirmed()
    office, at = mine.slot.office, mine.slot.starts_at
    return check_in(appointment=mine, office=office, by="test", at=at)


def run_out() -> Appointment:
    mine = make_awaiting()
    bill = bill_of(mine)
    Bill.objects.filter(pk=bill.pk).update(status="expired", closed_at=clock.now())
    expire(bill_code=bill.code, at=clock.now())
    return mine


@pytest.mark.parametrize("make", [make_held, arrived, run_out])
def test_cancel_of_what_is_neither_billed_nor_confirmed_is_refused(
    make: Callable[[], Appointment],
) -> None:
    mine = make()
    before = state(mine)
    with pytest.raises(NotCancellable):
        give_up(mine)
    assert state(mine) == before


@pytest.mark.parametrize(
    ("alone", "after"),
    [
        (False, ["cancelled", "cancelled", "cancelled"]),
        (True, ["confirmed", "cancelled", "confirmed"]),
    ],
)
def test_cancel_of_a_paid_party_is_for_all_or_for_one(alone: bool, after: list[str]) -> None:
    party = paid_party()
    give_up(party[1], alone=alone)
    assert states(party) == after
    assert not_well(at=clock.now() + timedelta(hours=1)) == []


def test_cancel_of_an_unpaid_party_is_for_all() -> None:
    party = make_billed_party()
    with pytest.raises(BilledTogether):
        give_up(party[0], alone=True)
    assert states(party) == ["awaiting_payment"] * 3

    assert give_up(party[0]) == party

    assert states(party) == ["cancelled"] * 3


def test_cancel_alone_of_an_unpaid_bill_for_one_is_the_same_as_for_all() -> None:
    mine = make_awaiting()
    assert give_up(mine, alone=True) == [mine]


def test_cancel_when_the_money_was_quicker_changes_nothing() -> None:
    mine = make_awaiting()
    bill = bill_of(mine)
    settle(bill_code=bill.code, money=make_money(bill), by="test", at=clock.now())

    with pytest.raises(PaidMeanwhile), transaction.atomic():
        give_up(mine)

    assert state(mine) == ("awaiting_payment", "submitted", "paid", 1)


@pytest.mark.parametrize("minutes", [1, 300])
def test_money_for_a_cancelled_bill_is_a_case_and_seats_nobody(minutes: int) -> None:
    mine = make_awaiting()
    give_up(mine)
    bill, at = bill_of(mine), clock.now() + timedelta(minutes=minutes)

    settle(bill_code=bill.code, money=make_money(bill, at=at), by="test", at=at)
    catch_up(at=at)

    assert state(mine) == ("cancelled", "cancelled", "void", 0)
    assert [case.kind for case in Case.objects.all()] == ["dead_bill"]


def test_late_words_about_the_bill_bring_a_cancelled_appointment_back_to_nothing() -> None:
    """Both sweeps after a crash: neither touches it."""
    paid, unpaid = make_confirmed(), make_awaiting()
    for mine in (paid, unpaid):
        give_up(mine)
    at: datetime = clock.now() + timedelta(days=1)

    assert catch_up(at=at) == 0

    assert [state(mine)[0] for mine in (paid, unpaid)] == ["cancelled", "cancelled"]
