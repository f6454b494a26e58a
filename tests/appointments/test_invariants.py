"""Each rule of the service, broken behind the back of everything that guards it."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from appointments.invariants import broken, report
from appointments.models import Appointment
from mpaspor.audit import trail
from mpaspor.core import clock
from payments.models import Bill
from payments.settlement import settle
from quota.models import Seat
from tests.database import check_deferred, sql, triggers_off
from tests.factories.appointments import make_awaiting, make_confirmed, make_held, make_money
from tests.factories.quota import make_open_slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return clock.now()


def slyly(statement: str, *values: object) -> None:
    check_deferred()
    with triggers_off():
        sql(statement, *values)


def lines(at: datetime) -> list[str]:
    return list(broken(at=at))


def test_broken_of_a_service_at_work_says_nothing(at: datetime) -> None:
    make_held()
    make_awaiting(issued=False)
    make_awaiting()
    make_confirmed()
    trail.link()
    assert lines(at) == []


def test_broken_names_a_live_appointment_without_its_seat(at: datetime) -> None:
    held = make_held()
    slyly("UPDATE quota_seat SET holder = NULL")
    assert lines(at) == [f"live appointment without its seat: {held.code}"]


def test_broken_names_a_live_appointment_with_a_seat_elsewhere(at: datetime) -> None:
    held, slot = make_held(), make_open_slot()
    slyly("UPDATE quota_seat SET holder = NULL")
    Seat.objects.filter(slot=slot, number=1).update(holder=held.code)
    assert lines(at) == [f"live appointment without its seat: {held.code}"]


def test_broken_names_a_seat_of_a_dead_appointment(at: datetime) -> None:
    held = make_held()
    slyly("UPDATE appointments_appointment SET status = 'released'")
    assert lines(at) == [f"seat held by a dead or unknown appointment: {held.code}"]


def test_broken_names_a_seat_of_nobody(at: datetime) -> None:
    Seat.objects.filter(slot=make_open_slot(), number=1).update(holder="NOBODY")
    assert lines(at) == ["seat held by a dead or unknown appointment: NOBODY"]


def test_broken_names_two_live_appointments_of_one_person(at: datetime) -> None:
    one, other = make_held(), make_held()
    slyly("DROP INDEX one_live_appointment")
    slyly("UPDATE appointments_appointment SET identity_id = %s", one.identity_id)
    code = max(one.code, other.code)
    assert lines(at) == [f"two live appointments of one person: {code}"]


def test_broken_names_what_is_confirmed_without_money(at: datetime) -> None:
    awaiting = make_awaiting()
    slyly("UPDATE appointments_appointment SET status = 'confirmed'")
    slyly("UPDATE appointments_application SET status = 'scheduled'")
    assert lines(at) == [f"confirmed without money: {awaiting.code}"]


def test_broken_names_what_is_settled_yet_expired(at: datetime) -> None:
    confirmed = make_confirmed(at=at)
    slyly("UPDATE appointments_appointment SET status = 'expired'")
    slyly("UPDATE appointments_application SET status = 'expired'")
    slyly("UPDATE quota_seat SET holder = NULL")
    assert lines(at + timedelta(seconds=60)) == []
    assert lines(at + timedelta(seconds=61)) == [f"settled yet expired: {confirmed.code}"]


def test_broken_names_a_paid_bill_that_nobody_has(at: datetime) -> None:
    confirmed = make_confirmed(at=at)
    assert confirmed.bill is not None
    slyly("UPDATE quota_seat SET holder = NULL")
    slyly("DELETE FROM appointments_appointment")
    slyly("UPDATE appointments_application SET status = 'expired'")
    assert lines(at + timedelta(seconds=61)) == [
        f"paid bill without appointment or case: {confirmed.bill.code}"
    ]


def paid_unheard(at: datetime) -> Appointment:
    awaiting = make_awaiting(at=at)
    bill = awaiting.bill
    assert bill is not None
    settle(bill_code=bill.code, money=make_money(bill, at=at), by="test", at=at)
    return awaiting


def expired_unheard(at: datetime) -> Appointment:
    awaiting = make_awaiting(at=at)
    Bill.objects.update(status="expired", closed_at=at)
    return awaiting


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (paid_unheard, "paid but not confirmed for ten minutes"),
        (expired_unheard, "expired but not given back for ten minutes"),
    ],
)
@pytest.mark.parametrize(("seconds", "said"), [(600, False), (601, True)])
def test_broken_names_what_did_not_follow_from_its_bill_for_ten_minutes(
    at: datetime, make: object, rule: str, seconds: int, said: bool
) -> None:
    appointment = make(at)  # type: ignore[operator]
    later = at + timedelta(seconds=seconds)
    assert lines(later) == ([f"{rule}: {appointment.code}"] if said else [])


def test_broken_names_an_application_that_disagrees_with_its_appointment(at: datetime) -> None:
    awaiting = make_awaiting()
    slyly("UPDATE appointments_application SET status = 'scheduled'")
    assert lines(at) == [
        f"application and appointment disagree: {awaiting.application.code}",
    ]


def test_broken_names_a_notice_that_waits(at: datetime) -> None:
    confirmed = make_confirmed(at=at)
    assert lines(at + timedelta(minutes=11)) == [f"outbox: notice confirmed:{confirmed.code} waits"]


def test_broken_names_a_bill_that_waits_for_its_code(at: datetime) -> None:
    awaiting = make_awaiting(at=at, issued=False)
    assert awaiting.bill is not None
    assert lines(at + timedelta(minutes=16)) == [
        f"bill {awaiting.bill.code} has waited for its code for more than 15 minutes"
    ]


def test_broken_names_a_slot_with_more_seats_than_it_is_for(at: datetime) -> None:
    slot = make_open_slot(seats=2)
    with triggers_off():
        Seat.objects.create(slot=slot, number=3)
    assert lines(at) == [f"slot {slot.code} for 2 has 3 seats with 3 numbers"]


def test_broken_names_a_changed_audit_entry(at: datetime) -> None:
    held = make_held()
    trail.link()
    entry = trail.of(f"appointment:{held.code}")[0]
    slyly("UPDATE audit_entry SET deed = 'x' WHERE id = %s", entry.pk)
    assert f"audit chain broken at entry {entry.pk}" in lines(at)


def test_report_logs_each_broken_rule(at: datetime, caplog: pytest.LogCaptureFixture) -> None:
    held = make_held()
    slyly("UPDATE quota_seat SET holder = NULL")
    said = report(at=at)
    assert said == [f"live appointment without its seat: {held.code}"]
    assert caplog.messages == [f"invariant broken: {said[0]}"]


def test_check_invariants_command_says_that_all_is_well() -> None:
    make_confirmed()
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert out.getvalue() == "All rules of the service hold.\n"


def test_check_invariants_command_prints_each_broken_rule_and_fails() -> None:
    one, other = make_held(), make_held()
    slyly("UPDATE quota_seat SET holder = NULL")
    out = StringIO()
    with pytest.raises(CommandError, match="2 broken rules"):
        call_command("check_invariants", stdout=out)
    assert sorted(out.getvalue().splitlines()) == sorted(
        f"live appointment without its seat: {held.code}" for held in (one, other)
    )
