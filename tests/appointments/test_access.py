"""Whose it is decides who sees it: strangers find nothing, the unknown sign in first."""

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from appointments.access import (
    application_for,
    applications_of,
    appointment_for,
    appointments_of,
    latest_appointment,
)
from appointments.booking import release_hold
from appointments.models import Appointment
from mpaspor.core import clock
from quota.models import Seat
from tests.appointments.browsing import signed_in
from tests.factories.applicants import make_person, make_user
from tests.factories.appointments import make_application, make_confirmed, make_held

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
GET_AND_POST = pytest.mark.parametrize("method", ["get", "post"])


def pages(appointment: Appointment) -> list[str]:
    """Every address of somebody's application and appointment."""
    code, office = appointment.application.code, appointment.slot.office.code
    return [
        *(reverse(name, args=[code]) for name in OF_APPLICATION),
        *(reverse(name, args=[appointment.code]) for name in OF_APPOINTMENT),
        reverse("move_session", args=[code, appointment.slot.date]),
        reverse("choose_day", args=[code, office]),
        reverse("choose_session", args=[code, office, appointment.slot.date]),
    ]


@GET_AND_POST
@pytest.mark.parametrize("make", [make_held, make_confirmed])
def test_pages_of_another_account_are_not_there(make: object, method: str) -> None:
    appointment = make()  # type: ignore[operator]
    stranger = signed_in(make_user())
    answers = {
        url: getattr(stranger, method)(url, {"slot": appointment.slot.code}).status_code
        for url in pages(appointment)
    }
    wrong = {url: status for url, status in answers.items() if status not in {404, 405}}
    assert wrong == {}
    assert Seat.objects.filter(holder=appointment.code).count() == 1


@GET_AND_POST
def test_pages_ask_the_unknown_to_sign_in_and_lead_them_back(method: str) -> None:
    appointment = make_confirmed()
    nobody = Client()
    for url in [*pages(appointment), reverse("my_applications"), reverse("application_new")]:
        response = getattr(nobody, method)(url)
        assert (response.status_code, response.url) == (302, f"/account/login/?next={url}"), url


@pytest.mark.parametrize("code", ["NOSUCHCODE", "0", "-", "x" * 300, "_"])
@pytest.mark.parametrize("name", [*OF_APPLICATION, *OF_APPOINTMENT])
def test_pages_of_a_code_that_nobody_has_are_not_there(name: str, code: str) -> None:
    client = signed_in(make_user())
    assert client.get(reverse(name, args=[code])).status_code in {404, 405}
    assert client.post(reverse(name, args=[code])).status_code in {404, 405}


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
