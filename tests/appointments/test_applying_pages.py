"""The questions of an application: what is wrong is said where it is, what was typed stays."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applicants.models import Person
from appointments.models import Application
from mpaspor.core import clock
from tests.appointments.browsing import checked, errors_of, signed_in, text_of
from tests.factories.applicants import make_child, make_person, make_user, valid_nik
from tests.factories.appointments import make_application, make_awaiting

pytestmark = pytest.mark.django_db

NEW = "/applications/new/"


@pytest.fixture
def person() -> Person:
    return make_person()


@pytest.fixture
def client(person: Person) -> Client:
    return signed_in(person.account)


def answers(person: Person, **facts: Any) -> dict[str, Any]:
    return {"person": person.code, "kind": "new", "book": "5", "service": "regular"} | facts


def test_new_application_leads_on_to_its_tasks(client: Client, person: Person) -> None:
    response = client.post(NEW, answers(person))
    draft = Application.objects.get()
    assert (response.status_code, response["Location"]) == (
        302,
        reverse("tasks", args=[draft.code]),
    )
    assert (draft.kind, draft.book, draft.service) == ("new", "5", "regular")


def test_new_application_posted_twice_is_one(client: Client, person: Person) -> None:
    locations = {client.post(NEW, answers(person))["Location"] for _ in range(2)}
    assert (len(locations), Application.objects.count()) == (1, 1)


def test_new_application_of_an_account_without_persons_leads_to_adding_one() -> None:
    response = signed_in(make_user()).get(NEW)
    assert (response.status_code, response["Location"]) == (302, reverse("person_add"))


ODD = ["", "none", "\x00", "5 ", "x" * 10_000, "<script>alert(1)</script>", "🌺"]


@pytest.mark.parametrize("field", ["person", "kind", "book", "service"])
@pytest.mark.parametrize("odd", [None, *ODD], ids=lambda odd: repr(odd)[:20])
def test_new_application_with_an_odd_answer_names_it_and_keeps_the_others(
    client: Client, person: Person, field: str, odd: str | None
) -> None:
    given = answers(person)
    if odd is None:
        del given[field]
    else:
        given[field] = odd

    response = client.post(NEW, given)

    assert response.status_code == 200
    assert list(errors_of(response)) == [field]
    assert all(errors_of(response)[field])
    others = {f"{name}={value}" for name, value in given.items() if name != field}
    assert others <= checked(response)
    assert Application.objects.count() == 0


def test_new_application_with_nothing_chosen_names_every_question(client: Client) -> None:
    response = client.post(NEW, {"csrfmiddlewaretoken": "x"})
    assert (response.status_code, sorted(errors_of(response))) == (
        200,
        ["book", "kind", "person", "service"],
    )


def test_new_application_for_somebody_elses_person_is_refused(client: Client) -> None:
    response = client.post(NEW, answers(make_person()))
    assert (response.status_code, list(errors_of(response))) == (200, ["person"])
    assert Application.objects.count() == 0


def test_new_application_for_a_lost_passport_stops_before_anybody_pays(
    client: Client, person: Person
) -> None:
    response = client.post(NEW, answers(person, kind="lost"))
    assert response.status_code == 200
    assert "at the counter of an immigration office" in errors_of(response)["kind"][0]
    assert {"book=5", "service=regular"} <= checked(response)
    assert Application.objects.count() == 0


def test_new_application_for_a_child_with_ten_years_says_why_and_what_to_choose() -> None:
    child = make_child(birth_date=clock.now().date() - timedelta(days=365 * 9))
    response = signed_in(child.account).post(NEW, answers(child, book="10"))
    assert errors_of(response) == {
        "book": [
            "A passport for 10 years is only given to people of 17 years or older. "
            "Choose the passport for 5 years."
        ]
    }
    assert "book=10" in checked(response)


def test_new_application_while_another_account_has_one_says_how_to_go_on() -> None:
    nik = valid_nik()
    make_awaiting(person=make_person(nik=nik))
    person = make_person(nik=nik)
    response = signed_in(person.account).post(NEW, answers(person))
    assert list(errors_of(response)) == ["person"]
    assert "sign in there and go on" in errors_of(response)["person"][0]


def test_new_application_page_marks_the_person_of_the_address(
    client: Client, person: Person
) -> None:
    make_person(person.account)
    marked = checked(client.get(NEW, {"person": person.code}))
    assert marked == {f"person={person.code}", "need=none"}


@pytest.mark.parametrize("odd", ["\x00", "x" * 5000, "<b>"])
def test_new_application_page_with_an_odd_address_is_still_a_page(client: Client, odd: str) -> None:
    assert client.get(NEW, {"person": odd, "kind": odd}).status_code in {200, 400}


@pytest.mark.parametrize("field", ["kind", "book", "service"])
@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
def test_change_with_an_odd_answer_names_it_and_changes_nothing(
    client: Client, person: Person, field: str, odd: str
) -> None:
    draft = make_application(person=person)
    response = client.post(
        reverse("answers", args=[draft.code]),
        {"kind": "replacement", "book": "10", "service": "accelerated"} | {field: odd},
    )
    assert (response.status_code, list(errors_of(response))) == (200, [field])
    draft.refresh_from_db()
    assert (draft.kind, draft.book, draft.service) == ("new", "5", "regular")


def test_change_shows_the_answers_given_and_takes_new_ones(client: Client, person: Person) -> None:
    draft = make_application(person=person)
    url = reverse("answers", args=[draft.code])
    assert checked(client.get(url)) == {"kind=new", "book=5", "service=regular", "need=none"}

    response = client.post(url, {"kind": "replacement", "book": "10", "service": "accelerated"})

    assert response["Location"] == reverse("tasks", args=[draft.code])
    draft.refresh_from_db()
    assert (draft.kind, draft.book, draft.service) == ("replacement", "10", "accelerated")


def test_change_of_what_is_submitted_says_so_and_changes_nothing() -> None:
    application = make_awaiting().application
    response = signed_in(application.account).post(
        reverse("answers", args=[application.code]),
        {"kind": "replacement", "book": "10", "service": "regular"},
    )
    assert response.status_code == 200
    assert "was already submitted and cannot be changed here" in text_of(response)
    application.refresh_from_db()
    assert application.kind == "new"


def test_again_while_one_is_under_way_is_a_page_that_says_how_to_go_on() -> None:
    application = make_awaiting().application
    response = signed_in(application.account).post(reverse("again", args=[application.code]))
    assert response.status_code == 409
    assert "There is already an application under way for this NIK." in text_of(response)


def test_again_by_a_link_is_not_allowed(client: Client, person: Person) -> None:
    draft = make_application(person=person)
    assert client.get(reverse("again", args=[draft.code])).status_code == 405


def test_my_applications_lists_persons_with_masked_niks() -> None:
    nik = valid_nik()
    person = make_person(nik=nik, name="Siti Nurhaliza")
    make_application(person=person)
    page = text_of(signed_in(person.account).get(reverse("my_applications")))
    assert ("Siti Nurhaliza" in page, f"{nik[:4]}********{nik[-4:]}" in page) == (True, True)
    assert nik not in page
