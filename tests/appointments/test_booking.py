"""Holding a seat, moving the hold, giving it back, and asking for the bill."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction

from appointments.applying import AlreadyActive, NotADraft
from appointments.booking import (
    SeatElsewhere,
    hold_seat,
    lapse_holds,
    release_hold,
)
from appointments.enums import AppointmentStatus, Book, ServiceClass
from appointments.models import Application, Appointment
from appointments.priority import OtherService
from appointments.submitting import HoldLapsed, lines_of, request_payment
from mpaspor.audit import trail
from mpaspor.core import clock
from payments.models import Bill
from payments.tariffs import TariffMissing
from quota.enums import ReleaseStatus
from quota.models import Seat, Slot
from quota.queries import SlotGone, TermsMissing
from quota.seats import SlotFull, take_seat
from tests.database import check_deferred, sql
from tests.factories.applicants import make_person, valid_nik
from tests.factories.appointments import make_application, make_awaiting, make_confirmed, make_held
from tests.factories.quota import make_office, make_open_slot, make_terms

pytestmark = pytest.mark.django_db

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def at() -> datetime:
    return clock.now()


def hold(application: Application, slot: Slot, at: datetime) -> Appointment:
    held = hold_seat(application=application, slot_code=slot.code, by=application.account, at=at)
    check_deferred()
    return held


def pay(held: Appointment, at: datetime) -> Appointment:
    billed = request_payment(appointment=held, by=held.application.account, at=at)
    check_deferred()
    return billed


def taken(slot: Slot) -> list[str]:
    """Who has seats of it."""
    return sorted(seat.holder for seat in Seat.objects.filter(slot=slot) if seat.holder)


def fill(slot: Slot) -> None:
    for number in range(slot.capacity):
        take_seat(slot=slot, holder=f"FULL{slot.pk}-{number}")


def states(application: Application) -> list[str]:
    rows = Appointment.objects.filter(application=application).order_by("pk")
    return list(rows.values_list("status", flat=True))


def deeds(appointment: Appointment) -> list[str]:
    return [entry.deed for entry in trail.of(f"appointment:{appointment.code}")]


# Holding


def test_hold_seat_holds_one_seat_for_the_minutes_of_the_offices_terms(at: datetime) -> None:
    slot = make_open_slot()
    held = hold(make_application(), slot, at)
    assert (held.status, held.hold_until) == (AppointmentStatus.HELD, at + 15 * MINUTE)
    assert taken(slot) == [held.code]
    assert deeds(held) == ["appointment.hold"]


def test_hold_seat_heeds_the_offices_own_terms(at: datetime) -> None:
    office = make_office()
    make_terms(office=office, hold_minutes=7)
    held = hold(make_application(), make_open_slot(office=office), at)
    assert held.hold_until == at + 7 * MINUTE


def test_hold_seat_of_the_same_session_again_is_the_same_hold(at: datetime) -> None:
    application, slot = make_application(), make_open_slot()
    first = hold(application, slot, at)
    again = [hold(application, slot, at + MINUTE) for _ in range(4)]
    assert again == [first] * 4
    assert (taken(slot), again[-1].hold_until) == ([first.code], at + 15 * MINUTE)
    assert deeds(first) == ["appointment.hold"]


def test_hold_seat_of_another_session_moves_there(at: datetime) -> None:
    application, one, other = make_application(), make_open_slot(), make_open_slot()
    first = hold(application, one, at)
    second = hold(application, other, at + MINUTE)
    assert (taken(one), taken(other)) == ([], [second.code])
    assert states(application) == ["released", "held"]
    assert deeds(first) == ["appointment.hold", "appointment.release"]


def test_hold_seat_of_a_full_session_keeps_the_old_seat(at: datetime) -> None:
    application, one, full = make_application(), make_open_slot(), make_open_slot(seats=2)
    held = hold(application, one, at)
    fill(full)
    with pytest.raises(SlotFull):
        hold(application, full, at)
    assert (taken(one), states(application)) == ([held.code], ["held"])


def test_hold_seat_of_the_last_seat_after_a_lapse_takes_it_anew(at: datetime) -> None:
    """Nobody has given the old seat back yet: it is the one that is free for this person."""
    application, slot = make_application(), make_open_slot(seats=1)
    first = hold(application, slot, at)
    again = hold(application, slot, at + 15 * MINUTE)
    assert again != first
    assert (taken(slot), again.hold_until) == ([again.code], at + 30 * MINUTE)


@pytest.mark.parametrize(("seconds", "same"), [(-1, True), (0, False), (1, False)])
def test_hold_seat_at_the_end_of_a_hold_begins_a_new_one(
    at: datetime, seconds: int, same: bool
) -> None:
    application, slot = make_application(), make_open_slot()
    first = hold(application, slot, at)
    assert (hold(application, slot, first.hold_until + seconds * SECOND) == first) is same


def test_hold_seat_of_another_service_is_refused(at: datetime) -> None:
    slot = make_open_slot(service="accelerated")
    application = make_application(service=ServiceClass.REGULAR)
    with pytest.raises(OtherService):
        hold(application, slot, at)
    assert (taken(slot), states(application)) == ([], [])


@pytest.mark.parametrize("seconds", [0, 1, 3600])
def test_hold_seat_of_a_session_that_has_begun_is_refused(at: datetime, seconds: int) -> None:
    slot = make_open_slot(starts_at=at + timedelta(days=1))
    with pytest.raises(SlotGone):
        hold(make_application(), slot, slot.starts_at + seconds * SECOND)
    assert taken(slot) == []


def test_hold_seat_a_second_before_the_session_is_taken(at: datetime) -> None:
    slot = make_open_slot(starts_at=at + timedelta(days=1))
    assert hold(make_application(), slot, slot.starts_at - SECOND).status == "held"


@pytest.mark.parametrize("status", [ReleaseStatus.CLOSED, ReleaseStatus.SCHEDULED])
def test_hold_seat_of_a_session_that_is_not_open_is_refused(at: datetime, status: str) -> None:
    slot = make_open_slot()
    sql("SET LOCAL session_replication_role = replica")
    sql("UPDATE quota_release SET status = %s WHERE id = %s", status, slot.release_id)
    sql("SET LOCAL session_replication_role = origin")
    with pytest.raises(SlotGone):
        hold(make_application(), slot, at)


@pytest.mark.parametrize("code", ["", "NOSUCHCODE", "x" * 500, "' OR 1=1 --", "ÄÖÜ"])
def test_hold_seat_of_a_code_that_nobody_has_is_refused(at: datetime, code: str) -> None:
    application = make_application()
    with pytest.raises(SlotGone):
        hold_seat(application=application, slot_code=code, by=application.account, at=at)


def test_hold_seat_without_any_terms_is_refused_and_holds_nothing(at: datetime) -> None:
    slot = make_open_slot()
    sql("DELETE FROM quota_terms")
    with pytest.raises(TermsMissing):
        hold(make_application(), slot, at)
    assert taken(slot) == []


@pytest.mark.parametrize("make", [make_awaiting, make_confirmed])
def test_hold_seat_for_an_application_that_is_submitted_is_refused(
    at: datetime, make: object
) -> None:
    slot = make_open_slot()
    application = make().application  # type: ignore[operator]
    with pytest.raises(NotADraft):
        hold(application, slot, at)
    assert taken(slot) == []


def test_hold_seat_while_another_account_holds_one_for_the_same_nik_is_refused(
    at: datetime,
) -> None:
    nik, slot = valid_nik(), make_open_slot()
    mine = hold(make_application(person=make_person(nik=nik)), slot, at)
    theirs = make_application(person=make_person(nik=nik))
    with pytest.raises(SeatElsewhere):
        hold(theirs, slot, at)
    assert (taken(slot), states(theirs)) == ([mine.code], [])


def test_hold_seat_after_the_other_account_gave_its_seat_back_is_taken(at: datetime) -> None:
    nik, slot = valid_nik(), make_open_slot()
    mine = hold(make_application(person=make_person(nik=nik)), slot, at)
    theirs = make_application(person=make_person(nik=nik))
    release_hold(appointment=mine, by=mine.application.account, at=at)
    assert hold(theirs, slot, at).status == "held"


def test_hold_seat_while_another_account_waits_for_payment_is_refused(at: datetime) -> None:
    nik = valid_nik()
    theirs = make_application(person=make_person(nik=nik))
    make_awaiting(person=make_person(nik=nik))
    with pytest.raises(AlreadyActive):
        hold(theirs, make_open_slot(), at)


# Giving back


def test_release_hold_gives_the_seat_back_and_is_repeatable(at: datetime) -> None:
    slot = make_open_slot()
    held = hold(make_application(), slot, at)
    for _ in range(3):
        release_hold(appointment=held, by=held.application.account, at=at)
    check_deferred()
    assert (taken(slot), states(held.application)) == ([], ["released"])
    assert deeds(held) == ["appointment.hold", "appointment.release"]


@pytest.mark.parametrize("make", [make_awaiting, make_confirmed])
def test_release_hold_once_a_code_was_asked_for_is_refused(at: datetime, make: object) -> None:
    appointment = make()  # type: ignore[operator]
    with pytest.raises(NotADraft):
        release_hold(appointment=appointment, by=appointment.application.account, at=at)
    assert taken(appointment.slot) == [appointment.code]


@pytest.mark.parametrize(("seconds", "gone"), [(-1, 0), (0, 1), (1, 1)])
def test_lapse_holds_from_the_end_of_the_hold_on(at: datetime, seconds: int, gone: int) -> None:
    slot = make_open_slot()
    held = hold(make_application(), slot, at)
    assert lapse_holds(at=held.hold_until + seconds * SECOND) == gone
    check_deferred()
    assert len(taken(slot)) == 1 - gone
    assert deeds(held) == ["appointment.hold", "appointment.release"][: 1 + gone]


def test_lapse_holds_gives_back_batch_by_batch_and_stops(at: datetime) -> None:
    slot = make_open_slot(seats=3)
    for _ in range(3):
        hold(make_application(), slot, at)
    later = at + timedelta(hours=1)
    assert [lapse_holds(at=later, batch=2) for _ in range(3)] == [2, 1, 0]
    assert taken(slot) == []


@pytest.mark.parametrize("make", [make_awaiting, make_confirmed])
def test_lapse_holds_leaves_what_waits_for_payment_or_is_paid(at: datetime, make: object) -> None:
    appointment = make(at=at)  # type: ignore[operator]
    assert lapse_holds(at=at + timedelta(days=30)) == 0
    assert taken(appointment.slot) == [appointment.code]


# The bill


def test_request_payment_submits_and_asks_for_the_bill(at: datetime) -> None:
    held = make_held(at=at)
    billed = make_awaiting(application=held.application, slot=held.slot, issued=False, at=at)
    check_deferred()
    assert billed == held
    bill = Bill.objects.get()
    assert (billed.status, billed.application.status) == ("awaiting_payment", "submitted")
    assert (bill.status, bill.payer, bill.payer_name) == ("requested", held.code, "BUDI SANTOSO")
    assert (bill.amount, bill.pay_minutes, bill.grace_minutes) == (650_000, 120, 15)
    assert taken(held.slot) == [held.code]
    assert deeds(held) == ["appointment.hold", "appointment.submit"]


@pytest.mark.parametrize(
    ("book", "service", "tariffs", "amount"),
    [
        (Book.FIVE_YEARS, ServiceClass.REGULAR, ["EPASSPORT-5"], 650_000),
        (Book.TEN_YEARS, ServiceClass.REGULAR, ["EPASSPORT-10"], 950_000),
        (Book.FIVE_YEARS, ServiceClass.ACCELERATED, ["EPASSPORT-5", "ACCELERATED"], 1_650_000),
        (Book.TEN_YEARS, ServiceClass.ACCELERATED, ["EPASSPORT-10", "ACCELERATED"], 1_950_000),
    ],
)
def test_request_payment_bills_what_was_chosen(
    book: Book, service: ServiceClass, tariffs: list[str], amount: int
) -> None:
    """PP 45/2024."""
    application = make_application(book=book, service=service)
    billed = make_awaiting(application=application, slot=make_open_slot(service=service))
    assert billed.bill is not None
    lines = list(billed.bill.lines.order_by("pk").values_list("tariff", flat=True))
    assert (lines, billed.bill.amount) == (tariffs, amount)


def test_request_payment_heeds_the_offices_own_terms(at: datetime) -> None:
    office = make_office()
    make_terms(office=office, pay_minutes=30, bank_grace_minutes=5)
    billed = make_awaiting(slot=make_open_slot(office=office))
    assert billed.bill is not None
    assert (billed.bill.pay_minutes, billed.bill.grace_minutes) == (30, 5)


def test_request_payment_again_is_the_same_bill(at: datetime) -> None:
    billed = make_awaiting(at=at)
    again = [pay(billed, at + timedelta(days=1)) for _ in range(3)]
    assert {appointment.bill for appointment in again} == {billed.bill}
    assert Bill.objects.count() == 1


@pytest.mark.parametrize("seconds", [0, 1])
def test_request_payment_from_the_end_of_the_hold_on_is_refused(at: datetime, seconds: int) -> None:
    held = make_held(at=at)
    with pytest.raises(HoldLapsed):
        pay(held, held.hold_until + seconds * SECOND)
    assert (states(held.application), Bill.objects.count()) == (["held"], 0)


def test_request_payment_a_second_before_the_end_of_the_hold_is_taken(at: datetime) -> None:
    held = make_held(at=at)
    assert pay(held, held.hold_until - SECOND).status == "awaiting_payment"


def test_request_payment_of_a_seat_that_was_given_back_is_refused(at: datetime) -> None:
    held = make_held(at=at)
    release_hold(appointment=held, by=held.application.account, at=at)
    with pytest.raises(HoldLapsed):
        pay(held, at)


def test_request_payment_when_the_service_was_changed_after_the_hold_is_refused(
    at: datetime,
) -> None:
    """Otherwise somebody pays for the same day and sits in a session of three."""
    held = make_held(at=at)
    make_application(person=held.application.person, service=ServiceClass.ACCELERATED)
    with pytest.raises(OtherService):
        pay(held, at)
    assert Bill.objects.count() == 0


def test_request_payment_without_a_fee_is_refused_and_changes_nothing(at: datetime) -> None:
    held = make_held(at=at)
    sql("DELETE FROM payments_tariff")
    with pytest.raises(TariffMissing):
        pay(held, at)
    assert (states(held.application), Bill.objects.count()) == (["held"], 0)


def test_lines_of_uses_the_fee_of_the_day_in_the_capital(at: datetime) -> None:
    application = make_application()
    sql("UPDATE payments_tariff SET in_force_from = %s", date(2026, 12, 1))
    midnight = datetime.fromisoformat("2026-12-01T00:00:00+07:00")
    with pytest.raises(TariffMissing):
        lines_of(application, at=midnight - SECOND)
    assert [line.amount for line in lines_of(application, at=midnight)] == [650_000]


@transaction.atomic
def slyly(statement: str, *values: object) -> None:
    sql(statement, *values)
    check_deferred()


SEATLESS = """WITH gone AS (UPDATE quota_seat SET holder = NULL WHERE holder = %s)
              UPDATE appointments_appointment SET status = 'held' WHERE id = %s"""


def test_a_live_appointment_without_its_seat_is_refused_at_the_commit() -> None:
    held = make_held()
    with pytest.raises(InternalError, match="owns no seat of its slot"):
        slyly(SEATLESS, held.code, held.pk)


def test_a_dead_appointment_with_a_seat_is_refused_at_the_commit() -> None:
    held = make_held()
    with pytest.raises(InternalError, match="still owns a seat"):
        slyly("UPDATE appointments_appointment SET status = 'released' WHERE id = %s", held.pk)


def test_a_second_live_appointment_of_a_person_is_refused_by_the_database() -> None:
    held = make_held()
    held.pk, held.code = None, "SECOND"
    with pytest.raises(IntegrityError, match="one_live_appointment"), transaction.atomic():
        held.save(force_insert=True)


@pytest.mark.parametrize("column", ["code", "application_id", "identity_id"])
def test_an_appointment_is_bound_to_its_person_in_the_database(column: str) -> None:
    held, other = make_held(), make_held()
    with pytest.raises(InternalError, match="pgtrigger: Cannot update"):
        sql(
            f"UPDATE appointments_appointment a SET {column} = b.{column}"
            " FROM appointments_appointment b WHERE a.id = %s AND b.id = %s",
            held.pk,
            other.pk,
        )


def test_request_payment_shortly_before_the_session_ends_the_time_to_pay_at_its_begin() -> None:
    at = clock.now()
    slot = make_open_slot(starts_at=at + timedelta(minutes=40))
    appointment = make_awaiting(slot=slot, issued=False, at=at)
    assert Bill.objects.get(payer=appointment.code).pay_minutes == 40


def test_request_payment_in_the_last_minute_before_the_session_is_refused() -> None:
    at = clock.now()
    held = make_held(slot=make_open_slot(starts_at=at + timedelta(seconds=70)), at=at)
    with pytest.raises(SlotGone):
        request_payment(
            appointment=held, by=held.application.account, at=at + timedelta(seconds=20)
        )
    held.refresh_from_db()
    assert held.status == AppointmentStatus.HELD
