"""What became of a release's seats, for everybody to read."""

from datetime import timedelta

import pytest
from django.test import Client

from appointments.booking import release_hold
from appointments.models import Appointment
from appointments.release_reports import Pace, report_of
from mpaspor.core import clock
from quota.enums import ReleaseStatus
from quota.models import Release
from quota.returning import return_seats
from quota.waiting_list.answering import decline_offer
from tests.factories.applicants import make_person, make_user
from tests.factories.appointments import make_application, make_confirmed, make_held
from tests.factories.quota import make_open_slot, make_release
from tests.factories.waiting_list import full_slot, make_offer, make_wish

pytestmark = pytest.mark.django_db


def test_report_counts_offered_taken_returned_accounts_and_people() -> None:
    slot, account = make_open_slot(seats=5), make_user()
    for _child in range(2):
        make_confirmed(slot=slot, application=make_application(person=make_person(account)))
    make_confirmed(slot=slot)
    held = make_held(slot=slot)
    release_hold(appointment=held, by="test", at=clock.now())

    report = report_of(slot.release, at=clock.now())

    assert (report.offered, report.taken, report.free) == (5, 3, 2)
    assert (report.accounts, report.people, report.returned, report.unused) == (2, 3, 1, 0)


def test_report_of_a_session_that_is_over_counts_the_empty_seats() -> None:
    slot = make_open_slot(seats=5)
    make_confirmed(slot=slot)

    before = report_of(slot.release, at=slot.starts_at - timedelta(seconds=1))
    after = report_of(slot.release, at=slot.starts_at)

    assert (before.unused, after.unused) == (0, 4)


def test_report_counts_every_seat_offered_to_the_waiting_list() -> None:
    slot, at = full_slot(seats=3), clock.now()
    offer = make_offer(slot, make_wish(slot, people=2, at=at), at=at)
    make_offer(at=at)
    assert report_of(slot.release, at=at).awaited == 2

    make_wish(slot, at=at)
    decline_offer(offer=offer, by="test", at=at)
    return_seats(at=at)

    assert report_of(slot.release, at=at).awaited == 3


def test_report_says_how_fast_the_taken_seats_went() -> None:
    slot = make_open_slot(seats=10)
    opened = clock.now()
    Release.objects.filter(pk=slot.release_id).update(opened_at=opened)
    for minutes in (1, 2, 3, 50):
        appointment = make_held(slot=slot)
        moment = opened + timedelta(minutes=minutes)
        Appointment.objects.filter(pk=appointment.pk).update(held_at=moment)

    report = report_of(Release.objects.get(pk=slot.release_id), at=clock.now())

    assert report.pace == [Pace(50, 120), Pace(90, 3000), Pace(100, 3000)]


def test_report_page_and_api_show_the_same_numbers() -> None:
    slot = make_open_slot(seats=5)
    make_confirmed(slot=slot)
    browser = Client()

    page = browser.get(f"/releases/{slot.release.code}/report/")
    answer = browser.get(f"/api/v1/releases/{slot.release.code}/report/").json()

    assert page.status_code == 200
    assert page.context["report"].taken == answer["taken"] == 1
    assert answer["free"] == 4


def test_report_of_a_release_that_is_not_open_or_unknown_is_no_page(client: Client) -> None:
    release = make_release(status=ReleaseStatus.SCHEDULED)

    paths = [f"/releases/{code}/report/" for code in (release.code, "NOSUCH")]

    assert [client.get(path).status_code for path in paths] == [404, 404]
    assert [client.get(f"/api/v1{path}").status_code for path in paths] == [404, 404]
