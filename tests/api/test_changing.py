"""PATCH: what is sent is changed, the rest stays; refused as a whole, with the field at fault."""

from typing import Any

from appointments.enums import ApplicationStatus
from appointments.models import Application
from mpaspor.audit.models import Entry
from tests.api.conftest import Integrator, make_integrator
from tests.api.steps import a_person, an_application, an_appointment, made, person_body
from tests.api.test_children import child_body
from tests.factories.appointments import make_arrived
from tests.factories.quota import make_open_slot

SISTER = {
    "contact_name": "Rina Santoso",
    "contact_relation": "sibling",
    "contact_phone": "0812-3456-7890",
}
# What is sent, in turn, and what the answer has changed.
CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"kind": "replacement"}, {"kind": "replacement"}),
    ({"book": "10", "service": "accelerated"}, {"book": "10", "service": "accelerated"}),
    ({"need": "pregnancy"}, {"need": "pregnancy"}),
    ({"purpose": "study"}, {"purpose": "study"}),
    ({"departure": "DAY"}, {"departure": "DAY"}),
    ({"purpose": "work"}, {"purpose": "work"}),
    ({"departure": None}, {"departure": None}),
    (SISTER, {"has_contact": True}),
]


def ahead(said: dict[str, Any], day: str) -> dict[str, Any]:
    return {name: day if value == "DAY" else value for name, value in said.items()}


def faults(answer: Any) -> tuple[int, str, list[str]]:
    problem = answer.json()
    pointers = [fault["pointer"].removeprefix("#/") for fault in problem.get("errors", [])]
    return answer.status_code, problem["type"].partition("#")[2], pointers


def test_application_keeps_what_a_patch_does_not_name(integrator: Integrator) -> None:
    code = an_application(integrator)
    known = integrator.get(f"applications/{code}/").json()
    day = f"{int(known['created_at'][:4]) + 1}-03-01"
    for said, changed in CHANGES:
        answer = integrator.patch(f"applications/{code}/", ahead(said, day))
        known |= ahead(changed, day)
        assert (answer.status_code, answer.json()) == (200, known), said
    assert integrator.get(f"applications/{code}/").json() == known
    by = f"client:{integrator.client.client_id}"
    lines = Entry.objects.filter(deed__startswith="application.", door=by[:64])
    assert lines.filter(deed="application.change").count() == 3


BAD: dict[str, tuple[dict[str, Any], tuple[int, str, list[str]]]] = {
    "kind of the counter": ({"kind": "lost"}, (422, "at-the-counter", ["kind"])),
    "no kind": ({"kind": "x"}, (400, "not-valid", ["kind"])),
    "null": ({"book": None}, (400, "not-valid", ["book"])),
    "two at once": ({"book": "7", "service": 1}, (400, "not-valid", ["book", "service"])),
    "journey without purpose": ({"departure": "2099-01-01"}, (400, "not-valid", ["purpose"])),
    "journey in the past": (
        {"book": "10", "purpose": "work", "departure": "2020-01-01"},
        (422, "departure-not-valid", ["departure"]),
    ),
    "half a contact": (
        {"contact_name": "Rina"},
        (400, "not-valid", ["contact_relation", "contact_phone"]),
    ),
    "contact without a number": (
        {"book": "10"} | SISTER | {"contact_phone": "x"},
        (422, "contact-phone-not-valid", ["contact_phone"]),
    ),
    "another person": ({"person": "4FQXC7RTHA"}, (400, "not-valid", [""])),
}


def test_application_is_not_changed_by_half(integrator: Integrator) -> None:
    code = an_application(integrator)
    before = integrator.get(f"applications/{code}/").json()
    found = {why: faults(integrator.patch(f"applications/{code}/", BAD[why][0])) for why in BAD}
    whole = {
        why: (no[0], no[1], [each or "#" for each in no[2]]) for why, (_said, no) in BAD.items()
    }
    assert found == whole
    assert integrator.get(f"applications/{code}/").json() == before


def test_application_that_is_no_draft_keeps_its_answers(integrator: Integrator) -> None:
    code = an_appointment(integrator, make_open_slot())["application"]
    answers = integrator.patch(f"applications/{code}/", {"book": "10", "purpose": "work"})
    journey = integrator.patch(f"applications/{code}/", {"purpose": "work"} | SISTER)
    assert faults(answers) == (409, "not-a-draft", [])
    assert (journey.status_code, journey.json()["purpose"]) == (200, "work")

    come = make_arrived().application
    at_office = make_integrator(account=come.account)
    late = at_office.patch(f"applications/{come.code}/", {"purpose": "work"})
    assert faults(late) == (409, "details-closed", [])


def test_person_is_corrected_but_for_the_nik(integrator: Integrator) -> None:
    body = person_body()
    known = made(integrator.post("persons/", body))
    path = f"persons/{known['code']}/"
    table: list[tuple[dict[str, Any], Any]] = [
        ({"name": "Budi Santosa"}, {"name": "Budi Santosa"}),
        ({"birth_place": "Banda Aceh"}, {"birth_place": "Banda Aceh"}),
        ({"birth_date": "1991-07-01"}, (422, "differs-from-nik", [])),
        (
            {"birth_date": "1991-07-01", "confirms_difference": True},
            {"birth_date": "1991-07-01", "differs_from_nik": True},
        ),
        ({"name": "Budi Santoso"}, {"name": "Budi Santoso"}),
        ({"birth_date": "2999-01-01"}, (422, "birth-date-not-valid", ["birth_date"])),
        ({"name": "123"}, (422, "name-not-valid", ["name"])),
        ({"sex": "X"}, (400, "not-valid", ["sex"])),
        ({"nik": body["nik"]}, (400, "not-valid", ["#"])),
    ]
    for said, expected in table:
        answer = integrator.patch(path, said)
        if isinstance(expected, dict):
            known |= expected
            assert (answer.status_code, answer.json()) == (200, known), said
        else:
            assert faults(answer) == expected, said
    assert integrator.get(path).json() == known


def test_child_is_corrected_with_the_consent_in_force(integrator: Integrator) -> None:
    father = a_person(integrator)
    child = made(integrator.post("persons/", child_body(father)))
    path = f"persons/{child['code']}/"
    table: list[tuple[dict[str, Any], int]] = [
        ({"name": "Bayu Santoso"}, 200),
        ({"relation": "guardian"}, 200),
        ({"guardian": ""}, 422),
        ({"guardian": child["code"]}, 422),
        ({"guardian": "AAAAAAAAAA"}, 400),
    ]
    assert [integrator.patch(path, said).status_code for said, _status in table] == [
        status for _said, status in table
    ]
    now = integrator.get(path).json()
    assert (now["guardian"], now["relation"], now["name"]) == (father, "guardian", "Bayu Santoso")


def test_rows_of_another_account_are_not_changed(integrator: Integrator) -> None:
    code = an_application(integrator)
    person = Application.objects.get().person.code
    other, weak = (
        make_integrator(),
        make_integrator(scopes="bills:read", account=integrator.account),
    )
    paths = {f"applications/{code}/": {"book": "10"}, f"persons/{person}/": {"name": "Siti"}}
    for path, said in paths.items():
        assert [who.patch(path, said).status_code for who in (other, weak)] == [404, 403]
    row = Application.objects.get()
    assert (row.book, row.person.name, row.status) == ("5", "Budi Santoso", ApplicationStatus.DRAFT)
