"""Whatever is sent: a problem that names the place, no fault of ours, and nothing written."""

import json
from base64 import b64encode
from typing import Any

import pytest

from applicants.models import Identity, Person
from appointments.models import Application, Appointment
from mpaspor.audit.models import Entry
from mpaspor.core.idempotency import IdempotencyKey
from tests.api.conftest import Integrator
from tests.api.steps import a_person, an_application, application_body, made, person_body
from tests.factories.quota import make_office, make_open_slot

NIK = "1173010107900001"
ABSENT: Any = object()
NUL = "a\x00b"
HALF = "\ud800"
LONG = "a" * 10_000
ODD: list[Any] = [None, [], {}, [[]], "", "   ", NUL, HALF, LONG]
ROWS = (Person, Identity, Application, Appointment, IdempotencyKey, Entry)

PERSON = {
    "nik": [ABSENT, *ODD, True, 1, 10**30, 1.5, "1173018107900001", "1173010107900000", "l173O1"],
    "name": [ABSENT, *ODD, True, "1234", "<script>", "Ab\u202ecd", "B" * 101],
    "birth_place": [ABSENT, *ODD, False, "!!", "77", "B" * 61],
    "birth_date": [ABSENT, *ODD, 19900701, "01-07-1990", "1990-02-30", "2999-01-01", "1800-01-01",
                   "1990-07-01T00:00:00", "0000-00-00", "99999-01-01"],
    "sex": [ABSENT, *ODD, 1, "X", "f", True],
    "confirms_difference": [*ODD, "maybe", 7],
    "guardian": [None, [], {}, [[]], NUL, HALF, LONG, True, "AAAAAAAAAA", NIK],
    "relation": [None, [], {}, [[]], NUL, HALF, LONG, True, 1, "aunt", "Mother"],
    "consent": [*ODD, "maybe", 7],
}  # fmt: skip
APPLICATION = {
    "person": [ABSENT, *ODD, True, 1, "AAAAAAAAAA", NIK],
    "kind": [ABSENT, *ODD, True, 1, "renewal", "lost", NIK],
    "book": [ABSENT, *ODD, True, 7, "5.0", -1],
    "service": [ABSENT, *ODD, True, 1, "priority"],
}
APPOINTMENT = {
    "applications": [ABSENT, *ODD, True, 1, "AAAAAAAAAA", ["AAAAAAAAAA"], [1], [[]], [None], []],
    "slot": [ABSENT, *ODD, True, 1, "AAAAAAAAAA"],
}
# In a list the one at fault is named.
AT_FAULT = {("applications", "[[]]"): "/0", ("applications", "[None]"): "/0"}
CHECK_IN = {"office": [ABSENT, *ODD, True, 1, "nowhere"]}

BODIES = {
    "empty": b"",
    "blank": b"  ",
    "cut off": b'{"nik": "11',
    "not JSON": b"nik=1173010107900001",
    "not a number": b'{"nik": NaN}',
    "endless": b'{"nik": Infinity}',
    "5,000 digits": b'{"nik": ' + b"1" * 5000 + b"}",
    "not UTF-8": b'{"nik": "\xff\xfe"}',
    "UTF-16": '{"nik": "1"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"nik": "1"}',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a little deep": b"[" * 150 + b"]" * 150,
    "nothing": b"null",
    "a list": b"[]",
    "a text": b'"1173010107900001"',
    "a number": b"1",
    "a truth": b"true",
    "strange names": b'{"\\ud800": 1, "\\u0000": 2}',
    "an unknown name": json.dumps(person_body() | {"1173010107900001": 1}).encode(),
}


@pytest.mark.parametrize("name", PERSON)
def test_person_with_bad_field_names_it(integrator: Integrator, name: str) -> None:
    for value in PERSON[name]:
        refused(integrator, "persons/", changed(person_body(), name, value), name)


@pytest.mark.parametrize("name", APPLICATION)
def test_application_with_bad_field_names_it(integrator: Integrator, name: str) -> None:
    body = application_body(a_person(integrator))
    for value in APPLICATION[name]:
        refused(integrator, "applications/", changed(body, name, value), name)


@pytest.mark.parametrize("name", APPOINTMENT)
def test_appointment_with_bad_field_names_it(integrator: Integrator, name: str) -> None:
    body = {"applications": [an_application(integrator)], "slot": make_open_slot().code}
    for value in APPOINTMENT[name]:
        refused(integrator, "appointments/", changed(body, name, value), name)


@pytest.mark.parametrize("name", CHECK_IN)
def test_check_in_with_bad_field_names_it(integrator: Integrator, name: str) -> None:
    for value in CHECK_IN[name]:
        body = changed({"office": "x"}, name, value)
        refused(integrator, "appointments/AAAAAAAAAA/check-in/", body, name)


@pytest.mark.parametrize("path", ["persons/", "applications/", "appointments/"])
def test_body_that_is_no_object_is_refused(integrator: Integrator, path: str) -> None:
    before = written()
    for name, body in BODIES.items():
        problem = said(integrator.post(path, body), 400, name)
        assert NIK not in json.dumps(problem), name
    assert written() == before


