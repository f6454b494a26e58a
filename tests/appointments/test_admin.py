"""Appointments and applications in the admin: whose, what they show, what a look leaves behind."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from applicants.register.port import Answer
from applicants.verifying import verify_due
from appointments.arrival import check_in
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from mpaspor.audit import trail
from mpaspor.core import clock
from payments.settlement import settle
from quota.enums import Role
from quota.models import Office, Slot
from tests.applicants.asking import DIFFERS, DOWN, MATCH, FakeRegister
from tests.factories.applicants import make_person
from tests.factories.appointments import (
    make_application,
    make_awaiting,
    make_confirmed,
    make_held,
    make_money,
)
from tests.factories.quota import make_office, make_officer, make_open_slot

pytestmark = pytest.mark.django_db

APPOINTMENTS = "/admin/appointments/appointment/"
APPLICATIONS = "/admin/appointments/application/"
LIST_QUERIES = 12


@pytest.fixture
def office() -> Office:
    return make_office(name="Kantor Imigrasi Uji")


@pytest.fixture
def counter(office: Office, client: Client) -> Client:
    client.cookies["django_language"] = "en"
    client.force_login(make_officer(Role.COUNTER, office))
    return client


def confirmed(office: Office, name: str = "Budi Santoso") -> Appointment:
    slot = Slot.objects.filter(office=office).first() or make_open_slot(office=office, seats=9)
    return make_confirmed(slot=slot, person=make_person(name=name))


def page_of(appointment: Appointment) -> str:
    return f"{APPOINTMENTS}{appointment.pk}/change/"


def looks(appointment: Appointment) -> list[str]:
    entries = trail.of(f"appointment:{appointment.code}")
    return [entry.facts["through"] for entry in entries if entry.deed == "person.look"]


def listed(client: Client, address: str, **wish: str) -> list[str]:
    response = client.get(address, wish)
    assert response.status_code == 200
    return [row.code for row in response.context["cl"].result_list]


def test_list_of_an_officer_has_the_own_offices_appointments_only(
    counter: Client, office: Office
) -> None:
    own, other = confirmed(office), confirmed(make_office())

    assert listed(counter, APPOINTMENTS) == [own.code]
    assert listed(counter, APPLICATIONS) == [own.application.code]
    assert listed(counter, APPOINTMENTS, office=other.slot.office.code) == []


def test_list_of_the_centre_has_all_and_can_be_narrowed_to_an_office(
    client: Client, office: Office
) -> None:
    client.force_login(make_officer(Role.CENTRE))
    own, other = confirmed(office), confirmed(make_office())

    assert set(listed(client, APPOINTMENTS)) == {own.code, other.code}
    assert listed(client, APPOINTMENTS, office=office.code) == [own.code]


def test_list_narrowed_by_status_and_day(counter: Client, office: Office) -> None:
    slot = make_open_slot(office=office)
    held, paid = make_held(slot=slot), make_confirmed(slot=slot)

    assert listed(counter, APPOINTMENTS, status__exact="held") == [held.code]
    assert set(listed(counter, APPOINTMENTS, slot__date__year=str(slot.date.year))) == {
        held.code,
        paid.code,
    }
    assert listed(counter, APPOINTMENTS, slot__date__year=str(slot.date.year - 1)) == []


@pytest.mark.parametrize("address", [APPOINTMENTS, APPLICATIONS])
def test_search_by_name_finds_the_own_offices_person_and_leaves_a_line(
    counter: Client, office: Office, address: str
) -> None:
    wanted = confirmed(office, name="Dewi Lestari")
    other, elsewhere = confirmed(office), confirmed(make_office(), name="Dewi Lestari")
    row = wanted if address == APPOINTMENTS else wanted.application

    found = listed(counter, address, q="lestari")

    assert found == [row.code]
    assert [looks(each) for each in (wanted, other, elsewhere)] == [["search"], [], []]


def test_search_by_code_as_dictated_finds_the_appointment(counter: Client, office: Office) -> None:
    wanted, _other = confirmed(office), confirmed(office)

    assert listed(counter, APPOINTMENTS, q=" ".join(wanted.code.lower())) == [wanted.code]


def test_list_without_search_leaves_no_line(counter: Client, office: Office) -> None:
    appointment = confirmed(office)

    listed(counter, APPOINTMENTS)
    listed(counter, APPLICATIONS)

    assert looks(appointment) == []


@pytest.mark.parametrize(
    "wish",
    [
        {"status__exact": "everything"},
        {"office": "nowhere"},
        {"slot__date__year": "x"},
        {"slot__date__month": "13", "slot__date__year": "2026"},
        {"p": "999999"},
        {"o": "9.9.9"},
        {"q": "%_'\"\\;--"},
        {"nonsense": "1"},
        {"bill__payer_name": "A"},
    ],
)
def test_list_with_a_bad_wish_is_answered_calmly(
    counter: Client, office: Office, wish: dict[str, str]
) -> None:
    confirmed(office)

    assert counter.get(APPOINTMENTS, wish, follow=True).status_code in {200, 400}


def test_detail_shows_the_person_masked_with_bill_and_payment(
    counter: Client, office: Office
) -> None:
    appointment = confirmed(office, name="Dewi Lestari")
    bill, identity = appointment.bill, appointment.application.person.identity
    assert bill is not None

    page = counter.get(page_of(appointment)).content.decode()

    shown = ["Dewi Lestari", identity.masked_nik, str(bill.billing_code), "Rp650.000", "Paid"]
    assert [fact for fact in shown if fact not in page] == []
    assert bill.payments.get().ntpn in page
    assert identity.nik not in page


def test_detail_names_a_case_at_its_payment(counter: Client, office: Office) -> None:
    appointment = confirmed(office)
    bill = appointment.bill
    assert bill is not None
    settle(bill_code=bill.code, money=make_money(bill), by="simponi", at=clock.now())

    page = counter.get(page_of(appointment)).content.decode()

    assert page.count("Paid twice") == 1


def test_detail_tells_what_happened_and_who_looked(counter: Client, office: Office) -> None:
    appointment = make_awaiting(slot=make_open_slot(office=office))
    counter.get(page_of(appointment))

    context = counter.get(page_of(appointment)).context

    assert [event.what for event in reversed(context["done"])] == [
        "Application begun",
        "Seat held",
        "Bill asked for",
        "Submitted",
        "Billing code given",
    ]
    assert [(event.what, event.who) for event in context["looks"]] == [
        ("Page opened", str(context["user"]))
    ] * 2


def test_detail_opened_leaves_one_line_each_time(counter: Client, office: Office) -> None:
    appointment = confirmed(office)

    counter.get(page_of(appointment))
    counter.get(f"{APPLICATIONS}{appointment.application_id}/change/")

    assert looks(appointment) == ["page", "page"]


def test_detail_of_another_offices_appointment_is_not_there(counter: Client) -> None:
    elsewhere = confirmed(make_office(), name="Rahasia Sekali")

    answers = [
        counter.get(page_of(elsewhere), follow=True),
        counter.get(f"{APPLICATIONS}{elsewhere.application_id}/change/", follow=True),
    ]

    assert [answer.redirect_chain for answer in answers] == [[("/admin/", 302)]] * 2
    assert [b"Rahasia Sekali" in answer.content for answer in answers] == [False, False]
    assert looks(elsewhere) == []


def test_detail_with_a_bad_number_leads_back(counter: Client) -> None:
    for number in ("0", "x", "9" * 30, "1'--"):
        assert counter.get(f"{APPOINTMENTS}{number}/change/").status_code == 302


@pytest.mark.parametrize("ending", ["change/", "delete/"])
def test_detail_posted_to_changes_nothing(counter: Client, office: Office, ending: str) -> None:
    appointment = confirmed(office)

    answer = counter.post(f"{APPOINTMENTS}{appointment.pk}/{ending}", {"status": "held"})

    appointment.refresh_from_db()
    assert answer.status_code == 403
    assert appointment.status == AppointmentStatus.CONFIRMED


def test_application_detail_leads_to_its_appointments(counter: Client, office: Office) -> None:
    appointment = make_held(slot=make_open_slot(office=office))

    page = counter.get(f"{APPLICATIONS}{appointment.application_id}/change/").content.decode()

    assert re.findall(rf"{APPOINTMENTS}(\d+)/change/", page) == [str(appointment.pk)]


def test_application_without_any_seat_is_in_nobodys_list(client: Client) -> None:
    client.force_login(make_officer(Role.CENTRE))
    make_application()

    assert listed(client, APPLICATIONS) == []


def test_history_shows_the_check_in_by_name_of_the_officer(counter: Client, office: Office) -> None:
    appointment = confirmed(office)
    opens = appointment.slot.starts_at
    officer = make_officer(Role.HEAD, office)
    check_in(appointment=appointment, office=office, by=officer, at=opens)

    newest = counter.get(page_of(appointment)).context["done"][0]

    assert (newest.what, newest.who) == ("Checked in", str(officer))


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_the_database_the_same_for_one_and_three(
    counter: Client,
    office: Office,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    slot = make_open_slot(office=office)
    for _each in range(rows):
        make_confirmed(slot=slot)
    counter.get(APPOINTMENTS)

    with django_assert_num_queries(LIST_QUERIES):
        counter.get(APPOINTMENTS)


@pytest.mark.parametrize(
    ("answer", "shown", "noted"),
    [
        (MATCH, "As in the registry", False),
        (DIFFERS, "Differs from the registry: Full name", True),
        (DOWN, "No answer yet, asked again", False),
    ],
)
def test_page_shows_what_the_civil_registry_says_of_the_person(
    counter: Client, office: Office, answer: Answer, shown: str, noted: bool
) -> None:
    appointment = confirmed(office)
    verify_due(register=FakeRegister(lambda _question: answer), at=clock.now())
    page = " ".join(counter.get(page_of(appointment)).text.split())
    assert (shown in page, "The civil registry differs" in page) == (True, noted)
