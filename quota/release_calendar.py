"""Announced openings as a calendar to subscribe to (iCalendar, RFC 5545)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from mpaspor.core.templatetags.words import day
from quota.models import Release

# Minutes that an entry takes in the calendar, and before it that it rings.
LENGTH, AHEAD = 15, 60


def calendar_of(releases: Iterable[Release], *, at: datetime) -> bytes:
    """One event for each opening, at its moment; a moved opening moves its event."""
    calendar = Calendar()
    calendar.add("prodid", "-//M-Paspor//ID")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Passport quota openings"))
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"value": "DURATION"})
    for release in releases:
        calendar.add_component(_opening(release, at))
    return bytes(calendar.to_ical())


def _opening(release: Release, at: datetime) -> Event:
    facts = {"first": day(release.first_day), "last": day(release.last_day)}
    event = Event()
    event.add("uid", f"release-{release.code}@m-paspor")
    event.add("dtstamp", at)
    event.add("dtstart", release.publish_at)
    event.add("dtend", release.publish_at + timedelta(minutes=LENGTH))
    event.add("summary", _("Quota opens: %(office)s") % {"office": release.office.name})
    event.add("description", _("For visits from %(first)s to %(last)s.") % facts)
    event.add("url", settings.BASE_URL + reverse("release", args=[release.code]))
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _("The quota opens in one hour"))
    alarm.add("trigger", -timedelta(minutes=AHEAD))
    event.add_component(alarm)
    return event
