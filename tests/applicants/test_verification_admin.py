"""The centre's desk for what the registry left open."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from applicants.enums import RegistryVerdict
from applicants.models import Person, User
from applicants.verifying import verify_due
from mpaspor.audit import trail
from mpaspor.core import clock
from quota.enums import Role
from tests.applicants.asking import FakeRegister, down, verification_of
from tests.factories.applicants import make_person
from tests.factories.quota import make_officer

pytestmark = pytest.mark.django_db

LIST = "/admin/applicants/verification/"
DECISION = {"verdict": "match", "reason": "Asked by telephone"}


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def officer() -> User:
    return make_officer(Role.CENTRE)


@pytest.fixture
def centre(visitor: Client, officer: User) -> Client:
    visitor.force_login(officer)
    return visitor


@pytest.fixture
def left_open(at: datetime) -> Person:
    person = make_person(at=at - timedelta(days=3), nik="3273010107900001")
    verify_due(register=FakeRegister(down), at=at)
    return person


def page_of(person: Person) -> str:
    return f"{LIST}{verification_of(person).pk}/change/"


def listed(client: Client, **wish: str) -> list[str]:
    rows = client.get(LIST, wish).context["cl"].result_list
    return [row.person.code for row in rows]


def looks(person: Person) -> list[str]:
    return [entry.deed for entry in trail.of(f"person:{person.code}") if "look" in entry.deed]


def test_list_shows_what_is_to_be_decided_and_the_rest_on_request(
    centre: Client, left_open: Person, at: datetime
) -> None:
    young = make_person(at=at)
    assert listed(centre) == [left_open.code]
    assert listed(centre, show="all") == [left_open.code, young.code]
    assert listed(centre, show="pending") == [young.code]


def test_page_shows_the_person_masked_and_leaves_a_line(centre: Client, left_open: Person) -> None:
    page = centre.get(page_of(left_open)).text
    assert ("3273********0001" in page, "3273010107900001" in page) == (True, False)
    assert looks(left_open) == ["person.look"]


def test_decision_goes_back_to_the_list_which_is_shorter(centre: Client, left_open: Person) -> None:
    answer = centre.post(page_of(left_open), DECISION)
    assert answer["Location"] == LIST
    assert verification_of(left_open).verdict == RegistryVerdict.MATCH
    assert listed(centre) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"verdict": ""}, "This field is required"),
        ({"verdict": "unavailable"}, "Select a valid choice"),
        ({"verdict": "mismatch"}, "Name what differs"),
        ({"mismatches": "nik"}, "Select a valid choice"),
        ({"reason": ""}, "This field is required"),
        ({"reason": "x" * 10_000}, "at most 200"),
        ({"reason": "\x00"}, "Null characters"),
    ],
)
def test_decision_that_is_not_whole_says_so_and_keeps_what_was_typed(
    centre: Client, left_open: Person, typed: dict[str, str], said: str
) -> None:
    answer = centre.post(page_of(left_open), DECISION | typed)
    assert (answer.status_code, said in answer.text) == (200, True)
    assert verification_of(left_open).verdict == RegistryVerdict.UNAVAILABLE
    if "reason" not in typed:
        assert DECISION["reason"] in answer.text


def test_page_of_a_person_still_being_asked_about_has_nothing_to_decide(
    centre: Client, at: datetime
) -> None:
    young = make_person(at=at)
    page = centre.get(page_of(young)).text
    assert ("There is nothing to decide yet" in page, 'name="verdict"' in page) == (True, False)
    answer = centre.post(page_of(young), DECISION)
    assert (answer.status_code, verification_of(young).verdict) == (200, RegistryVerdict.PENDING)


def test_page_of_an_unknown_row_is_not_found(centre: Client) -> None:
    assert centre.get(f"{LIST}0/change/").status_code == 404
