"""What is refused before anything is billed: by the deed, on the page and by the API alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils.timezone import localdate

from applicants.enums import Sex
from applicants.models import Person
from appointments.applying import start_application
from appointments.enums import Book, Need, ServiceClass
from appointments.models import Application
from appointments.requirements import TooYoungForTenYears
from appointments.submitting import request_payment
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from payments.models import Bill
from tests.api.conftest import Integrator
from tests.api.steps import new_nik, person_body
from tests.appointments.browsing import checked, errors_of, signed_in, text_of
from tests.factories.applicants import make_child, make_person
from tests.factories.appointments import make_held

pytestmark = pytest.mark.django_db


def grown_up(integrator: Integrator) -> Person:
    return make_person(integrator.account)


def child(integrator: Integrator) -> Person:
    return make_child(make_person(integrator.account, sex=Sex.WOMAN))


def orphan(integrator: Integrator) -> Person:
    """A child of former times, without a guardian."""
    person = child(integrator)
    Person.objects.filter(pk=person.pk).update(guardian=None, relation="")
    person.refresh_from_db()
    return person


@dataclass(frozen=True)
class Case:
    person: Callable[[Integrator], Person]
    code: str
    field: str
    says: str
    need: Need = Need.NEW
    book: Book = Book.FIVE_YEARS


COUNTER = "Go to any immigration office and bring:"
CASES = [
    Case(grown_up, "at-the-counter", "kind", COUNTER, need=Need.LOST),
    Case(grown_up, "at-the-counter", "kind", COUNTER, need=Need.DAMAGED),
    Case(grown_up, "at-the-counter", "kind", COUNTER, need=Need.CHANGED),
    Case(child, "at-the-counter", "kind", COUNTER, need=Need.LOST),
    Case(
        child, "ten-years-from-17", "book", "Choose the passport for 5 years.", book=Book.TEN_YEARS
    ),
    Case(orphan, "guardian-needed", "person", "Open the child's page"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.person.__name__} {case.need}")
def test_start_application_is_refused_alike_by_deed_page_and_api(
    integrator: Integrator, case: Case
) -> None:
    person = case.person(integrator)
    answers: dict[str, Any] = {"kind": case.need, "book": case.book}
    answers |= {"service": ServiceClass.REGULAR}

    with pytest.raises(Refusal) as no:
        start_application(
            account=integrator.account, person=person, **answers, by="test", at=clock.now()
        )
    typed = {"person": person.code} | answers
    page = signed_in(integrator.account).post("/applications/new/", typed)
    problem = integrator.post("applications/", typed, **{"Accept-Language": "en"}).json()

    assert (no.value.code, no.value.field) == (case.code, case.field)
    assert list(errors_of(page)) == [case.field]
    assert case.says in errors_of(page)[case.field][0]
    assert problem["type"] == f"/api/docs/problems/#{case.code}"
    assert [fault["pointer"] for fault in problem["errors"]] == [f"#/{case.field}"]
    assert case.says in problem["detail"]
    assert checked(page) == {f"{name}={value}" for name, value in typed.items()}
    assert (Application.objects.count(), Bill.objects.count()) == (0, 0)


def test_case_for_the_counter_leads_to_its_list_with_the_police_report(
    integrator: Integrator,
) -> None:
    person = grown_up(integrator)
    typed = {"person": person.code, "kind": "lost", "book": "5", "service": "regular"}
    page = signed_in(integrator.account).post("/applications/new/", typed)
    age = person.age_on(localdate(clock.now()))
    link = f"/requirements/?kind=lost&amp;age={age}&amp;book=5&amp;service=regular"
    assert link in page.content.decode()
    assert "Report of the loss from the police" in text_of(page)


def test_person_whose_nik_says_otherwise_is_refused_until_confirmed(
    integrator: Integrator,
) -> None:
    body = person_body(nik=new_nik(), birth_date="1991-07-01")
    problem = integrator.post("persons/", body, **{"Accept-Language": "en"}).json()
    typed = {
        "nik": body["nik"],
        "name": body["name"],
        "birth_place": body["birth_place"],
        "birth_date_day": "1",
        "birth_date_month": "7",
        "birth_date_year": "1991",
        "birth_date": "1991-07-01",
        "sex": "M",
    }
    page = signed_in(integrator.account).post("/account/persons/new/", typed)
    assert problem["type"].endswith("#differs-from-nik")
    assert "confirms_difference" in page.content.decode()
    assert Person.objects.count() == 0


def test_request_payment_for_ten_years_is_refused_once_the_birth_date_is_put_right() -> None:
    """As if the child had been taken for a grown-up when the application was begun."""
    held = make_held(person=make_child())
    Application.objects.update(book=Book.TEN_YEARS)
    with pytest.raises(Refusal) as no:
        request_payment(appointment=held, by="test", at=clock.now())
    assert Bill.objects.count() == 0
    assert isinstance(no.value, TooYoungForTenYears)
