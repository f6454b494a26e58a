"""What an application's person brings, on the letter, the pages and at the counter alike."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils import translation
from pypdf import PdfReader

from applicants.enums import Relation
from applicants.models import Person
from appointments.bringing import question_of, to_bring
from appointments.enums import Circumstance, Kind
from appointments.letters import letter
from appointments.models import Appointment
from mpaspor.core import clock
from quota.enums import Role
from tests.appointments.browsing import signed_in, text_of
from tests.factories.applicants import make_child, make_person
from tests.factories.appointments import make_application, make_confirmed, make_held
from tests.factories.quota import make_officer

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 1)
CHILD = [
    "parents-ktp",
    "kk",
    "birth-certificate",
    "parents-marriage",
    "parents-passports",
    "statement",
]


def papers(person: Person, on: date = DAY, **answers: Any) -> list[str]:
    application = make_application(person=person, **answers)
    return [each.paper.code for each in to_bring(application, on=on).documents]


def names(appointment: Appointment) -> list[str]:
    found = to_bring(appointment.application, on=appointment.slot.date)
    return [each.paper.words["name"] for each in found.documents]


def test_to_bring_for_a_grown_up_depends_on_the_kind() -> None:
    assert papers(make_person()) == ["ktp", "kk", "proof-of-birth"]
    assert papers(make_person(), kind=Kind.REPLACEMENT) == ["ktp", "old-passport"]


def test_to_bring_for_a_child_is_what_the_parents_bring() -> None:
    assert papers(make_child()) == CHILD


def test_to_bring_for_a_child_with_a_guardian_is_what_the_guardian_brings() -> None:
    child = make_child(relation=Relation.GUARDIAN)
    wanted = ["guardian-ktp", "kk", "birth-certificate", "guardianship", "statement"]
    assert papers(child) == wanted


@pytest.mark.parametrize(("day", "expected"), [(-1, CHILD), (0, ["ktp", "kk", "proof-of-birth"])])
def test_to_bring_follows_the_age_on_the_day_of_the_visit(day: int, expected: list[str]) -> None:
    birthday = clock.now().date() + timedelta(days=20)
    child = make_child(
        birth_date=birthday.replace(year=birthday.year - 17, day=min(birthday.day, 28))
    )
    seventeen = child.birth_date.replace(year=child.birth_date.year + 17)
    assert papers(child, on=seventeen + timedelta(days=day)) == expected


def test_to_bring_knows_no_circumstance_but_the_guardian() -> None:
    """What is not told is listed apart, and nothing about it is stored."""
    application = make_application()
    assert question_of(application, on=DAY).circumstances == frozenset()
    also = [each.circumstance for each in to_bring(application, on=DAY).also]
    assert also == [Circumstance.BORN_ABROAD, Circumstance.NAME_DIFFERS]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("relation", [None, Relation.MOTHER, Relation.GUARDIAN])
def test_letter_lists_the_documents_on_one_page(
    language: str, kind: Kind, relation: Relation | None
) -> None:
    person = make_child(relation=relation) if relation else make_person()
    appointment = make_confirmed(application=make_application(person=person, kind=kind))
    with translation.override(language):
        pdf = PdfReader(BytesIO(letter(appointment)))
        wanted = names(appointment)
    text = " ".join(pdf.pages[0].extract_text().split())
    assert len(pdf.pages) == 1
    assert [name for name in wanted if name not in text] == []


def test_review_and_visit_pages_list_the_documents() -> None:
    held, confirmed = make_held(person=make_child()), make_confirmed(person=make_child())
    with translation.override("en"):
        wanted = names(held)
    for appointment, page in ((held, "review"), (confirmed, "visit")):
        account = appointment.application.account
        address = f"/applications/{appointment.application.code}/{page}/"
        text = text_of(signed_in(account).get(address))
        assert [name for name in wanted if name not in text] == [], page


def test_check_in_page_lists_the_documents_to_see() -> None:
    appointment = make_confirmed(person=make_child())
    officer = signed_in(make_officer(Role.COUNTER, appointment.slot.office))
    text = text_of(officer.post("/admin/check-in/", {"code": appointment.code}))
    with translation.override("en"):
        wanted = names(appointment)
    assert [name for name in wanted if name not in text] == []


def test_check_in_page_of_an_unknown_code_lists_nothing() -> None:
    appointment = make_confirmed()
    officer = signed_in(make_officer(Role.COUNTER, appointment.slot.office))
    text = text_of(officer.post("/admin/check-in/", {"code": "AAAAAAAAAA"}))
    assert "Documents to see" not in text
