"""All pages together: the way through them, their language, and how often they ask the database."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from appointments.booking import release_hold
from appointments.models import Application, Appointment
from mpaspor.core import clock
from payments.enums import IncidentKind
from payments.gateway.simponi import gateway
from payments.incidents import open_incident
from payments.issuing import issue_requested
from payments.models import Bill
from payments.polling import ask_due
from tests.appointments.browsing import signed_in, text_of
from tests.factories.applicants import make_person, make_user
from tests.factories.appointments import (
    make_application,
    make_awaiting,
    make_billed_party,
    make_confirmed,
    make_held,
)
from tests.factories.documents import make_document
from tests.factories.quota import make_office, make_open_slot
from tests.simulators.running import Simponi, start_simponi

pytestmark = pytest.mark.django_db


# A link of the same ending in the bar of every page.
PUBLIC = {"/offices/"}


def links(response: Any) -> list[str]:
    return re.findall(r'href="(/[^"]*)"', response.content.decode())


@pytest.mark.django_db(transaction=True)
def test_the_way_from_the_first_question_to_the_letter(
    tmp_path: Path, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every page is reached from the one before it; the bill is made and paid at a real gateway."""
    person, slot = make_person(), make_open_slot()
    make_confirmed()
    client = signed_in(person.account)
    simponi = start_simponi(tmp_path)
    settings.SIMPONI_URL, settings.SIMPONI_KEY = simponi.url, simponi.key
    try:
        walk(client, person.code, slot.office.code, slot.code, simponi)
    finally:
        simponi.stop()
    assert person.identity.nik not in "".join(capfd.readouterr())


def walk(client: Client, person: str, office: str, slot: str, simponi: Simponi) -> None:
    assert reverse("application_new") in links(client.get(reverse("my_applications")))
    answers = {"person": person, "kind": "new", "book": "10", "service": "regular"}
    tasks = client.post(reverse("application_new"), answers, follow=True)
    [to_offices] = {link for link in links(tasks) if link.endswith("/offices/")} - PUBLIC
    offices = client.get(to_offices)
    [to_days] = [link for link in links(offices) if link.endswith(f"/offices/{office}/")]
    days = client.get(to_days)
    [to_sessions] = {link for link in links(days) if re.search(r"/\d{4}-\d\d-\d\d/$", link)}
    review = client.post(to_sessions, {"slot": slot}, follow=True)
    assert "Rp950.000" in text_of(review)
    waiting = client.post(review.redirect_chain[-1][0], follow=True)
    assert "Your billing code is on its way" in text_of(waiting)

    issue_requested(gateway=gateway(), at=clock.now())
    bill = Bill.objects.exclude(billing_code=None).latest("pk")
    to_pay = client.get(waiting.redirect_chain[-1][0])
    assert str(bill.billing_code) in text_of(to_pay).replace(" ", "")
    simponi.pay(str(bill.billing_code))
    Bill.objects.filter(pk=bill.pk).update(next_at=clock.now())
    ask_due(gateway=gateway(), at=clock.now())

    mine = links(client.get(reverse("my_applications")))
    [to_application] = [link for link in mine if re.search(r"/applications/\w{10}/$", link)]
    letter = client.get(to_application, follow=True)
    code = Appointment.objects.get(bill=bill).code
    assert reverse("letter", args=[code]) in links(letter)
    assert client.get(reverse("letter", args=[code])).content.startswith(b"%PDF")


def test_pages_are_indonesian_unless_the_person_chose_otherwise() -> None:
    appointment = make_confirmed()
    user = appointment.application.account
    urls = [
        reverse("my_applications"),
        reverse("application_new"),
        reverse("visit", args=[appointment.application.code]),
        reverse("bill", args=[appointment.application.code]),
        reverse("verify", args=[appointment.code]),
    ]
    fresh = Client(headers={"Accept-Language": "en-US,en;q=0.9"})
    fresh.force_login(user)
    chose = signed_in(user, "en")
    odd = signed_in(user, "xx")
    for client, language in ((fresh, "id"), (chose, "en"), (odd, "id")):
        pages = [client.get(url) for url in urls]
        assert {page["Content-Language"] for page in pages} == {language}
        assert {page.content.decode().count(f'<html lang="{language}"') for page in pages} == {1}


def my_applications(rows: int) -> tuple[Client, str]:
    account = make_user()
    for _ in range(rows):
        make_awaiting(person=make_person(account))
    return signed_in(account), reverse("my_applications")


