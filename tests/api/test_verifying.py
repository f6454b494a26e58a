"""The verdict on a document by a program of an office: the officers' deed, at that office only."""

from typing import Any

import pytest

from appointments.documents.models import Document
from mpaspor.audit.models import Entry
from mpaspor.notifications.models import Message
from quota.enums import Role
from quota.models import Office
from tests.api.conftest import Integrator, ask_token, make_integrator
from tests.factories.appointments import make_arrived, make_confirmed
from tests.factories.documents import make_document
from tests.factories.quota import make_office, make_officer, make_open_slot

pytestmark = pytest.mark.django_db
AGAIN = {"verdict": "not_complete", "reason": "cut_off", "note": "Sisi kanan terpotong."}
COMPLETE = {"verdict": "complete"}


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def document(office: Office) -> Document:
    visit = make_confirmed(slot=make_open_slot(office=office))
    return make_document(application=visit.application)


def program(role: Role, office: Office | None, **given: Any) -> Integrator:
    return make_integrator(account=make_officer(role, office), **given)


def test_program_of_the_office_lists_reads_and_decides(office: Office, document: Document) -> None:
    other = make_document(application=document.application, kind="kk")
    client = program(Role.COUNTER, office)
    door = f"client:{client.client.client_id}"[:64]

    listed = client.get("documents/").json()["results"]
    file = client.get(f"documents/{document.code}/file/", Accept="*/*")
    path = f"documents/{document.code}/verdict/"
    key = {"Idempotency-Key": "verdict-1"}
    answers = [client.post(path, AGAIN, **key), client.post(path, AGAIN, **key)]
    answers += [
        client.post(path, COMPLETE),
        client.post(f"documents/{other.code}/verdict/", COMPLETE),
    ]

    assert [row["code"] for row in listed] == [document.code, other.code]
    assert (file["Content-Type"], file.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert [answer.status_code for answer in answers] == [200, 200, 409, 200]
    assert answers[0].json() == answers[1].json()
    assert {name: answers[0].json()[name] for name in ("status", "reason", "note")} == {
        "status": "not_complete",
        "reason": "cut_off",
        "note": AGAIN["note"],
    }
    assert answers[2].json()["type"].partition("#")[2] == "document-changed"
    lines = Entry.objects.filter(door=door).order_by("pk")
    assert [line.deed for line in lines] == [
        "person.look",
        "document.not_complete",
        "document.complete",
    ]
    assert lines[0].facts["office"] == office.code
    assert Message.objects.filter(holder=document.application.account.code).exists()
    assert client.get("documents/").json()["results"] == []


@pytest.mark.parametrize(
    ("said", "status", "problem"),
    [
        ({}, 400, "not-valid"),
        ({"verdict": "received"}, 400, "not-valid"),
        ({"verdict": "not_complete"}, 422, "reason-missing"),
        ({"verdict": "not_complete", "reason": "other", "note": " "}, 422, "note-missing"),
        ({"verdict": "not_complete", "reason": "x"}, 400, "not-valid"),
        (AGAIN | {"note": "x" * 301}, 400, "not-valid"),
    ],
)
def test_verdict_that_says_too_little_is_refused(
    office: Office, document: Document, said: dict[str, str], status: int, problem: str
) -> None:
    answer = program(Role.HEAD, office).post(f"documents/{document.code}/verdict/", said)
    document.refresh_from_db()
    assert (answer.status_code, answer.json()["type"].partition("#")[2]) == (status, problem)
    assert document.status == "received"


def test_verdict_is_not_for_programs_of_others(office: Office, document: Document) -> None:
    owner = document.application.account
    clients = {
        "the owner's": make_integrator(account=owner),
        "somebody's": make_integrator(),
        "a planner's": program(Role.PLANNER, office),
        "another office's": program(Role.COUNTER, make_office()),
        "a treasurer's": program(Role.TREASURER, None),
        "without the scope": program(Role.COUNTER, office, scopes="checkin:write"),
    }
    answers = {
        who: (
            client.post(f"documents/{document.code}/verdict/", COMPLETE).status_code,
            client.get(f"documents/{document.code}/file/", Accept="*/*").status_code,
            len(client.get("documents/").json().get("results", [])),
        )
        for who, client in clients.items()
    }
    document.refresh_from_db()
    assert answers == dict.fromkeys(clients, (404, 404, 0)) | {"without the scope": (403, 403, 0)}
    assert document.status == "received"
    assert not Entry.objects.filter(deed="person.look").exists()


def test_verdict_after_the_person_has_come_is_refused(office: Office) -> None:
    come = make_arrived(make_confirmed(slot=make_open_slot(office=office)))
    document = make_document(application=come.application)
    client = program(Role.COUNTER, office)
    answer = client.post(f"documents/{document.code}/verdict/", COMPLETE)
    assert (answer.status_code, client.get("documents/").json()["results"]) == (409, [])
    assert answer.json()["type"].partition("#")[2] == "visit-has-begun"


@pytest.mark.parametrize(
    ("role", "gets"),
    [
        (None, False),
        (Role.PLANNER, False),
        (Role.TREASURER, False),
        (Role.COUNTER, True),
        (Role.HEAD, True),
        (Role.CENTRE, True),
    ],
)
def test_scope_is_given_to_programs_of_who_receives_people(
    office: Office, role: Role | None, gets: bool
) -> None:
    of_none = role in (Role.TREASURER, Role.CENTRE)
    client = program(role, None if of_none else office) if role else make_integrator()
    good = {"client_id": client.client.client_id, "client_secret": client.secret}
    asked, usual = ask_token(scope="documents:verify", **good), ask_token(**good)
    assert asked.status_code == (200 if gets else 400)
    assert ("documents:verify" in usual.json()["scope"].split()) == gets
