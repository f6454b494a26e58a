"""The waiting list as people meet it: getting on, being told, taking a seat with one press."""

from datetime import datetime
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import translation

from appointments.enums import ServiceClass
from appointments.models import Application, Appointment
from mpaspor.core import clock
from quota.models import Slot
from quota.waiting_list.answering import lapse_offers
from quota.waiting_list.enums import OfferStatus, WishStatus
from quota.waiting_list.models import Offer, Wish
from tests.appointments.browsing import checked, errors_of, said, signed_in, text_of
from tests.factories.applicants import make_person, make_user
from tests.factories.appointments import make_application, make_awaiting
from tests.factories.quota import make_office, make_open_slot
from tests.factories.waiting_list import full_slot, make_offer, make_wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return clock.now()


def typed(slot: Slot, *persons: Any, **other: Any) -> dict[str, Any]:
    return {
        "persons": [person.code for person in persons],
        "office": slot.office.code,
        "first_day": slot.date.isoformat(),
        "last_day": slot.date.isoformat(),
        "hours": "any",
        "service": "regular",
    } | other


# A wish


def test_wish_new_puts_the_persons_on_the_list_and_says_how_many_wait() -> None:
    slot, person = full_slot(), make_person()
    other = make_person(person.account)
    make_wish(slot)

    page = signed_in(person.account).post(
        reverse("wish_new"), typed(slot, person, other), follow=True
    )

    assert Wish.objects.latest("pk").size == 2
    assert "3 people are waiting" in text_of(page)


@pytest.mark.parametrize("name", ["choose_day", "choose_session", "availability"])
def test_page_without_a_free_seat_leads_to_a_wish_that_is_filled_in(name: str) -> None:
    slot, draft = full_slot(), make_application()
    client = signed_in(draft.account)
    addresses = {
        "choose_day": reverse("choose_day", args=[draft.code, slot.office.code]),
        "choose_session": reverse("choose_session", args=[draft.code, slot.office.code, slot.date]),
        "availability": f"{reverse('availability')}?office={slot.office.code}&service=regular",
    }
    content = client.get(addresses[name]).content.decode()
    link = content.split(f'href="{reverse("wish_new")}', 1)[1].split('"')[0].replace("&amp;", "&")

    form = client.get(reverse("wish_new") + link).context["form"]

    assert {form["office"].value(), form["service"].value()} == {slot.office.code, "regular"}
    assert form["first_day"].value() <= slot.date.isoformat() or name != "choose_session"


def test_wish_new_without_a_person_leads_to_add_one() -> None:
    assert signed_in(make_user()).get(reverse("wish_new")).headers["Location"] == reverse(
        "person_add"
    )


def test_wish_new_of_an_active_person_says_it_at_the_top_and_keeps_what_was_typed() -> None:
    awaiting = make_awaiting()
    person = awaiting.application.person

    page = signed_in(person.account).post(reverse("wish_new"), typed(awaiting.slot, person))

    assert errors_of(page) == {
        "__all__": [
            "There is already an application under way for this NIK. "
            "Go on with that one under “My applications”."
        ]
    }
    assert f"persons={person.code}" in checked(page)
    assert not Wish.objects.exists()


