"""What follows from the bill, once, whoever says so and however often."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from appointments.confirming import catch_up, confirm, expire
from appointments.models import Appointment
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from payments.models import Bill
from payments.settlement import settle
from payments.signals import left_to_the_sweep
from quota.models import Seat
from tests.database import check_deferred
from tests.factories.applicants import make_person, make_user
from tests.factories.appointments import make_awaiting, make_money

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def awaiting(at: datetime) -> Appointment:
    return make_awaiting(at=at)


def bill_of(appointment: Appointment) -> Bill:
    assert appointment.bill is not None
    return appointment.bill


def paid(appointment: Appointment, at: datetime) -> str:
    """Its bill is paid, and nobody has heard."""
    bill = bill_of(appointment)
    settle(bill_code=bill.code, money=make_money(bill, at=at), by="test", at=at)
    return bill.code


def run_out(appointment: Appointment, at: datetime) -> str:
    """Its bill expired, and nobody has heard."""
    bill = bill_of(appointment)
    Bill.objects.filter(pk=bill.pk).update(status="expired", closed_at=at)
    return bill.code


def state(appointment: Appointment) -> tuple[str, str, int]:
    """Status, status of the application, seats."""
    check_deferred()
    appointment = Appointment.objects.select_related("application").get(pk=appointment.pk)
    seats = Seat.objects.filter(holder=appointment.code).count()
    return appointment.status, appointment.application.status, seats


def deeds(appointment: Appointment) -> list[str]:
    return [entry.deed for entry in trail.of(f"appointment:{appointment.code}")][2:]


def notices() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("reference", flat=True))


CONFIRMED, EXPIRED = ("confirmed", "scheduled", 1), ("expired", "expired", 0)
AWAITING = ("awaiting_payment", "submitted", 1)


def test_confirm_of_a_paid_bill_confirms_and_tells_once(
    awaiting: Appointment, at: datetime
) -> None:
    code = paid(awaiting, at)
    for later in range(3):
        confirm(bill_code=code, at=at + timedelta(hours=later))
    assert state(awaiting) == CONFIRMED
    awaiting.refresh_from_db()
    assert awaiting.confirmed_at == at
    assert deeds(awaiting) == ["appointment.confirm"]
    assert notices() == [f"confirmed:{awaiting.code}"]


def test_expire_of_an_expired_bill_gives_the_seat_back_and_tells_once(
    awaiting: Appointment, at: datetime
) -> None:
    code = run_out(awaiting, at)
    for _ in range(3):
        expire(bill_code=code, at=at)
    assert state(awaiting) == EXPIRED
    assert deeds(awaiting) == ["appointment.expire"]
    assert notices() == [f"expired:{awaiting.code}"]


def test_confirm_of_a_bill_that_is_not_paid_does_nothing(
    awaiting: Appointment, at: datetime
) -> None:
    confirm(bill_code=bill_of(awaiting).code, at=at)
    assert (state(awaiting), notices()) == (AWAITING, [])


def test_expire_of_a_bill_that_has_not_expired_does_nothing(
    awaiting: Appointment, at: datetime
) -> None:
    expire(bill_code=bill_of(awaiting).code, at=at)
    assert (state(awaiting), notices()) == (AWAITING, [])


def test_expire_after_the_money_came_does_nothing(awaiting: Appointment, at: datetime) -> None:
    code = paid(awaiting, at)
    expire(bill_code=code, at=at)
    confirm(bill_code=code, at=at)
    expire(bill_code=code, at=at)
    assert state(awaiting) == CONFIRMED


def test_confirm_of_an_expired_bill_does_nothing(awaiting: Appointment, at: datetime) -> None:
    code = run_out(awaiting, at)
    confirm(bill_code=code, at=at)
    expire(bill_code=code, at=at)
    confirm(bill_code=code, at=at)
    assert state(awaiting) == EXPIRED


@pytest.mark.parametrize("deed", [confirm, expire])
def test_a_bill_that_belongs_to_no_appointment_is_passed(at: datetime, deed: object) -> None:
    deed(bill_code="NOBODYS", at=at)  # type: ignore[operator]
    assert Appointment.objects.count() == 0


def test_catch_up_repeats_what_a_crash_lost(at: datetime) -> None:
    one, other, third = (make_awaiting(at=at) for _ in range(3))
    paid(one, at)
    run_out(other, at)
    assert catch_up(at=at) == 2
    assert catch_up(at=at) == 0
    assert [state(row) for row in (one, other, third)] == [CONFIRMED, EXPIRED, AWAITING]


REFUSED = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'not this one'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON appointments_appointment FOR EACH ROW
  WHEN (OLD.code = %s) EXECUTE FUNCTION refuse()
"""


def test_catch_up_is_not_held_up_by_one_that_cannot_be_followed(at: datetime) -> None:
    rows = [make_awaiting(at=at) for _ in range(3)]
    for row in rows:
        paid(row, at)
    with connection.cursor() as cursor:
        cursor.execute(REFUSED, [rows[1].code])
    assert catch_up(at=at) == 2
    assert [state(row) for row in rows] == [CONFIRMED, AWAITING, CONFIRMED]


@pytest.mark.django_db(transaction=True)
def test_money_booked_among_thousands_is_followed_by_the_sweep(at: datetime) -> None:
    appointment = make_awaiting(at=at)
    with left_to_the_sweep():
        paid(appointment, at)
    assert state(appointment) == AWAITING
    assert catch_up(at=at) == 1
    assert state(appointment) == CONFIRMED


@pytest.mark.django_db(transaction=True)
def test_money_that_is_booked_confirms_by_itself_after_the_commit(at: datetime) -> None:
    appointment = make_awaiting(at=at)
    paid(appointment, at)
    assert state(appointment) == CONFIRMED


@pytest.mark.parametrize(
    ("contact", "channel"), [("siti@example.test", "email"), ("+6281234567890", "sms")]
)
def test_confirm_tells_by_the_contact_that_was_confirmed(
    at: datetime, contact: str, channel: str
) -> None:
    person = make_person(make_user(contact))
    appointment = make_awaiting(person=person, at=at)
    confirm(bill_code=paid(appointment, at), at=at)
    assert list(Notice.objects.values_list("channel", "language")) == [(channel, "id")]


def test_confirm_without_a_confirmed_contact_confirms_and_tells_nobody(at: datetime) -> None:
    person = make_person(make_user("siti@example.test", confirmed=False))
    appointment = make_awaiting(person=person, at=at)
    confirm(bill_code=paid(appointment, at), at=at)
    assert (state(appointment), notices()) == (CONFIRMED, [])
