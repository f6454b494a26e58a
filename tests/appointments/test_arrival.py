"""The office's door, in each of the three zones; to the second in test_deadlines.py."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from appointments.arrival import NotConfirmed, OtherOffice, TooEarly, TooLate, check_in
from appointments.models import Appointment
from mpaspor.audit import trail
from mpaspor.core import clock
from quota.enums import Zone
from tests.factories.appointments import make_awaiting, make_confirmed, make_held
from tests.factories.quota import make_office, make_open_slot, make_terms

pytestmark = pytest.mark.django_db

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ZONES = pytest.mark.parametrize(("zone", "offset"), [(Zone.WIB, 7), (Zone.WITA, 8), (Zone.WIT, 9)])


def visit_at(zone: str, hour: int = 8, **terms: int) -> Appointment:
    """Confirmed for an hour from `hour` on, three days from now by the clocks of that zone."""
    office = make_office(zone=zone)
    if terms:
        make_terms(office=office, **terms)
    day = clock.now().astimezone(ZoneInfo(zone)) + timedelta(days=3)
    starts = day.replace(hour=hour, minute=0, second=0, microsecond=0)
    return make_confirmed(slot=make_open_slot(office=office, starts_at=starts))


def come(appointment: Appointment, at: datetime) -> Appointment:
    office = appointment.slot.office
    with translation.override("en"):
        return check_in(appointment=appointment, office=office, by="test", at=at)


def as_utc(appointment: Appointment, hour: int, offset: int) -> datetime:
    """That hour of the day of the visit by the office's clock."""
    day = appointment.slot.date
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - offset)


@ZONES
def test_check_in_outside_the_hours_says_them_by_the_clock_of_the_office(
    zone: Zone, offset: int
) -> None:
    """An hour before the session, and half an hour after its end."""
    appointment = visit_at(zone)
    with pytest.raises(TooEarly) as early:
        come(appointment, as_utc(appointment, 7, offset) - SECOND)
    with pytest.raises(TooLate) as late:
        come(appointment, as_utc(appointment, 9, offset) + 30 * MINUTE + SECOND)
    assert early.value.facts["opens"].endswith(f" 07:00 {zone.label}")
    assert late.value.facts["closes"].endswith(f" 09:30 {zone.label}")


@ZONES
def test_check_in_heeds_the_offices_own_terms(zone: Zone, offset: int) -> None:
    appointment = visit_at(zone, early_minutes=10, late_minutes=0)
    opens, closes = as_utc(appointment, 8, offset) - 10 * MINUTE, as_utc(appointment, 9, offset)
    with pytest.raises(TooEarly):
        come(appointment, opens - SECOND)
    with pytest.raises(TooLate):
        come(appointment, closes + SECOND)
    assert come(appointment, closes).status == "checked_in"


@ZONES
def test_check_in_before_sunrise_is_on_the_offices_day(zone: Zone, offset: int) -> None:
    """In UTC it is still the day before."""
    appointment = visit_at(zone, hour=1)
    at = as_utc(appointment, 1, offset)
    assert at.date() == appointment.slot.date - timedelta(days=1)
    assert come(appointment, at).status == "checked_in"


def test_check_in_notes_it_once_however_often() -> None:
    appointment = visit_at(Zone.WIB)
    at = appointment.slot.starts_at
    for later in (at, at + MINUTE, at + timedelta(days=2)):
        come(appointment, later)
    appointment.refresh_from_db()
    assert (appointment.status, appointment.checked_in_at) == ("checked_in", at)
    appointment.application.refresh_from_db()
    assert appointment.application.status == "arrived"
    deeds = [entry.deed for entry in trail.of(f"appointment:{appointment.code}")]
    assert deeds.count("appointment.check_in") == 1


def test_check_in_at_another_office_is_refused_and_names_the_right_one() -> None:
    appointment = visit_at(Zone.WIB)
    with pytest.raises(OtherOffice) as no:
        check_in(
            appointment=appointment,
            office=make_office(),
            by="test",
            at=appointment.slot.starts_at,
        )
    assert no.value.facts == {"office": appointment.slot.office.name}
    appointment.refresh_from_db()
    assert appointment.status == "confirmed"


@pytest.mark.parametrize("make", [make_held, make_awaiting])
def test_check_in_of_what_is_not_confirmed_is_refused(make: object) -> None:
    appointment = make()  # type: ignore[operator]
    with pytest.raises(NotConfirmed):
        come(appointment, appointment.slot.starts_at)
    appointment.refresh_from_db()
    assert appointment.checked_in_at is None
