"""The confirmed appointment for its holder, and what anybody may learn from its code."""

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar
from pypdf import PdfReader

from appointments.arrival import check_in
from appointments.models import Appointment
from tests.appointments.browsing import signed_in, text_of
from tests.factories.applicants import make_person, valid_nik
from tests.factories.appointments import make_awaiting, make_confirmed, make_held

pytestmark = pytest.mark.django_db


@pytest.fixture
def confirmed() -> Appointment:
    return make_confirmed()


@pytest.fixture
def client(confirmed: Appointment) -> Client:
    return signed_in(confirmed.application.account)


def arrive(appointment: Appointment) -> None:
    slot = appointment.slot
    check_in(appointment=appointment, office=slot.office, by="test", at=slot.starts_at)


def test_visit_shows_code_place_and_time(client: Client, confirmed: Appointment) -> None:
    text = text_of(client.get(reverse("visit", args=[confirmed.application.code])))
    wanted = [confirmed.slot.office.name, "10:00–11:00 WIB", "Rp650.000", "Confirmed and paid."]
    assert [fact for fact in wanted if fact not in text] == []
    assert confirmed.code in text.replace(" ", "")


def test_visit_after_check_in_says_to_wait(client: Client, confirmed: Appointment) -> None:
    arrive(confirmed)
    text = text_of(client.get(reverse("visit", args=[confirmed.application.code])))
    assert "You have checked in." in text


def test_visit_before_payment_leads_to_where_it_stands() -> None:
    awaiting = make_awaiting()
    client = signed_in(awaiting.application.account)
    response = client.get(reverse("visit", args=[awaiting.application.code]), follow=True)
    assert response.redirect_chain[-1][0] == reverse("bill", args=[awaiting.application.code])


@pytest.mark.parametrize("arrived", [False, True])
def test_letter_is_a_pdf_to_keep(client: Client, confirmed: Appointment, arrived: bool) -> None:
    if arrived:
        arrive(confirmed)
    response = client.get(reverse("letter", args=[confirmed.code]))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        f'attachment; filename="m-paspor-{confirmed.code}.pdf"'
    )
    assert "private" in response["Cache-Control"]
    assert confirmed.code in PdfReader(BytesIO(response.content)).pages[0].extract_text()


def test_visit_ics_is_a_calendar_to_keep(client: Client, confirmed: Appointment) -> None:
    response = client.get(reverse("visit_ics", args=[confirmed.code]))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    [event] = Calendar.from_ical(response.content).events
    assert event.start == confirmed.slot.starts_at


@pytest.mark.parametrize("make", [make_held, make_awaiting])
@pytest.mark.parametrize("name", ["letter", "visit_ics"])
def test_letter_and_calendar_before_payment_are_not_there(make: object, name: str) -> None:
    appointment = make()  # type: ignore[operator]
    client = signed_in(appointment.application.account)
    assert client.get(reverse(name, args=[appointment.code])).status_code == 404


def test_verify_tells_anybody_that_the_letter_is_good_and_nothing_personal() -> None:
    nik = valid_nik()
    appointment = make_confirmed(person=make_person(nik=nik, name="Siti Nurhaliza"))
    nobody = Client()
    nobody.cookies["django_language"] = "en"
    response = nobody.get(reverse("verify", args=[appointment.code]))
    text = text_of(response)
    assert (response.status_code, "This letter is good" in text) == (200, True)
    assert appointment.slot.office.name in text
    page = response.content.decode()
    personal = [nik, nik[-4:], "Siti", "Nurhaliza", appointment.application.code]
    assert [word for word in personal if word in page] == []


@pytest.mark.parametrize("make", [make_held, make_awaiting])
def test_verify_of_what_is_not_confirmed_knows_no_letter(make: object) -> None:
    appointment = make()  # type: ignore[operator]
    assert Client().get(reverse("verify", args=[appointment.code])).status_code == 404


@pytest.mark.parametrize("code", ["NOSUCHCODE", "-", "x" * 500, "0O1I"])
def test_verify_of_an_odd_code_knows_no_letter(code: str) -> None:
    assert Client().get(reverse("verify", args=[code])).status_code == 404


def test_verify_takes_the_code_as_it_is_typed(confirmed: Appointment) -> None:
    typed = f"{confirmed.code[:5]}-{confirmed.code[5:]}".lower()
    assert Client().get(reverse("verify", args=[typed])).status_code == 200