def test_person_with_a_name_sent_twice_takes_the_last(integrator: Integrator) -> None:
    text = json.dumps(person_body()).replace('"name"', '"name": "First One", "name"')
    assert made(integrator.post("persons/", text))["name"] == "Budi Santoso"


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "k" * 256, "tab\t", "\x7f"])
def test_post_with_bad_key_is_refused(integrator: Integrator, key: str) -> None:
    before = written()
    answer = integrator.post("persons/", person_body(), **{"Idempotency-Key": key})
    problem = said(answer, 400)
    assert problem["type"] == "/api/docs/problems/#idempotency-key-missing"
    assert written() == before


def cursor(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("availability/", "#/service"),
        ("availability/?service=regular&party=0", "#/party"),
        ("availability/?service=regular&party=6", "#/party"),
        ("availability/?service=regular&party=9223372036854775808", "#/party"),
        ("availability/?service=regular&before=soon", "#/before"),
        ("availability/?service=regular&near=nowhere", "#/near"),
        ("availability/?service=regular&near=%00", "#/near"),
        ("availability/?service=regular&within_km=100", "#/near"),
        ("availability/?service=regular&near={office}&within_km=-1", "#/within_km"),
        ("offices/{office}/availability/?to=2026-12-01", "#/from"),
        ("offices/{office}/availability/?from=2026-12-01", "#/to"),
        ("offices/{office}/availability/?from=today&to=2026-12-01", "#/from"),
        ("offices/{office}/availability/?from=2026-12-01&to=2026-13-01", "#/to"),
        ("offices/{office}/availability/?from=2026-12-02&to=2026-12-01", "#/to"),
        ("offices/{office}/availability/?from=2026-12-01&to=2027-02-01", "#/to"),
        ("offices/{office}/availability/?from=0001-01-01&to=9999-12-31", "#/to"),
        ("offices/{office}/availability/?from=%00&to=2026-12-01", "#/from"),
        ("offices/{office}/availability/?from=2026-12-01&to=2026-12-01&service=fast", "#/service"),
        ("offices/{office}/availability/?from=2026-12-01&to=2026-12-01&service=%00", "#/service"),
        ("offices/{office}/availability/?from=2026-12-01&to=2026-12-01&servise=regular", "#"),
        ("offices/?q=%00", "#/q"),
        ("offices/?q=" + "a" * 101, "#/q"),
        ("offices/?cursor=x", "#/cursor"),
        ("offices/?cursor=%00", "#/cursor"),
        ("offices/?cursor=%ff", "#/cursor"),
        ("offices/?cursor=" + cursor("p=a%00b"), "#/cursor"),
        ("offices/?cursor=" + cursor("o=-1"), "#/cursor"),
        ("offices/?cursor=" + cursor("r=x"), "#/cursor"),
        ("releases/?cursor=" + cursor("p=yesterday"), "#/cursor"),
        ("releases/?cursor=" + cursor("p=99999-99-99"), "#/cursor"),
        ("appointments/?cursor=" + cursor("p=1"), "#/cursor"),
    ],
)
def test_query_that_makes_no_sense_names_the_parameter(
    integrator: Integrator, path: str, pointer: str
) -> None:
    answer = integrator.get(path.format(office=make_office().code))
    assert [fault["pointer"] for fault in said(answer, 400)["errors"]] == [pointer]


@pytest.mark.parametrize(
    "path",
    [
        "offices/nowhere/",
        "offices/1173010107900001/",
        "offices/a%00b/",
        "offices/%ff/",
        "offices/../../admin/",
        "applications/AAAAAAAAAA/",
        "applications/" + "A" * 5000 + "/",
        "appointments/%F0%9F%98%80/",
        "appointments/a%00/letter/",
        "bills/-/",
        "bills/%27%20OR%201=1--/",
        "offices",
        "",
    ],
)
def test_address_of_nothing_is_a_problem(integrator: Integrator, path: str) -> None:
    problem = said(integrator.get(path), 404)
    assert problem["type"] == "/api/docs/problems/#not-found"
    assert NIK not in json.dumps(problem)


def changed(body: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    rest = {key: kept for key, kept in body.items() if key != name}
    return rest if value is ABSENT else rest | {name: value}


def refused(integrator: Integrator, path: str, body: dict[str, Any], name: str) -> None:
    before, sent = written(), repr(body.get(name))[:80]
    answer = integrator.post(path, body)
    assert answer.status_code in {400, 409, 422}, (sent, answer.content)
    problem = said(answer, answer.status_code, sent)
    place = AT_FAULT.get((name, sent), "")
    assert [fault["pointer"] for fault in problem["errors"]] == [f"#/{name}{place}"], sent
    assert all(fault["detail"] and fault["code"] for fault in problem["errors"]), sent
    assert NIK not in json.dumps(problem), sent
    assert written() == before, sent


def said(answer: Any, status: int, sent: str = "") -> dict[str, Any]:
    found = (answer.status_code, answer["Content-Type"])
    assert found == (status, "application/problem+json"), sent
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    return problem


def written() -> list[int]:
    return [model._default_manager.count() for model in ROWS]
