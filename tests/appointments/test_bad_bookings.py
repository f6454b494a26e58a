"""Whatever is sent to book, by page or by API: a "no" in words that says how to go on, no fault of
ours, and not a row of any table changed.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from applicants.models import Person, User
from appointments.models import Application
from mpaspor.core import clock
from quota.closing import close_day, close_session
from quota.enums import ReleaseStatus, Service
from quota.models import Release, Slot
from quota.seats import take_seat
from quota.waiting_room.enums import Turn
from quota.waiting_room.models import QueueMember, QueueTicket
from tests.api.conftest import Integrator, make_integrator
from tests.appointments.browsing import signed_in, text_of
from tests.factories import queue
from tests.factories.applicants import make_person, make_user, valid_nik
from tests.factories.appointments import make_application, make_awaiting, make_held
from tests.factories.quota import make_open_slot
from tests.factories.waiting_list import full_slot, make_offer

pytestmark = pytest.mark.django_db

# The browser's own memory: what the last page said, what was typed and is kept.
OF_THE_BROWSER = {"applicants_session", "applicants_formdraft"}
LONG = "x" * 10_000
NOT_THERE = "There is no such page"
GONE = "This session can no longer be booked. Choose another session or another day."
CHOOSE = "Choose one of the sessions first."
QUEUE_FIRST = "given in the order of its waiting room. Get in line there, or wait for your turn"


def rows() -> dict[str, list[str]]:
    """Every row of every table that has any."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = {name for (name,) in cursor.fetchall()} - OF_THE_BROWSER
        each = [f"SELECT '{table}', t::text FROM \"{table}\" t" for table in sorted(tables)]
        cursor.execute(" UNION ALL ".join(each))
        found: dict[str, list[str]] = {}
        for table, row in sorted(cursor.fetchall()):
            found.setdefault(table, []).append(row)
    return found


def sessions_of(draft: Application, slot: Slot) -> str:
    return reverse("choose_session", args=[draft.code, slot.office.code, slot.date])


# A session that cannot be had


def begun() -> Slot:
    return make_open_slot(starts_at=clock.now() - timedelta(minutes=1))


def of_yesterday() -> Slot:
    return make_open_slot(starts_at=clock.now() - timedelta(days=1))


def closed() -> Slot:
    slot = make_open_slot()
    close_session(slot=slot, reason="Listrik padam", by="test", at=clock.now())
    return slot


def of_a_closed_day() -> Slot:
    slot = make_open_slot()
    close_day(office=slot.office, day=slot.date, reason="Hari raya", by="test", at=clock.now())
    return slot


def not_open_yet() -> Slot:
    slot = make_open_slot()
    Release.objects.filter(pk=slot.release_id).update(status=ReleaseStatus.CLOSED)
    return slot


def full() -> Slot:
    return full_slot()


def without_seats() -> Slot:
    return make_open_slot(seats=0)


def of_another_service() -> Slot:
    return make_open_slot(service=Service.ACCELERATED)


def gated() -> Slot:
    release, _tickets = queue.make_at_work([1], opens=clock.now() - timedelta(seconds=1))
    return Slot.objects.select_related("office").get(release=release)


SESSIONS: dict[str, tuple[Callable[[], Slot], str]] = {
    "begun": (begun, GONE),
    "yesterday": (of_yesterday, GONE),
    "closed": (closed, GONE),
    "closed day": (of_a_closed_day, GONE),
    "not open": (not_open_yet, GONE),
    "full": (full, "The last seat of this session was just taken. Choose another session"),
    "no seats": (without_seats, "The last seat of this session was just taken. Choose another"),
    "another service": (of_another_service, "for another service than the one you chose. Choose"),
    "waiting room at work": (gated, QUEUE_FIRST),
}


@pytest.mark.parametrize("name", SESSIONS)
def test_page_refuses_a_session_that_cannot_be_had(name: str) -> None:
    make, words = SESSIONS[name]
    slot, draft = make(), make_application()
    refused_page(draft.account, sessions_of(draft, slot), {"slot": slot.code}, words)


@pytest.mark.parametrize("name", SESSIONS)
def test_api_refuses_a_session_that_cannot_be_had(name: str) -> None:
    make, words = SESSIONS[name]
    slot, (client, draft) = make(), integrator_with_draft()
    refused_call(client, {"applications": [draft.code], "slot": slot.code}, words, 409)


# What no page offers


def of_another_office(draft: Application, slot: Slot) -> tuple[str, Any]:
    return sessions_of(draft, slot), {"slot": make_open_slot().code}


def of_another_day(draft: Application, slot: Slot) -> tuple[str, Any]:
    later = make_open_slot(office=slot.office, starts_at=slot.starts_at + timedelta(days=1))
    return sessions_of(draft, slot), {"slot": later.code}


