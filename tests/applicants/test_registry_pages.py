"""A page for each verdict: what it means, what to do, where to go."""

from datetime import datetime
from html import unescape

import pytest
from django.test import Client

from applicants.enums import Detail, RegistryVerdict
from applicants.models import Person
from applicants.persons import correct_person
from applicants.register.port import Answer
from applicants.verifying import verify_due
from mpaspor.core import clock
from tests.applicants.asking import DIFFERS, DOWN, FakeRegister, verification_of
from tests.factories.applicants import make_person

pytestmark = pytest.mark.django_db

NIK = "3273010107900001"
AGAIN, OFFICE, CALL = "Ask the registry again", "Disdukcapil", 'href="tel:1500537"'
ALL_DIFFER = Answer(RegistryVerdict.MISMATCH, tuple(Detail))


@pytest.fixture
def at() -> datetime:
    return clock.now()


@pytest.fixture
def person(visitor: Client, at: datetime) -> Person:
    """Whose account is signed in."""
    person = make_person(at=at, nik=NIK)
    visitor.force_login(person.account)
    return person


def answered(answer: Answer, at: datetime) -> None:
    verify_due(register=FakeRegister(lambda _question: answer), at=at)


def page_of(person: Person) -> str:
    return f"/account/persons/{person.code}/registry/"


def shown(visitor: Client, person: Person) -> str:
    return unescape(visitor.get(page_of(person)).text)


def test_page_before_the_first_answer_says_go_on(visitor: Client, person: Person) -> None:
    page = shown(visitor, person)
    assert "We are asking the civil registry" in page
    assert "go on with your application" in page
    assert (AGAIN in page, CALL in page) == (False, False)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(RegistryVerdict.MATCH), "There is nothing to do."),
        (DOWN, "we ask again later by ourselves"),
    ],
)
def test_page_of_a_verdict_that_asks_nothing_of_the_person_sends_nobody_anywhere(
    visitor: Client, person: Person, at: datetime, answer: Answer, said: str
) -> None:
    answered(answer, at)
    page = shown(visitor, person)
    assert said in page
    assert (AGAIN in page, OFFICE in page, CALL in page) == (False, False, False)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (DIFFERS, "Something differs from the civil registry"),
        (Answer(RegistryVerdict.NOT_FOUND), "The civil registry does not find this NIK"),
        (Answer(RegistryVerdict.NOT_ONLINE), "This NIK is not online yet"),
        (Answer(RegistryVerdict.BLOCKED), "This NIK is blocked in the civil registry"),
    ],
)
def test_page_of_a_verdict_to_be_put_right_says_what_to_do_and_where(
    visitor: Client, person: Person, at: datetime, answer: Answer, said: str
) -> None:
    answered(answer, at)
    page = shown(visitor, person)
    assert [words in page for words in (said, AGAIN, OFFICE, CALL)] == [True] * 4
    assert NIK not in page


def test_page_of_a_mismatch_names_each_detail_with_what_was_typed(
    visitor: Client, person: Person, at: datetime
) -> None:
    answered(ALL_DIFFER, at)
    page = " ".join(shown(visitor, person).split())
    for detail, typed in [
        ("Full name", "Budi Santoso"),
        ("Place of birth", "Bandung"),
        ("Date of birth", "01/07/1990"),
        ("Sex", "Man"),
    ]:
        assert f"<strong>{detail}</strong>: you typed “{typed}”" in page
    assert f'href="/account/persons/{person.code}/"' in page


@pytest.mark.parametrize(
    ("answer", "tag"),
    [
        (None, "Being checked"),
        (DOWN, "Checked later"),
        (Answer(RegistryVerdict.MATCH), "Checked"),
        (DIFFERS, "Please compare"),
        (Answer(RegistryVerdict.NOT_FOUND), "Something to do"),
    ],
)
def test_my_applications_and_the_person_have_a_tag_with_the_verdict(
    visitor: Client, person: Person, at: datetime, answer: Answer | None, tag: str
) -> None:
    if answer:
        answered(answer, at)
    for path in ("/applications/", f"/account/persons/{person.code}/"):
        assert f"{tag}</span>" in visitor.get(path).text


def test_person_page_warns_of_a_mismatch_and_leads_to_what_to_do(
    visitor: Client, person: Person, at: datetime
) -> None:
    path = f"/account/persons/{person.code}/"
    assert "What it means and what to do" not in visitor.get(path).text
    answered(DIFFERS, at)
    assert "What it means and what to do" in visitor.get(path).text


def test_ask_again_opens_the_verdict_and_shows_it(
    visitor: Client, person: Person, at: datetime
) -> None:
    answered(Answer(RegistryVerdict.NOT_FOUND), at)
    answer = visitor.post(page_of(person))
    assert answer["Location"] == page_of(person)
    assert verification_of(person).verdict == RegistryVerdict.PENDING
    assert "We are asking the civil registry" in shown(visitor, person)


def test_page_of_a_person_corrected_often_says_when_it_is_asked(
    visitor: Client, person: Person, at: datetime
) -> None:
    for place in ("Cimahi", "Garut", "Ciamis", "Banjar"):
        correct_person(
            person=person,
            name=person.name,
            birth_place=place,
            birth_date=person.birth_date,
            sex=person.sex,
            by=person.account,
            at=at,
        )
    assert "so the next time is" in shown(visitor, person)


def test_page_is_for_the_account_alone(visitor: Client, person: Person, client: Client) -> None:
    visitor.force_login(make_person().account)
    assert visitor.get(page_of(person)).status_code == 404
    assert visitor.post(page_of(person)).status_code == 404
    visitor.logout()
    assert visitor.get(page_of(person))["Location"].startswith("/account/login/")


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_page_knows_no_other_method(visitor: Client, person: Person, method: str) -> None:
    assert getattr(visitor, method)(page_of(person)).status_code == 405
