"""The waiting room in the browser: one place on every device, odd input answered, light pages."""

import gzip
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from applicants.models import Person, User
from appointments.models import Application, Appointment
from mpaspor.core import clock
from quota.models import Release
from quota.release import open_release
from quota.waiting_room.enums import TicketStatus
from quota.waiting_room.models import QueueTicket
from quota.waiting_room.pausing import pause_room
from tests.appointments.browsing import errors_of, said, signed_in, text_of
from tests.factories import queue
from tests.factories.applicants import PASSWORD, make_person, make_user, valid_nik
from tests.factories.appointments import make_application, make_held
from tests.factories.quota import make_open_slot, make_release

pytestmark = pytest.mark.django_db

FIRST_VISIT_BYTES = 30_000


@pytest.fixture
def person() -> Person:
    return make_person(name="Dewi Lestari")


def joinable() -> Release:
    return queue.make_announced(opens=clock.now() + timedelta(minutes=30))


def drawn(*parties: Any, seats: int = 3) -> Release:
    """Opened a moment ago."""
    opens = clock.now() - timedelta(seconds=1)
    release, _tickets = queue.make_at_work(parties, opens=opens, seats=seats)
    return release


def with_person(person: Person, *, others: int = 0, seats: int = 3) -> tuple[Release, QueueTicket]:
    release = drawn([person.identity.code], *[1] * others, seats=seats)
    ticket = QueueTicket.objects.get(members__identity=person.identity.code)
    return release, ticket


def page(release: Release) -> str:
    return reverse("queue", args=[release.code])


def join_page(release: Release) -> str:
    return reverse("queue_join", args=[release.code])


def deed(client: Client, release: Release, ticket: QueueTicket, done: str) -> Any:
    address = reverse("queue_deed", args=[release.code, ticket.code])
    return client.post(address, {"deed": done}, follow=True)


# Getting in line


def test_join_page_puts_the_chosen_people_in_line(person: Person) -> None:
    other = make_person(person.account)
    release, client = joinable(), signed_in(person.account)
    chosen = {"persons": [person.code, other.code], "service": "regular"}
    response = client.post(join_page(release), chosen, follow=True)
    assert response.redirect_chain[-1][0] == page(release)
    assert "You are in the draw" in text_of(response)
    assert QueueTicket.objects.get().size == 2


def test_join_page_without_persons_leads_to_adding_one_and_back() -> None:
    release = joinable()
    response = signed_in(make_user()).get(join_page(release))
    assert response["Location"].startswith("/account/persons/new/?next=%2Freleases%2F")


@pytest.mark.parametrize(
    ("posted", "field", "words"),
    [
        ({}, "persons", "Choose who needs a seat."),
        ({"persons": ["NOSUCHCODE"]}, "persons", "This is nobody of your account."),
        ({"persons": ["\x00"]}, "persons", "Null characters are not allowed."),
        ({"persons": ["x" * 10_000]}, "persons", "This is nobody of your account."),
        ({"service": "express"}, "service", "There is no such service."),
    ],
)
def test_join_page_with_an_odd_choice_says_so_and_joins_nobody(
    person: Person, posted: dict[str, Any], field: str, words: str
) -> None:
    usual = {"persons": [person.code], "service": "regular"} if posted else {}
    response = signed_in(person.account).post(join_page(joinable()), usual | posted)
    assert response.status_code == 200
    assert words in " ".join(errors_of(response)[field])
    assert not QueueTicket.objects.exists()


def test_join_page_with_six_people_of_a_large_account_says_so() -> None:
    account = make_user(person_limit=10)
    persons = [make_person(account).code for _ in range(6)]
    chosen = {"persons": persons, "service": "regular"}
    response = signed_in(account).post(join_page(joinable()), chosen)
    assert "At most 5 people can stand in line together." in errors_of(response)["persons"][0]


def test_join_page_with_somebody_of_another_account_says_so(person: Person) -> None:
    chosen = {"persons": [make_person().code], "service": "regular"}
    response = signed_in(person.account).post(join_page(joinable()), chosen)
    assert "This is nobody of your account." in errors_of(response)["persons"][0]


def test_join_page_with_somebody_who_has_a_seat_names_them(person: Person) -> None:
    make_held(person=person)
    chosen = {"persons": [person.code], "service": "regular"}
    response = signed_in(person.account).post(join_page(joinable()), chosen)
    assert "Dewi Lestari already has a seat" in errors_of(response)["persons"][0]


def test_join_page_before_the_hour_says_from_when(person: Person) -> None:
    release = queue.make_announced(opens=clock.now() + timedelta(hours=2))
    chosen = {"persons": [person.code], "service": "regular"}
    response = signed_in(person.account).post(join_page(release), chosen)
    assert "Come back from" in text_of(response)


@pytest.mark.parametrize("code", ["NOSUCHCODE", "x" * 500])
@pytest.mark.parametrize("name", ["queue", "queue_join", "release", "draw"])
def test_page_of_no_release_is_not_found(person: Person, name: str, code: str) -> None:
    assert signed_in(person.account).get(reverse(name, args=[code])).status_code == 404


