"""Office, day, session: odd addresses are answered, refusals say how to go on, nothing is lost."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from appointments.models import Application, Appointment
from quota.models import Seat, Slot
from quota.seats import take_seat
from tests.appointments.browsing import said, signed_in, text_of
from tests.database import check_deferred
from tests.factories.applicants import make_person, valid_nik
from tests.factories.appointments import make_application, make_awaiting, make_held
from tests.factories.quota import make_office, make_open_slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Application:
    return make_application()


@pytest.fixture
def client(draft: Application) -> Client:
    return signed_in(draft.account)


def sessions_of(draft: Application, slot: Slot) -> str:
    return reverse("choose_session", args=[draft.code, slot.office.code, slot.date])


def taken(slot: Slot) -> int:
    return Seat.objects.filter(slot=slot).exclude(holder=None).count()


def test_choose_office_finds_an_office_by_its_city(client: Client, draft: Application) -> None:
    make_office(name="Kantor Satu", city="Denpasar")
    make_office(name="Kantor Dua", city="Bandung")
    page = text_of(client.get(reverse("choose_office", args=[draft.code]), {"q": "denPASAR"}))
    assert ("Kantor Satu" in page, "Kantor Dua" in page) == (True, False)


@pytest.mark.parametrize(
    ("search", "status"),
    [("", 200), ("%", 200), ("x" * 5000, 200), ("\\", 200), ("' OR 1=1 --", 200), ("\x00", 400)],
)
def test_choose_office_with_an_odd_search_is_a_page_that_keeps_it(
    client: Client, draft: Application, search: str, status: int
) -> None:
    make_office()
    response = client.get(reverse("choose_office", args=[draft.code]), {"q": search})
    assert response.status_code == status
    if status == 200:
        assert response.context["search"] == search


def test_choose_office_that_finds_nothing_says_what_to_try(
    client: Client, draft: Application
) -> None:
    make_office()
    page = text_of(client.get(reverse("choose_office", args=[draft.code]), {"q": "Atlantis"}))
    assert "Try the name of the city only" in page


@pytest.mark.parametrize(
    "month", ["", "2026-13", "2026", "abc", "9999-12", "0001-01", "-1", "2026-12-01", "٢٠٢٦-١٢"]
)
def test_choose_day_with_an_odd_month_is_a_page(
    client: Client, draft: Application, month: str
) -> None:
    slot = make_open_slot()
    url = reverse("choose_day", args=[draft.code, slot.office.code])
    assert client.get(url, {"month": month}).status_code == 200


@pytest.mark.parametrize(
    "address", ["offices/atlantis/", "offices/atlantis/2026-12-07/", "offices/{office}/2026-02-30/"]
)
def test_choose_at_an_office_or_day_that_is_not_there_is_not_found(
    client: Client, draft: Application, address: str
) -> None:
    office = make_office().code
    url = f"/applications/{draft.code}/{address.format(office=office)}"
    assert client.get(url).status_code == 404


def test_choose_session_holds_the_seat_and_leads_to_the_review(
    client: Client, draft: Application
) -> None:
    slot = make_open_slot()
    response = client.post(sessions_of(draft, slot), {"slot": slot.code})
    assert response["Location"] == reverse("review", args=[draft.code])
    assert Appointment.objects.get().slot == slot
    check_deferred()


def test_choose_session_of_an_empty_day_says_where_to_go_on(
    client: Client, draft: Application
) -> None:
    slot = make_open_slot()
    url = reverse("choose_session", args=[draft.code, slot.office.code, date(2020, 1, 1)])
    response = client.get(url)
    assert response.status_code == 200
    assert "There are no open sessions on this day." in text_of(response)


@pytest.mark.parametrize(
    ("posted", "message"),
    [
        ({}, "Choose one of the sessions first."),
        ({"slot": ""}, "This session can no longer be booked."),
        ({"slot": "NOSUCHCODE"}, "This session can no longer be booked."),
        ({"slot": "\x00"}, "This session can no longer be booked."),
        ({"slot": "x" * 100_000}, "This session can no longer be booked."),
        ({"slot": "<script>"}, "This session can no longer be booked."),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_choose_session_with_an_odd_choice_says_so_and_holds_nothing(
    client: Client, draft: Application, posted: dict[str, str], message: str
) -> None:
    slot = make_open_slot()
    response = client.post(sessions_of(draft, slot), posted)
    assert response.status_code == 200
    assert message in text_of(response)
    assert (taken(slot), Appointment.objects.count()) == (0, 0)


def test_choose_session_that_has_just_filled_up_keeps_the_old_seat(
    client: Client, draft: Application
) -> None:
    held = make_held(application=draft)
    full = make_open_slot(seats=1)
    take_seat(slot=full, holder="SOMEBODY")

    response = client.post(sessions_of(draft, full), {"slot": full.code})

    assert response.status_code == 200
    assert "The last seat of this session was just taken." in text_of(response)
    held.refresh_from_db()
    assert (held.status, taken(held.slot)) == ("held", 1)


def test_choose_session_while_another_account_holds_a_seat_says_so() -> None:
    nik = valid_nik()
    make_held(person=make_person(nik=nik))
    draft, slot = make_application(person=make_person(nik=nik)), make_open_slot()
    response = signed_in(draft.account).post(sessions_of(draft, slot), {"slot": slot.code})
    assert "Another account is holding a seat for this NIK" in text_of(response)
    assert taken(slot) == 0


def test_choosing_after_submitting_is_no_longer_there() -> None:
    appointment = make_awaiting()
    client, application = signed_in(appointment.application.account), appointment.application
    slot = make_open_slot()
    response = client.post(sessions_of(application, slot), {"slot": slot.code})
    assert (response.status_code, taken(slot)) == (404, 0)


def test_giving_the_seat_back_frees_it_and_leads_to_the_offices() -> None:
    held = make_held()
    client = signed_in(held.application.account)
    for _ in range(2):
        response = client.post(reverse("other_session", args=[held.application.code]), follow=True)
        assert response.redirect_chain[-1][0] == reverse(
            "choose_office", args=[held.application.code]
        )
        assert said(response) == ["Your seat was given back. Choose another one."]
    assert taken(held.slot) == 0


def test_giving_back_a_seat_that_waits_for_payment_is_refused() -> None:
    appointment = make_awaiting()
    client = signed_in(appointment.application.account)
    response = client.post(reverse("other_session", args=[appointment.application.code]))
    assert (response.status_code, taken(appointment.slot)) == (409, 1)
