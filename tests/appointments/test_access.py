"""Whose it is decides who finds it; who may come to which page is in architecture/test_doors.py."""

import pytest
from django.http import Http404
from django.urls import reverse

from appointments.access import (
    application_for,
    applications_of,
    appointment_for,
    appointments_of,
    latest_appointment,
)
from appointments.booking import release_hold
from mpaspor.core import clock
from tests.appointments.browsing import signed_in
from tests.factories.applicants import make_person, make_user
from tests.factories.appointments import make_application, make_held

pytestmark = pytest.mark.django_db

OF_APPLICATION = [
    "application",
    "tasks",
    "journey",
    "contact",
    "answers",
    "documents",
    "again",
    "choose_office",
    "review",
    "other_session",
    "bill",
    "bill_status",
    "receipt",
    "visit",
    "cancel",
    "move_day",
    "new_day",
    "earlier",
    "ask_to_correct",
]
OF_APPOINTMENT = ["letter", "visit_ics"]


@pytest.mark.parametrize("code", ["NOSUCHCODE", "0", "-", "x" * 300, "_"])
def test_pages_of_a_code_that_nobody_has_are_not_there(code: str) -> None:
    client = signed_in(make_user())
    pages = [reverse(name, args=[code]) for name in [*OF_APPLICATION, *OF_APPOINTMENT]]
    answers = {
        (method, page): getattr(client, method)(page).status_code
        for page in pages
        for method in ("get", "post")
    }
    assert {asked: status for asked, status in answers.items() if status not in {404, 405}} == {}


def test_applications_of_an_account_are_its_own_newest_first() -> None:
    account = make_user()
    make_application()
    first = make_application(person=make_person(account))
    second = make_application(person=make_person(account))
    assert list(applications_of(account)) == [second, first]


def test_application_for_takes_the_code_as_it_is_typed() -> None:
    application = make_application()
    typed = f"{application.code[:5]}-{application.code[5:]}".lower()
    assert application_for(application.account, typed) == application


def test_appointment_for_another_account_is_not_there() -> None:
    appointment = make_held()
    assert appointment_for(appointment.application.account, appointment.code) == appointment
    with pytest.raises(Http404):
        appointment_for(make_user(), appointment.code)
    assert list(appointments_of(make_user())) == []


def test_latest_appointment_is_the_newest_hold() -> None:
    application = make_application()
    assert latest_appointment(application) is None
    first = make_held(application=application)
    release_hold(appointment=first, by="test", at=clock.now())
    second = make_held(application=application)
    assert latest_appointment(application) == second