# Where one stands


def test_place_is_the_same_on_three_devices_and_after_signing_in_again(person: Person) -> None:
    _release, ticket = with_person(person, others=20, seats=1)
    release = ticket.room.release
    seen = set()
    for _device in range(3):
        client = Client()
        for _sign_in in range(5):
            login = {"login": person.account.email, "password": PASSWORD}
            client.post("/account/login/", login)
            found = re.search(r'data-number="(\d+)"', client.get(page(release)).content.decode())
            seen.add(found and found[1])
            client.logout()
    assert seen == {str(ticket.number)}


def test_place_is_the_same_in_another_account_that_knows_the_person(person: Person) -> None:
    nik = person.identity.nik
    release, ticket = with_person(person, others=5, seats=1)
    other = make_person(nik=nik)
    for account in (person.account, other.account):
        assert f'data-number="{ticket.number}"' in said_by(account, release)


def said_by(account: User, release: Release) -> str:
    return str(signed_in(account).get(page(release)).content.decode())


def test_queue_page_says_number_and_places_before(person: Person) -> None:
    release, ticket = with_person(person, others=9, seats=1)
    queue.step(release)
    text = text_of(signed_in(person.account).get(page(release)))
    if ticket.number == 1:
        assert "It is your turn" in text
    else:
        assert f"Your number {ticket.number} Called so far up to number 1" in text
        assert f"Places before you {(ticket.number or 0) - 2}" in text


def test_queue_page_of_a_stranger_says_how_to_get_in_line() -> None:
    release = drawn(1)
    text = text_of(signed_in(make_user()).get(page(release)))
    assert "You are not in line yet." in text


def test_queue_page_of_a_room_that_rests_leads_to_choosing(person: Person) -> None:
    release = queue.make_announced()
    open_release(release=release, at=clock.now())
    text = text_of(signed_in(person.account).get(page(release)))
    assert "everybody passes" in text


def test_queue_page_of_a_paused_room_says_that_the_place_is_safe(person: Person) -> None:
    release, _ticket = with_person(person)
    queue.step(release)
    answer = signed_in(person.account).get(page(release)).content.decode()
    assert '<div id="silent" hidden>' in answer
    pause_room(release=release, by="head", at=clock.now(), reason="x")
    answer = signed_in(person.account).get(page(release)).content.decode()
    assert '<div id="silent" >' in answer


def test_queue_page_without_javascript_looks_again_by_itself(person: Person) -> None:
    release, _ticket = with_person(person)
    answer = said_by(person.account, release)
    assert '<meta http-equiv="refresh" content="30">' in answer
    assert "Look again" in answer


@pytest.mark.parametrize("name", ["queue", "queue_join", "release"])
def test_waiting_room_on_a_first_visit_stays_light(person: Person, name: str) -> None:
    release, _ticket = with_person(person)
    content = signed_in(person.account).get(reverse(name, args=[release.code])).content
    files = set(re.findall(r'(?:href|src)="/static/([^"]+)"', content.decode()))
    weights = [len(gzip.compress(content))]
    for file in files:
        found = finders.find(file)
        assert isinstance(found, str)
        with open(found, "rb") as source:
            weights.append(len(gzip.compress(source.read())))
    assert sum(weights) <= FIRST_VISIT_BYTES


# When called


def test_called_person_comes_in_asks_for_time_and_chooses(person: Person) -> None:
    release, ticket = with_person(person)
    queue.step(release)
    client, draft = signed_in(person.account), make_application(person=person)
    assert "A seat is kept for each of you" in text_of(client.get(page(release)))
    assert "Choose a seat for Dewi Lestari" in text_of(deed(client, release, ticket, "enter"))
    assert said(deed(client, release, ticket, "extend")) == []
    way = reverse("choose_day", args=[draft.code, release.office.code])
    assert f'href="{way}?month=' in client.get(page(release)).content.decode()

    slot = release.slots.get()
    sessions = reverse("choose_session", args=[draft.code, release.office.code, slot.date])
    response = client.post(sessions, {"slot": slot.code})
    assert response["Location"] == reverse("review", args=[draft.code])
    assert "You have been through the waiting room" in text_of(client.get(page(release)))


def test_called_person_without_an_application_is_led_to_one(person: Person) -> None:
    release, ticket = with_person(person)
    queue.step(release)
    client = signed_in(person.account)
    answer = deed(client, release, ticket, "enter").content.decode()
    way = (
        f"{reverse('application_new')}?person={person.code}&service=regular&opening={release.code}"
    )
    assert f'href="{way.replace("&", "&amp;")}"' in answer
    answers = {"person": person.code, "kind": "new", "book": "5", "service": "regular"}
    days = client.post(way, answers)["Location"]
    draft = Application.objects.get(person=person)
    office = reverse("choose_day", args=[draft.code, release.office.code])
    assert days == f"{office}?month={release.first_day:%Y-%m}&seats=regular"


def test_extending_twice_is_refused_in_words(person: Person) -> None:
    release, ticket = with_person(person)
    queue.step(release)
    client = signed_in(person.account)
    deed(client, release, ticket, "extend")
    assert "The time was already extended once." in text_of(deed(client, release, ticket, "extend"))


