"""An outage that an officer opened and nobody ended: who can end it is reminded."""

from datetime import timedelta

import pytest

from applicants.models import User
from appointments.telling import remind_of_incidents
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from payments.enums import IncidentKind
from payments.incidents import end_incident, open_incident
from quota.enums import Role
from tests.appointments.browsing import signed_in, text_of
from tests.factories.applicants import make_superuser
from tests.factories.quota import make_office, make_officer

pytestmark = pytest.mark.django_db

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def told() -> int:
    return Notice.objects.filter(template="notices/appointments/incident_goes_on").count()


def test_forgotten_outage_is_told_to_who_can_end_it_once_each_hour_until_it_ends() -> None:
    centre, at = make_officer(Role.CENTRE), clock.now()
    User.objects.update(email_verified=True)
    make_superuser()
    make_officer(Role.HEAD, make_office())
    opened = open_incident(what=IncidentKind.SERVICE, by=centre, at=at)
    counts = []
    for later in (HOUR - SECOND, HOUR, HOUR + SECOND, 2 * HOUR, 2 * HOUR + SECOND):
        remind_of_incidents(at=at + later)
        counts.append(told())
    assert counts == [0, 2, 2, 4, 4]
    end_incident(code=opened.code, by=centre, at=at + 2 * HOUR + SECOND)
    assert (remind_of_incidents(at=at + 9 * HOUR), told()) == (0, 4)


def test_outage_that_the_timetable_opened_is_nobodys_to_end() -> None:
    make_officer(Role.CENTRE)
    open_incident(what=IncidentKind.GATEWAY, by="timetable", at=clock.now())
    assert remind_of_incidents(at=clock.now() + 9 * HOUR) == 0


def test_front_page_of_every_officer_shows_what_goes_on_and_the_way_out_to_the_centre() -> None:
    centre, counter = make_officer(Role.CENTRE), make_officer(Role.COUNTER, make_office())
    opened = open_incident(what=IncidentKind.SERVICE, by=centre, at=clock.now())
    link = f"/admin/payments/incident/{opened.pk}/change/"
    for officer, may_end in ((centre, True), (counter, False)):
        page = signed_in(officer, "en").get("/admin/")
        assert "This service: disturbed since" in text_of(page)
        assert (link in page.text) == may_end
