"""Paid in time and known late: the same seat, an equal one, a free choice, or a case."""

from datetime import datetime, timedelta

import pytest

from appointments.confirming import catch_up, confirm, expire, follow_paid
from appointments.invariants import broken
from appointments.models import Application, Appointment
from appointments.restoring import NothingToChoose, choose_paid, end_choices
from appointments.submitting import request_payment
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from payments.cases import approve, close, mark_sent, propose_refund
from payments.models import Bill, Case
from payments.settlement import settle
from quota.models import Seat, Slot
from quota.seats import TooFewSeats
from tests.database import check_deferred
from tests.factories.applicants import make_user
from tests.factories.appointments import make_application, make_awaiting, make_held, make_money
from tests.factories.quota import make_office, make_open_slot, make_terms

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def slot() -> Slot:
    """One seat only."""
    return make_open_slot(seats=1)


def bill_of(appointment: Appointment) -> Bill:
    assert appointment.bill is not None
    return appointment.bill


def given_up(slot: Slot, at: datetime) -> Appointment:
    """Its bill expired and the seat went back."""
    appointment = make_awaiting(slot=slot, at=at)
    Bill.objects.filter(pk=bill_of(appointment).pk).update(status="expired", closed_at=at)
    expire(bill_code=bill_of(appointment).code, at=at)
    return appointment


def known_late(appointment: Appointment, at: datetime) -> None:
    """The bank tells of money that was in time, and what follows from it has followed."""
    bill = bill_of(appointment)
    settle(bill_code=bill.code, money=make_money(bill, at=at), by="test", at=at)
    for _ in range(2):
        follow_paid(bill_code=bill.code, at=at)
    check_deferred()
    assert list(broken(at=at + timedelta(minutes=2))) == []


def state(appointment: Appointment) -> tuple[str, str, Slot]:
    row = Appointment.objects.select_related("application", "slot").get(pk=appointment.pk)
    return row.status, row.application.status, row.slot


def cases() -> list[tuple[str, str]]:
    return list(Case.objects.order_by("pk").values_list("kind", "status"))


def told() -> list[str]:
    references = Notice.objects.order_by("pk").values_list("reference", flat=True)
    return [reference.split(":")[0] for reference in references]


def take_all(slot: Slot) -> None:
    """As if its last seats had been taken, and then were no more."""
    Seat.objects.filter(slot=slot, holder=None).delete()
    Slot.objects.filter(pk=slot.pk).update(capacity=0)


def later(slot: Slot, by: timedelta) -> Slot:
    return make_open_slot(office=slot.office, starts_at=slot.starts_at + by, seats=1)


def test_restore_gives_the_same_seat_back_if_it_is_free(slot: Slot, at: datetime) -> None:
    appointment = given_up(slot, at)
    known_late(appointment, at)
    assert state(appointment) == ("confirmed", "scheduled", slot)
    assert (cases(), told()) == ([], ["expired", "restored"])


def test_restore_takes_the_seat_that_waits_to_return(slot: Slot, at: datetime) -> None:
    make_terms(office=slot.office, returns_after_minutes=60, returns_within_minutes=90)
    appointment = given_up(slot, at)
    assert Seat.objects.exclude(returns_at=None).count() == 1
    known_late(appointment, at)
    assert state(appointment) == ("confirmed", "scheduled", slot)


def test_restore_takes_what_is_kept_for_restorations(slot: Slot, at: datetime) -> None:
    appointment = given_up(slot, at)
    Seat.objects.filter(slot=slot).update(reserve="restoration")
    known_late(appointment, at)
    assert state(appointment) == ("confirmed", "scheduled", slot)


def test_restore_never_takes_what_is_kept_for_others(slot: Slot, at: datetime) -> None:
    appointment = given_up(slot, at)
    Seat.objects.filter(slot=slot).update(reserve="assisted")
    known_late(appointment, at)
    assert state(appointment) == ("expired", "paid", slot)


@pytest.mark.parametrize(
    ("others", "chosen"),
    [
        ([3 * HOUR, -2 * HOUR, DAY], 1),  # the same day, the nearest hour
        ([2 * HOUR, -2 * HOUR], 1),  # equally near: the earlier one
        ([2 * DAY, DAY + HOUR, -DAY], 1),  # the nearest day after it, never one before
        ([DAY + 2 * HOUR, DAY], 1),  # of that day the nearest hour
        ([14 * DAY, 15 * DAY], 0),
    ],
)
def test_restore_gives_the_nearest_equal_seat(
    slot: Slot, at: datetime, others: list[timedelta], chosen: int
) -> None:
    appointment = given_up(slot, at)
    take_all(slot)
    slots = [later(slot, by) for by in others]
    known_late(appointment, at)
    assert state(appointment) == ("confirmed", "scheduled", slots[chosen])
    assert told() == ["expired", "restored_elsewhere"]


def test_restore_gives_no_unequal_seat(slot: Slot, at: datetime) -> None:
    """Another office, another service, too far away."""
    appointment = given_up(slot, at)
    take_all(slot)
    make_open_slot(office=make_office(), starts_at=slot.starts_at)
    make_open_slot(office=slot.office, starts_at=slot.starts_at + HOUR, service="accelerated")
    later(slot, 15 * DAY)
    known_late(appointment, at)
    assert state(appointment) == ("expired", "paid", slot)
    assert cases() == [("choose_again", "open")]