def test_person_whose_turn_passed_lines_up_again(person: Person) -> None:
    release, ticket = with_person(person, others=2, seats=1)
    queue.get_in_line(release, at=release.publish_at)
    for minute in (0, 11, 22, 33):
        queue.step(release, after=timedelta(minutes=minute))
        if queue.fresh(ticket).status == TicketStatus.LAPSED:
            break
    client = signed_in(person.account)
    assert "Your turn has passed" in text_of(client.get(page(release)))
    assert "Your number is being written" in text_of(deed(client, release, ticket, "again"))


@pytest.mark.parametrize("done", ["", "fly", "\x00", "x" * 10_000])
def test_unknown_deed_is_answered_and_does_nothing(person: Person, done: str) -> None:
    release, ticket = with_person(person)
    response = deed(signed_in(person.account), release, ticket, done)
    assert (
        said(response) == ["Choose one of the buttons of the page."] or response.status_code == 200
    )
    assert queue.fresh(ticket).status == TicketStatus.WAITING


@pytest.mark.parametrize("done", ["enter", "extend", "again", "leave"])
def test_ticket_of_other_people_is_not_found(done: str) -> None:
    release = drawn(1)
    stranger = make_person()
    response = deed(signed_in(stranger.account), release, QueueTicket.objects.get(), done)
    assert response.status_code == 404


def test_leaving_is_for_the_account_that_joined_only() -> None:
    nik, release = valid_nik(), joinable()
    mine, other = make_person(nik=nik), make_person(nik=nik)
    client = signed_in(mine.account)
    client.post(join_page(release), {"persons": [mine.code], "service": "regular"})
    ticket = QueueTicket.objects.get()
    assert deed(signed_in(other.account), release, ticket, "leave").status_code == 404
    deed(client, release, ticket, "leave")
    assert queue.fresh(ticket).status == TicketStatus.LEFT


def test_choosing_a_session_out_of_turn_leads_to_the_waiting_room(person: Person) -> None:
    release = drawn(1)
    slot, draft = release.slots.get(), make_application(person=person)
    sessions = reverse("choose_session", args=[draft.code, release.office.code, slot.date])
    response = signed_in(person.account).post(sessions, {"slot": slot.code}, follow=True)
    assert response.redirect_chain[-1][0] == page(release)
    assert "given in the order of its waiting room" in text_of(response)
    assert not Appointment.objects.exists()


def test_my_applications_leads_back_to_the_waiting_room(person: Person) -> None:
    release, ticket = with_person(person, others=3, seats=1)
    text = text_of(signed_in(person.account).get(reverse("my_applications")))
    assert f"Your number {ticket.number}" in text
    assert release.office.name in text


# Public pages


def test_release_page_says_when_how_many_and_the_commitment(client: Client) -> None:
    release = joinable()
    client.cookies["django_language"] = "en"
    text = text_of(client.get(reverse("release", args=[release.code])))
    assert "Regular: 3" in text
    assert bytes(queue.room(release).commitment).hex() in text
    assert "To the waiting room" in text


def test_release_page_without_a_room_says_so(client: Client) -> None:
    client.cookies["django_language"] = "en"
    slot = make_open_slot()
    text = text_of(client.get(reverse("release", args=[slot.release.code])))
    assert "This opening has no waiting room." in text


def test_release_page_of_a_draft_is_not_found(client: Client) -> None:
    assert client.get(reverse("release", args=[make_release().code])).status_code == 404


def test_draw_page_computes_the_place_of_a_ticket_again(client: Client) -> None:
    client.cookies["django_language"] = "en"
    release = drawn(*[1] * 20)
    address = reverse("draw", args=[release.code])
    ticket = QueueTicket.objects.order_by("?")[0]
    text = text_of(client.get(address, {"ticket": ticket.code.lower()}))
    assert f"Ticket {ticket.code} was drawn as number {ticket.drawn}." in text
    assert bytes(queue.room(release).secret or b"").hex() in text


@pytest.mark.parametrize("ticket", ["NOSUCHCODE", "<script>", "٣"])
def test_draw_page_with_an_unknown_ticket_says_so(client: Client, ticket: str) -> None:
    client.cookies["django_language"] = "en"
    address = reverse("draw", args=[drawn(1).code])
    assert "was not in the draw" in text_of(client.get(address, {"ticket": ticket}))


@pytest.mark.parametrize("ticket", ["", "‮", "x" * 10_000])
def test_draw_page_with_no_ticket_keeps_the_form(client: Client, ticket: str) -> None:
    address = reverse("draw", args=[drawn(1).code])
    response = client.get(address, {"ticket": ticket})
    assert (response.status_code, "ticket" in errors_of(response)) == (200, True)


@pytest.mark.parametrize("name", ["draw", "draw_facts", "draw_list"])
def test_draw_before_the_opening_is_not_there(client: Client, name: str) -> None:
    assert client.get(reverse(name, args=[joinable().code])).status_code == 404
