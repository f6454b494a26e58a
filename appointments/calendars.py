"""The appointment as a calendar file."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from appointments.letters import verify_url
from appointments.models import Appointment


def visit_calendar(appointment: Appointment, *, at: datetime) -> bytes:
    """An iCalendar file (RFC 5545) with the visit and a reminder the day before."""
    slot = appointment.slot
    event = Event()
    event.add("uid", f"{appointment.code}@m-paspor")
    # A calendar that has it already moves it.
    event.add("sequence", appointment.moved)
    event.add("dtstamp", at)
    event.add("dtstart", slot.starts_at)
    event.add("dtend", slot.ends_at)
    event.add("summary", _("Passport appointment at %(office)s") % {"office": slot.office.name})
    event.add("location", ", ".join(filter(None, [slot.office.name, slot.office.address])))
    event.add("description", _("Bring your letter (%(code)s).") % {"code": appointment.code})
    event.add("url", verify_url(appointment))
    event.add_component(_reminder())
    calendar = Calendar()
    calendar.add("prodid", "-//M-Paspor//ID")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _reminder() -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _("Passport appointment tomorrow"))
    alarm.add("trigger", timedelta(days=-1))
    return alarm