def two_sessions(draft: Application, slot: Slot) -> tuple[str, Any]:
    later = make_open_slot(office=slot.office, starts_at=slot.starts_at + timedelta(hours=1))
    return sessions_of(draft, slot), {"slot": [slot.code, later.code]}


def one_session_twice(draft: Application, slot: Slot) -> tuple[str, Any]:
    return sessions_of(draft, slot), {"slot": [slot.code, slot.code]}


def with_slot(text: str) -> Callable[[Application, Slot], tuple[str, Any]]:
    return lambda draft, slot: (sessions_of(draft, slot), {"slot": text})


ODD: dict[str, tuple[Callable[[Application, Slot], tuple[str, Any]], str]] = {
    "another office": (of_another_office, CHOOSE),
    "another day": (of_another_day, CHOOSE),
    "two sessions": (two_sessions, CHOOSE),
    "one session twice": (one_session_twice, CHOOSE),
    "nothing": (lambda draft, slot: (sessions_of(draft, slot), {}), CHOOSE),
    "another field": (lambda draft, slot: (sessions_of(draft, slot), {"slots": slot.code}), CHOOSE),
    "NUL": (with_slot("\x00"), GONE),
    "long": (with_slot(LONG), GONE),
    "number": (with_slot("1"), GONE),
    "huge": (with_slot(str(2**63)), GONE),
    "minus": (with_slot("-1"), GONE),
    "quote": (with_slot("' OR 1=1 --"), GONE),
    "tag": (with_slot("<script>alert(1)</script>"), GONE),
    "half a sign": (with_slot("\U0001f600"), GONE),
}