def new_application(rows: int) -> tuple[Client, str]:
    account = make_user()
    for _ in range(rows):
        make_person(account)
    return signed_in(account), reverse("application_new")


def tasks(rows: int) -> tuple[Client, str]:
    account = make_user()
    draft = make_application(person=make_person(account))
    for _other in range(rows):
        make_application(person=make_person(account))
        make_document(application=draft, kind=f"other-{_other}")
    return signed_in(account), reverse("tasks", args=[draft.code])


def choose_office(rows: int) -> tuple[Client, str]:
    for _ in range(rows):
        make_open_slot()
    draft = make_application()
    return signed_in(draft.account), reverse("choose_office", args=[draft.code])


def choose_day(rows: int) -> tuple[Client, str]:
    draft, office = make_application(), make_office()
    for number in range(rows):
        make_open_slot(office=office, service=draft.service, starts_at=hour(8 + number))
    return signed_in(draft.account), reverse("choose_day", args=[draft.code, office.code])


def choose_session(rows: int) -> tuple[Client, str]:
    draft, office = make_application(), make_office()
    slots = [make_open_slot(office=office, starts_at=hour(8 + number)) for number in range(rows)]
    address = [draft.code, office.code, slots[0].date]
    return signed_in(draft.account), reverse("choose_session", args=address)


def hour(number: int) -> datetime:
    """Of the day in ten days, in the capital."""
    day = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=10)
    return day + timedelta(hours=number - 7)


def bill(rows: int) -> tuple[Client, str]:
    """`rows` holds before the one that is billed."""
    application = make_application()
    for _ in range(rows):
        held = make_held(application=application)
        release_hold(appointment=held, by="test", at=clock.now())
    make_awaiting(application=application)
    return signed_in(application.account), reverse("bill", args=[application.code])


def bill_status(rows: int) -> tuple[Client, str]:
    client, _url = bill(rows)
    return client, reverse("bill_status", args=[Application.objects.latest("pk").code])


def polled(rows: int) -> tuple[Client, str]:
    """The same, asked by a page that shows all of it."""
    client, url = bill_status(rows)
    return client, f"{url}?seen=awaiting_payment.issued.well.0.none"


def polled_in_an_outage(rows: int) -> tuple[Client, str]:
    client, url = polled(rows)
    open_incident(what=IncidentKind.GATEWAY, by="test", at=clock.now())
    return client, f"{url}.outage"


def visit(_rows: int) -> tuple[Client, str]:
    appointment = make_confirmed()
    client = signed_in(appointment.application.account)
    return client, reverse("visit", args=[appointment.application.code])


def cancel(rows: int) -> tuple[Client, str]:
    party = make_billed_party(people=rows)
    client = signed_in(party[0].application.account)
    return client, reverse("cancel", args=[party[0].application.code])


def move_day(rows: int) -> tuple[Client, str]:
    appointment = make_confirmed(slot=make_open_slot(starts_at=hour(15)))
    office = appointment.slot.office
    for number in range(rows):
        make_open_slot(office=office, starts_at=hour(8 + number))
    client = signed_in(appointment.application.account)
    return client, reverse("move_day", args=[appointment.application.code])


def move_session(rows: int) -> tuple[Client, str]:
    appointment = make_confirmed(slot=make_open_slot(starts_at=hour(15)))
    office = appointment.slot.office
    slots = [make_open_slot(office=office, starts_at=hour(8 + number)) for number in range(rows)]
    client = signed_in(appointment.application.account)
    return client, reverse("move_session", args=[appointment.application.code, slots[0].date])


# Two for the session and the account; one for the clock where a page looks at it.
@pytest.mark.parametrize(
    ("arrange", "queries"),
    [
        (my_applications, 9),
        (new_application, 6),
        (tasks, 7),
        (choose_office, 7),
        (choose_day, 9),
        (choose_session, 7),
        (bill, 5),
        (bill_status, 5),
        (polled, 3),
        (polled_in_an_outage, 4),
        (visit, 10),
        (cancel, 6),
        (move_day, 11),
        (move_session, 6),
    ],
)
@pytest.mark.parametrize("rows", [1, 3])
def test_pages_ask_the_database_as_often_for_three_rows_as_for_one(
    arrange: Callable[[int], tuple[Client, str]],
    queries: int,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client, url = arrange(rows)
    client.get("/privacy/")  # the first visit of a day renews the session
    with django_assert_num_queries(queries):
        response = client.get(url)
    assert response.status_code == (204 if "seen=" in url else 200)
