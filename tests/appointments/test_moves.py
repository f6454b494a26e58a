"""The states of applications and appointments: PostgreSQL lets pass what the tables have."""

import itertools

import pytest
from django.db import Error, transaction

from appointments.enums import (
    APPLICATION_MOVES,
    APPOINTMENT_MOVES,
    ApplicationStatus,
    AppointmentStatus,
)
from appointments.models import Appointment
from tests.database import check_deferred, sql, triggers_off
from tests.factories.appointments import make_awaiting

pytestmark = pytest.mark.django_db

STOPPABLE = ("arrived", "interviewed", "enrolled", "adjudicated")
OF_APPLICATION = {
    ("draft", "submitted"),
    ("draft", "cancelled"),
    ("submitted", "scheduled"),
    ("submitted", "expired"),
    ("submitted", "cancelled"),
    ("scheduled", "cancelled"),
    # did not come
    ("scheduled", "expired"),
    ("scheduled", "arrived"),
    # paid in time, known late
    ("expired", "scheduled"),
    ("expired", "paid"),
    ("paid", "scheduled"),
    ("paid", "expired"),
    # at the office
    ("arrived", "interviewed"),
    ("interviewed", "enrolled"),
    ("enrolled", "adjudicated"),
    ("adjudicated", "printed"),
    ("printed", "checked"),
    ("checked", "ready"),
    ("ready", "handed_over"),
    ("ready", "uncollected"),
    ("printed", "adjudicated"),
    *((step, "deferred") for step in STOPPABLE),
    *(("deferred", step) for step in STOPPABLE),
    *((step, "refused") for step in (*STOPPABLE, "deferred")),
}
OF_APPOINTMENT = {
    ("held", "awaiting_payment"),
    ("held", "released"),
    ("awaiting_payment", "confirmed"),
    ("awaiting_payment", "expired"),
    ("awaiting_payment", "cancelled"),
    ("confirmed", "cancelled"),
    ("confirmed", "no_show"),
    ("no_show", "confirmed"),
    ("confirmed", "checked_in"),
    ("expired", "confirmed"),
}
APPLICATION = "UPDATE appointments_application SET status = %s"
APPOINTMENT = "UPDATE appointments_appointment SET status = %s"

CASES = [
    (statement, old, new, (old, new) in legal)
    for statement, values, legal in (
        (APPLICATION, ApplicationStatus.values, OF_APPLICATION),
        (APPOINTMENT, AppointmentStatus.values, OF_APPOINTMENT),
    )
    for old, new in itertools.permutations(values, 2)
]


@pytest.fixture
def appointment() -> Appointment:
    made = make_awaiting()
    check_deferred()
    return made


def status(statement: str) -> str:
    table = statement.split()[1]
    [(found,)] = sql(f"SELECT status FROM {table}")
    return str(found)


def test_moves_are_those_written_down() -> None:
    assert {(str(old), str(new)) for old, new in APPLICATION_MOVES} == OF_APPLICATION
    assert {(str(old), str(new)) for old, new in APPOINTMENT_MOVES} == OF_APPOINTMENT


@pytest.mark.usefixtures("appointment")
@pytest.mark.parametrize(("statement", "old", "new"), [case[:3] for case in CASES if case[3]])
def test_a_legal_move_passes(statement: str, old: str, new: str) -> None:
    with triggers_off():
        sql(statement, old)
    # The seat that goes with it is another trigger's matter, at the commit.
    with transaction.atomic():
        sql(statement, new)
        assert status(statement) == new
        transaction.set_rollback(True)


@pytest.mark.usefixtures("appointment")
@pytest.mark.parametrize(("statement", "old"), sorted({case[:2] for case in CASES if not case[3]}))
def test_illegal_moves_are_refused(statement: str, old: str) -> None:
    with triggers_off():
        sql(statement, old)
    for new in [case[2] for case in CASES if case[:2] == (statement, old) and not case[3]]:
        with pytest.raises(Error, match="Invalid transition"):
            sql(statement, new)
    assert status(statement) == old


@pytest.mark.parametrize(
    "state", ["awaiting_payment", "confirmed", "checked_in", "expired", "cancelled"]
)
def test_an_appointment_beyond_its_hold_needs_a_bill(appointment: Appointment, state: str) -> None:
    with triggers_off(), pytest.raises(Error, match="appointment_has_bill_after_hold"):
        sql(
            "UPDATE appointments_appointment SET bill_id = NULL, status = %s WHERE id = %s",
            state,
            appointment.pk,
        )