@pytest.mark.parametrize(
    ("odd", "field"),
    [
        ({"office": ""}, "office"),
        ({"office": "nowhere"}, "office"),
        ({"office2": "\u202e"}, "office2"),
        ({"first_day": "x" * 10_000}, "first_day"),
        ({"last_day": "2020-01-01"}, "last_day"),
        ({"last_day": "0001-01-01"}, "last_day"),
        ({"hours": "\x00"}, "hours"),
        ({"service": "first class"}, "service"),
        ({"persons": []}, "persons"),
        ({"persons": ["A", "\x00"]}, "persons"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wish_new_with_odd_answers_names_the_field_and_changes_nothing(
    odd: dict[str, Any], field: str
) -> None:
    slot, person = full_slot(), make_person()

    page = signed_in(person.account).post(reverse("wish_new"), typed(slot, person, **odd))

    assert (page.status_code, field in errors_of(page)) == (200, True)
    assert not Wish.objects.exists()


def test_wish_change_keeps_the_place_and_withdraw_leaves_it(at: datetime) -> None:
    slot, elsewhere = full_slot(), make_office()
    wish = make_wish(slot, at=at)
    client = signed_in(wish.account)
    form = client.get(reverse("wish_change", args=[wish.code])).context["form"]
    assert form["office"].value() == slot.office.code

    client.post(
        reverse("wish_change", args=[wish.code]),
        typed(slot, office2=elsewhere.code, hours="morning"),
    )
    wish.refresh_from_db()
    assert (wish.offices, wish.hours) == ([slot.office_id, elsewhere.pk], "morning")
    assert wish.placed_at == at

    client.post(reverse("wish_withdraw", args=[wish.code]))
    wish.refresh_from_db()
    assert wish.status == WishStatus.WITHDRAWN


def test_my_applications_shows_the_wish_and_then_the_offer(at: datetime) -> None:
    slot = full_slot()
    wish = make_wish(slot, at=at)
    client = signed_in(wish.account)
    assert "On the list" in text_of(client.get(reverse("my_applications")))

    offer = make_offer(slot, wish, at=at)

    page = client.get(reverse("my_applications"))
    assert "A seat is offered" in text_of(page)
    assert reverse("offer", args=[offer.code]) in page.content.decode()


# An offer


def owner(offer: Offer) -> Client:
    return signed_in(offer.wish.account)


def test_notice_leads_to_the_offer_that_one_press_takes(at: datetime) -> None:
    slot, person = full_slot(), make_person()
    make_application(person=person)
    offer = make_offer(slot, make_wish(slot, person, at=at), at=at)
    client = owner(offer)
    address = reverse("offer", args=[offer.code])
    assert "Yes, take it" in text_of(client.get(address))

    page = client.post(address)

    appointment = Appointment.objects.get()
    assert page.headers["Location"] == reverse("application", args=[appointment.application.code])
    review = reverse("review", args=[appointment.application.code])
    assert client.get(page.headers["Location"]).headers["Location"] == review
    assert client.get(review).status_code == 200


def test_offer_to_somebody_without_an_application_leads_there_and_back(at: datetime) -> None:
    offer = make_offer(at=at)
    client = owner(offer)
    address = reverse("offer", args=[offer.code])
    content = client.get(address).content.decode()
    link = content.split(f'href="{reverse("application_new")}', 1)[1].split('"')[0]
    assert "Yes, take it" not in content

    page = client.get(reverse("application_new") + link.replace("&amp;", "&"))
    assert "service=regular" in checked(page)
    answers = {"kind": "new", "book": "5", "service": "regular"}
    person = page.context["form"].initial["person"]
    back = client.post(
        reverse("application_new") + link.replace("&amp;", "&"), answers | {"person": person}
    )

    assert back.headers["Location"] == address
    assert "Yes, take it" in text_of(client.get(address))


@pytest.mark.parametrize("offer", ["UNKNOWN", "é", "\u202e", "//evil.test", "x" * 5000])
def test_application_new_with_a_forged_offer_goes_on_as_usual(offer: str) -> None:
    person = make_person()
    answers = {"kind": "new", "book": "5", "service": "regular", "person": person.code}

    page = signed_in(person.account).post(
        reverse("application_new", query={"offer": offer}), answers
    )

    draft = Application.objects.get()
    assert page.headers["Location"] == reverse("tasks", args=[draft.code])


def test_offer_taken_after_its_time_is_refused_in_words(at: datetime) -> None:
    slot, person = full_slot(), make_person()
    make_application(person=person, service=ServiceClass.REGULAR)
    offer = make_offer(slot, make_wish(slot, person, at=at), at=at)
    lapse_offers(at=offer.until)

    page = owner(offer).post(reverse("offer", args=[offer.code]))

    assert said(page) == [
        "This offer has ended: its time was over, or it was declined. "
        "While your wish is on the waiting list, you are told of the next seat that fits."
    ]
    assert "This offer has ended" in text_of(page)
    assert not Appointment.objects.exists()


def test_offer_declined_goes_on_and_keeps_the_place(at: datetime) -> None:
    offer = make_offer(at=at)

    page = owner(offer).post(reverse("offer_decline", args=[offer.code]), follow=True)

    offer.refresh_from_db()
    assert offer.status == OfferStatus.DECLINED
    assert "You keep your place" in text_of(page)
    assert "On the list" in text_of(page)


@pytest.mark.parametrize("method", ["get", "post"])
def test_wish_and_offer_of_another_account_are_not_there(at: datetime, method: str) -> None:
    offer = make_offer(at=at)
    stranger = signed_in(make_user())
    names = {
        "wish": offer.wish.code,
        "wish_change": offer.wish.code,
        "wish_withdraw": offer.wish.code,
        "offer": offer.code,
        "offer_decline": offer.code,
    }

    answers = {
        name: getattr(stranger, method)(reverse(name, args=[code])).status_code
        for name, code in names.items()
    }

    assert {name: status for name, status in answers.items() if status not in {404, 405}} == {}
    assert stranger.post(reverse("offer", args=["FORGED"])).status_code == 404
    offer.refresh_from_db()
    assert (offer.status, offer.wish.status) == (OfferStatus.OPEN, WishStatus.WAITING)


def test_offer_asks_the_unknown_to_sign_in_and_leads_back(at: datetime) -> None:
    address = reverse("offer", args=[make_offer(at=at).code])

    assert Client().get(address).headers["Location"] == f"/account/login/?next={address}"


FACTS = {
    "base_url": "https://m-paspor.example",
    "code": "A3C4D6E7F9",
    "office": "Kantor Imigrasi Kelas I Khusus TPI Jakarta Selatan",
    "offices": "Kantor Imigrasi Kelas I TPI Medan & Kantor Imigrasi Ambon",
    "zone": "Asia/Jakarta",
    "day": "2026-12-07",
    "starts": "08:00:00",
    "ends": "09:00:00",
    "seats": 2,
    "until": "2026-12-01T16:30:00+07:00",
}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize(
    ("what", "address", "words"),
    [
        ("seat_offered", "offers", ["16:30 WIB", "08:00", "2026"]),
        ("wish_closed", "waiting-list", []),
    ],
)
def test_notice_says_what_and_until_when_and_where_to_press(
    what: str, address: str, words: list[str], channel: str, language: str
) -> None:
    with translation.override(language):
        text = render_to_string(f"notices/appointments/{what}.{channel}.txt", FACTS)

    link = f"https://m-paspor.example/{address}/A3C4D6E7F9/"
    if language == "id":
        words = [word.replace(":", ".") for word in words]
    assert [word for word in [link, *words] if word not in text] == []
    assert ("&amp;" in text, "&#" in text) == (False, False)


def test_wish_new_while_seats_are_free_shows_them_and_makes_no_wish() -> None:
    slot, person = make_open_slot(seats=2), make_person()
    client = signed_in(person.account)

    page = client.post(reverse("wish_new"), typed(slot, person))

    day = reverse("availability_day", args=[slot.office.code, slot.date])
    assert f'href="{day}?service=regular"' in page.content.decode()
    assert "There are free seats now" in text_of(page)
    assert not Wish.objects.exists()
    afternoon = client.post(reverse("wish_new"), typed(slot, person, hours="afternoon"))
    assert afternoon.status_code == 302


def test_wish_new_of_a_party_that_finds_no_room_is_made() -> None:
    slot, person = make_open_slot(seats=1), make_person()
    other = make_person(person.account)

    page = signed_in(person.account).post(reverse("wish_new"), typed(slot, person, other))

    assert (page.status_code, Wish.objects.get().size) == (302, 2)


@pytest.mark.parametrize("name", ["wish_new", "wish_change"])
def test_wish_form_left_half_typed_is_found_again(name: str) -> None:
    slot, person = full_slot(), make_person()
    places = [make_wish(slot, person).code] if name == "wish_change" else []
    address = reverse(name, args=places)
    half = typed(slot, person, last_day="", hours="morning", only_keep="1")

    assert signed_in(person.account).post(address, half).status_code == 204

    form = signed_in(person.account).get(address).context["form"]
    assert (form["hours"].value(), form["last_day"].value()) == ("morning", "")