def chooser(slot: Slot, at: datetime) -> Appointment:
    appointment = given_up(slot, at)
    take_all(slot)
    known_late(appointment, at)
    return Appointment.objects.select_related("application__account").get(pk=appointment.pk)


def choose(appointment: Appointment, slot: Slot, at: datetime) -> None:
    application = appointment.application
    choose_paid(application=application, slot_code=slot.code, by=application.account, at=at)


def test_choose_paid_confirms_at_once_and_closes_the_case(slot: Slot, at: datetime) -> None:
    appointment, chosen = chooser(slot, at), make_open_slot(seats=1)
    choose(appointment, chosen, at)
    check_deferred()
    assert state(appointment) == ("confirmed", "scheduled", chosen)
    assert Case.objects.get().ending == "seated"
    assert list(broken(at=at + timedelta(minutes=2))) == []
    with pytest.raises(NothingToChoose):
        choose(appointment, make_open_slot(), at)


def test_choose_paid_of_a_full_session_is_refused_and_changes_nothing(
    slot: Slot, at: datetime
) -> None:
    appointment, full = chooser(slot, at), make_open_slot(seats=0)
    with pytest.raises(TooFewSeats):
        choose(appointment, full, at)
    assert state(appointment) == ("expired", "paid", slot)
    assert cases() == [("choose_again", "open")]


def test_refund_instead_of_a_choice_ends_the_application(slot: Slot, at: datetime) -> None:
    appointment, case = chooser(slot, at), Case.objects.get()
    one, other = make_user("satu@example.test"), make_user("dua@example.test")
    propose_refund(case_code=case.code, by=one, at=at)
    approve(case_code=case.code, by=other, at=at)
    with pytest.raises(NothingToChoose):
        choose(appointment, make_open_slot(), at)
    mark_sent(case_code=case.code, reference="1", by=one, at=at)
    close(case_code=case.code, by=one, at=at)
    assert (end_choices(at=at), end_choices(at=at)) == (1, 0)
    assert state(appointment) == ("expired", "expired", slot)
    assert list(broken(at=at + timedelta(minutes=2))) == []


def again(appointment: Appointment, at: datetime) -> Application:
    return make_application(person=appointment.application.person, at=at)


def test_restore_where_the_person_has_another_bill_is_a_duplicate(slot: Slot, at: datetime) -> None:
    appointment = given_up(slot, at)
    held = make_held(application=again(appointment, at), at=at)
    request_payment(appointment=held, by="test", at=at)
    known_late(appointment, at)
    assert state(appointment) == ("expired", "expired", slot)
    assert cases() == [("duplicate", "open")]


def test_restore_comes_before_a_seat_that_is_only_held(slot: Slot, at: datetime) -> None:
    appointment = given_up(slot, at)
    held = make_held(application=again(appointment, at), at=at)
    known_late(appointment, at)
    held.refresh_from_db()
    assert (state(appointment)[0], held.status) == ("confirmed", "released")


def test_catch_up_repeats_what_a_crash_lost_after_late_money(slot: Slot, at: datetime) -> None:
    appointment = given_up(slot, at)
    bill = bill_of(appointment)
    settle(bill_code=bill.code, money=make_money(bill, at=at), by="test", at=at)
    assert (catch_up(at=at), catch_up(at=at)) == (1, 0)
    assert state(appointment)[:2] == ("confirmed", "scheduled")


def test_catch_up_of_a_paid_bill_whose_appointment_is_forgotten_is_a_case(
    slot: Slot, at: datetime
) -> None:
    appointment = given_up(slot, at)
    bill = bill_of(appointment)
    Appointment.objects.all().delete()
    settle(bill_code=bill.code, money=make_money(bill, at=at), by="test", at=at)
    catch_up(at=at)
    assert (catch_up(at=at), cases()) == (0, [("orphan", "open")])


@pytest.mark.parametrize(
    ("facts", "kind"), [({"amount": 1}, "amount_mismatch"), ({"late": 1}, "late")]
)
def test_case_is_told_once(slot: Slot, at: datetime, facts: dict[str, int], kind: str) -> None:
    bill = bill_of(make_awaiting(slot=slot, at=at))
    money = make_money(bill, at=at + timedelta(days=facts.pop("late", 0)), **facts)
    settle(bill_code=bill.code, money=money, by="test", at=at)
    assert (catch_up(at=at), catch_up(at=at)) == (1, 0)
    case = Case.objects.get()
    assert (case.kind, case.told_at) == (kind, at)
    assert list(Notice.objects.values_list("reference", flat=True)) == [f"case:{case.code}"]


def test_void_bill_ends_the_appointment_like_an_expired_one(slot: Slot, at: datetime) -> None:
    appointment = make_awaiting(slot=slot, at=at)
    Bill.objects.update(status="void", closed_at=at)
    expire(bill_code=bill_of(appointment).code, at=at)
    confirm(bill_code=bill_of(appointment).code, at=at)
    assert state(appointment)[:2] == ("expired", "expired")


@pytest.mark.django_db(transaction=True)
def test_money_known_late_restores_by_itself_after_the_commit(slot: Slot, at: datetime) -> None:
    appointment = given_up(slot, at)
    bill = bill_of(appointment)
    settle(bill_code=bill.code, money=make_money(bill, at=at), by="test", at=at)
    assert state(appointment) == ("confirmed", "scheduled", slot)
