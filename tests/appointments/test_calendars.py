"""The calendar file as a calendar reads it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from icalendar import Calendar

from appointments.calendars import visit_calendar
from appointments.letters import verify_url
from appointments.models import Appointment
from mpaspor.core import clock
from quota.enums import Zone
from tests.factories.applicants import make_person, valid_nik
from tests.factories.appointments import make_confirmed
from tests.factories.quota import make_office, make_open_slot

pytestmark = pytest.mark.django_db


def read(appointment: Appointment, at: datetime) -> Calendar:
    with translation.override("en"):
        calendar = Calendar.from_ical(visit_calendar(appointment, at=at))
    assert isinstance(calendar, Calendar)
    return calendar


@pytest.mark.parametrize(("zone", "hour"), [(Zone.WIB, 1), (Zone.WITA, 0), (Zone.WIT, 23)])
def test_visit_calendar_has_the_instants_of_the_session(zone: Zone, hour: int) -> None:
    """Eight in the morning by the office's clock, read back as a moment in the world."""
    office = make_office(zone=zone)
    day = clock.now().astimezone(ZoneInfo(zone)) + timedelta(days=5)
    starts = day.replace(hour=8, minute=0, second=0, microsecond=0)
    appointment = make_confirmed(slot=make_open_slot(office=office, starts_at=starts))

    [event] = read(appointment, clock.now()).events

    assert event.start == starts.astimezone(UTC)
    assert starts.astimezone(UTC).hour == hour
    assert event.end == event.start + timedelta(hours=1)


def test_visit_calendar_says_where_and_what_to_bring_and_reminds_the_day_before() -> None:
    office = make_office(name="Kantor Imigrasi; Bandung, Timur", address="Jl. Surapati 82\nLt. 2")
    appointment = make_confirmed(slot=make_open_slot(office=office))
    at = clock.now().replace(microsecond=0)

    calendar = read(appointment, at)
    [event] = calendar.events
    [alarm] = event.alarms.times

    assert (calendar["VERSION"], event.uid) == ("2.0", f"{appointment.code}@m-paspor")
    assert event.summary == "Passport appointment at Kantor Imigrasi; Bandung, Timur"
    assert event.location == "Kantor Imigrasi; Bandung, Timur, Jl. Surapati 82\nLt. 2"
    assert event.description == f"Bring your letter ({appointment.code})."
    assert (event.url, event.DTSTAMP) == (verify_url(appointment), at)
    assert alarm.trigger == appointment.slot.starts_at - timedelta(days=1)


def test_visit_calendar_names_no_person() -> None:
    nik = valid_nik()
    appointment = make_confirmed(person=make_person(nik=nik, name="Siti Nurhaliza"))
    file = visit_calendar(appointment, at=clock.now()).decode()
    assert [word for word in (nik, nik[-4:], "Siti", "Nurhaliza") if word in file] == []