@pytest.mark.parametrize("name", ODD)
def test_page_refuses_what_it_did_not_offer(name: str) -> None:
    odd, words = ODD[name]
    slot, draft = make_open_slot(), make_application()
    url, data = odd(draft, slot)
    refused_page(draft.account, url, data, words)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"slot=%ff%fe", "application/x-www-form-urlencoded"),
        (b"slot=%", "application/x-www-form-urlencoded"),
        (b"\xff\x00\xfe", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=%d" % n for n in range(2_000)), "application/x-www-form-urlencoded"),
        (b"slot=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"nothing", "multipart/form-data"),
        (b'{"slot": 1}', "application/json"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_page_answers_a_body_that_is_no_form(body: bytes, content_type: str) -> None:
    slot, draft = make_open_slot(), make_application()
    client, before = signed_in(draft.account), rows()
    answer = client.post(sessions_of(draft, slot), body, content_type=content_type)
    assert answer.status_code in {200, 400, 413}
    assert "<h1" in answer.content.decode()
    assert rows() == before


# Who may not


def other_account() -> tuple[User, Application, str]:
    return make_user(), make_application(), NOT_THERE


def submitted() -> tuple[User, Application, str]:
    application = make_awaiting().application
    return application.account, application, NOT_THERE


def booked_elsewhere() -> tuple[User, Application, str]:
    nik = valid_nik()
    make_held(person=make_person(nik=nik))
    draft = make_application(person=make_person(nik=nik))
    return draft.account, draft, "Another account is holding a seat for this NIK"


def active_elsewhere() -> tuple[User, Application, str]:
    nik = valid_nik()
    draft = make_application(person=make_person(nik=nik))
    make_awaiting(person=make_person(nik=nik))
    return draft.account, draft, "already an application under way for this NIK"


WHO = {
    "another account": other_account,
    "submitted already": submitted,
    "a seat in another account": booked_elsewhere,
    "a bill in another account": active_elsewhere,
}


@pytest.mark.parametrize("name", WHO)
def test_page_refuses_who_may_not_book(name: str) -> None:
    user, draft, words = WHO[name]()
    slot = make_open_slot()
    refused_page(user, sessions_of(draft, slot), {"slot": slot.code}, words)


@pytest.mark.parametrize("name", WHO)
def test_api_refuses_who_may_not_book(name: str) -> None:
    user, draft, words = WHO[name]()
    if words == NOT_THERE:
        words = (
            "already submitted"
            if draft.account == user
            else "There is none with this code, or it is not yours."
        )
    client = make_integrator(account=user)
    body = {"applications": [draft.code], "slot": make_open_slot().code}
    refused_call(client, body, words, 409 if draft.account == user else 400)


# Turns of the waiting room


def in_room(*, called: bool = True) -> tuple[Application, Slot]:
    """A draft of somebody in line at an opening, called or not."""
    draft = make_application()
    opens = clock.now() - timedelta(seconds=1)
    release, _tickets = queue.make_at_work([[draft.identity.code]], opens=opens)
    if called:
        queue.step(release)
    slot = Slot.objects.select_related("office").get(release=release)
    return draft, slot


def not_called() -> tuple[Application, Slot, str]:
    return (*in_room(called=False), QUEUE_FIRST)


def turn_is_over() -> tuple[Application, Slot, str]:
    draft, slot = in_room()
    QueueMember.objects.update(until=clock.now() - timedelta(seconds=1))
    return draft, slot, QUEUE_FIRST


def turn_of_another() -> tuple[Application, Slot, str]:
    _owner, slot = in_room()
    return make_application(), slot, QUEUE_FIRST


def turn_is_used() -> tuple[Application, Slot, str]:
    draft, slot = in_room()
    QueueMember.objects.update(turn=Turn.USED)
    return draft, slot, QUEUE_FIRST


TURNS = {
    "not called": not_called,
    "over": turn_is_over,
    "of another": turn_of_another,
    "used": turn_is_used,
}


@pytest.mark.parametrize("name", TURNS)
def test_page_refuses_without_an_open_turn(name: str) -> None:
    draft, slot, words = TURNS[name]()
    refused_page(draft.account, sessions_of(draft, slot), {"slot": slot.code}, words)


@pytest.mark.parametrize("name", TURNS)
def test_api_refuses_without_an_open_turn(name: str) -> None:
    draft, slot, words = TURNS[name]()
    client = make_integrator(account=draft.account)
    refused_call(client, {"applications": [draft.code], "slot": slot.code}, words, 409)


@pytest.mark.parametrize("done", ["", "\x00", LONG, "steal", "enter\n", "ENTER"])
def test_page_of_a_turn_refuses_a_deed_that_is_none(done: str) -> None:
    draft, slot = in_room()
    ticket = QueueTicket.objects.get()
    url = reverse("queue_deed", args=[slot.release.code, ticket.code])
    refused_page(draft.account, url, {"deed": done}, "Choose one of the buttons of the page.")


@pytest.mark.parametrize("ticket", ["FORGED", "0", "x" * 300, "-"])
def test_page_of_a_turn_refuses_a_ticket_that_is_forged(ticket: str) -> None:
    draft, slot = in_room()
    url = reverse("queue_deed", args=[slot.release.code, ticket])
    refused_page(draft.account, url, {"deed": "enter"}, NOT_THERE)


# The bill, the line, the list, the offer


def test_page_refuses_to_bill_a_hold_that_is_over() -> None:
    held = make_held(at=clock.now() - timedelta(hours=2))
    url = reverse("review", args=[held.application.code])
    words = "has been given back. Nothing you typed is lost. Choose a session again."
    refused_page(held.application.account, url, {}, words)


def test_page_refuses_to_bill_without_a_hold() -> None:
    draft = make_application()
    refused_page(draft.account, reverse("review", args=[draft.code]), {}, "Choose office and day")


@pytest.mark.parametrize("offer", ["FORGED", "0", "x" * 300])
def test_page_of_an_offer_refuses_a_code_that_is_forged(offer: str) -> None:
    refused_page(make_user(), reverse("offer", args=[offer]), {}, NOT_THERE)


def test_page_of_an_offer_refuses_one_that_is_over() -> None:
    offer = make_offer(at=clock.now() - timedelta(days=1))
    make_application(person=Person.objects.get(account=offer.wish.account))
    url = reverse("offer", args=[offer.code])
    refused_page(offer.wish.account, url, {}, "over")


def test_list_refuses_a_party_of_six() -> None:
    account, slot = make_user(person_limit=10), full_slot()
    typed = {
        "persons": [make_person(account).code for _ in range(6)],
        "office": slot.office.code,
        "first_day": slot.date.isoformat(),
        "last_day": slot.date.isoformat(),
        "hours": "any",
        "service": "regular",
    }
    words = "At most 5 people can be booked together. Book in smaller groups."
    refused_page(account, reverse("wish_new"), typed, words)


def test_line_refuses_a_member_who_is_booked() -> None:
    person = make_held().application.person
    url = reverse(
        "queue_join", args=[queue.make_announced(opens=clock.now() + timedelta(minutes=30)).code]
    )
    typed = {"persons": [person.code], "service": "regular"}
    words = "already has a seat or an application under way. Take that name out."
    refused_page(person.account, url, typed, words)


def integrator_with_draft() -> tuple[Integrator, Application]:
    draft = make_application()
    return make_integrator(account=draft.account), draft


def refused_page(user: User, url: str, data: Any, words: str) -> None:
    client: Client = signed_in(user)
    before = rows()
    answer = client.post(url, data, follow=True)
    assert answer.status_code in {200, 404, 409}
    assert words in text_of(answer)
    assert rows() == before


def refused_call(client: Integrator, body: Any, words: str, status: int) -> None:
    before = rows()
    answer = client.post("appointments/", body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert words in str(answer.json())
    assert rows() == before


def test_rows_see_a_seat_that_is_taken() -> None:
    """The control: what the tests above compare."""
    slot, before = make_open_slot(), rows()
    assert rows() == before
    before = rows()
    take_seat(slot=slot, holder="SOMEBODY")
    assert [table for table in before if before[table] != rows()[table]] == ["quota_seat"]
