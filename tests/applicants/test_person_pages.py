from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from applicants.enums import Sex
from applicants.models import Consent, Person, User
from tests.factories.applicants import make_child, make_person, make_user

pytestmark = pytest.mark.django_db

NEW = "/account/persons/new/"
TYPED = {
    "nik": "3273 0101 0790 0001",
    "name": "Budi Santoso",
    "birth_place": "Bandung",
    "birth_date": "1 Juli 1990",
    "sex": "M",
}


def add(visitor: Client, **others: str) -> Any:
    return visitor.post(NEW, TYPED | others)


@pytest.fixture
def signed_in(visitor: Client) -> Client:
    visitor.force_login(make_user("siti@example.com"))
    return visitor


def test_person_add_goes_to_my_applications(signed_in: Client) -> None:
    assert add(signed_in)["Location"] == reverse("my_applications")
    person = Person.objects.get()
    assert (person.name, person.sex, person.identity.nik) == (
        "Budi Santoso",
        Sex.MAN,
        "3273010107900001",
    )


def test_person_add_goes_back_to_where_it_was_asked(signed_in: Client) -> None:
    answer = signed_in.post(f"{NEW}?next=/applications/new/", TYPED)
    assert answer["Location"] == "/applications/new/"


@pytest.mark.parametrize("path", [NEW, "/account/persons/ACDEFGHJKM/"])
def test_person_pages_need_a_sign_in_and_come_back(visitor: Client, path: str) -> None:
    assert visitor.get(path)["Location"] == f"/account/login/?next={path}"


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("nik", "", "This field is required"),
        ("nik", "3273018107900001", "Digits 7 and 8 are the day of birth"),
        ("nik", "3273010113900001", "Digits 9 and 10 are the month of birth"),
        ("nik", "3273013002900001", "there is no such day"),
        ("nik", "9973010107900001", "no province has the code 99"),
        ("nik", "3273010107900000", "Digits 13 to 16 are never 0000"),
        ("nik", "327301010790001", "you typed 15"),
        ("nik", "32730101079O0001", "Did you mean the digit 0?"),
        ("nik", "<script>alert(1)</script>", "digits only"),
        ("nik", "1" * 5000, "room for 300"),
        ("nik", "\x00", "cannot be seen"),
        ("name", "", "This field is required"),
        ("name", "123", "no letter"),
        ("name", "Budi\u202e", "U+202E"),
        ("name", "B" * 101, "longer than 100"),
        ("birth_place", "", "This field is required"),
        ("birth_place", "B" * 61, "longer than 60"),
        ("birth_place", "\x00", "cannot be seen"),
        ("birth_date", "", "This field is required"),
        ("birth_date", "kemarin", "This is not a date"),
        ("birth_date", "31-02-1990", "no such day in the calendar"),
        ("birth_date", "01-07-90", "four digits"),
        ("birth_date", "01-07-2190", "must be in the past"),
        ("birth_date", "01-07-1890", "more than 120 years ago"),
        ("sex", "", "Choose woman or man"),
        ("sex", "X", "Select a valid choice"),
    ],
)
def test_person_add_with_a_mistake_says_so_and_keeps_what_was_typed(
    signed_in: Client, field: str, typed: str, said: str
) -> None:
    answer = add(signed_in, **{field: typed})
    assert answer.status_code == HTTPStatus.OK
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert said in str(form.errors)
    assert {name: form[name].value() for name in TYPED} == TYPED | {field: typed}
    assert Person.objects.count() == 0


def test_person_add_tells_every_mistake_at_once(signed_in: Client) -> None:
    answer = signed_in.post(
        NEW, {"nik": "1", "name": "1", "birth_place": "1", "birth_date": "1", "sex": ""}
    )
    assert sorted(answer.context["form"].errors) == sorted(TYPED)


def test_person_add_that_differs_asks_to_confirm_and_then_keeps_it(signed_in: Client) -> None:
    assert b"confirms_difference" not in signed_in.get(NEW).content
    answer = add(signed_in, birth_date="2 Juli 1990", sex="F")
    form = answer.context["form"]
    assert list(form.errors) == ["__all__"]
    assert "The NIK says another date of birth. The NIK is that of a man." in answer.text
    assert "never changed" in answer.text
    assert form["birth_date"].value() == "2 Juli 1990"
    assert 'name="confirms_difference"' in answer.text
    assert Person.objects.count() == 0
    again = add(signed_in, birth_date="2 Juli 1990", sex="F")
    assert list(again.context["form"].errors) == ["__all__"]
    answer = add(signed_in, birth_date="2 Juli 1990", sex="F", confirms_difference="on")
    assert answer["Location"] == reverse("my_applications")
    assert Person.objects.get().differs_from_nik is True


def test_person_add_corrected_instead_of_confirmed_is_not_flagged(signed_in: Client) -> None:
    add(signed_in, sex="F")
    add(signed_in, sex="M", confirms_difference="on")
    assert Person.objects.get().differs_from_nik is False


def test_person_add_twice_says_so(signed_in: Client) -> None:
    add(signed_in)
    answer = add(signed_in, name="Another Name")
    assert "already in your account" in answer.text
    assert answer.context["form"]["name"].value() == "Another Name"


def test_person_add_when_full_says_so_before_anything_is_typed(signed_in: Client) -> None:
    account = make_person(make_user(person_limit=1)).account
    signed_in.force_login(account)
    answer = signed_in.get(NEW)
    assert (answer.status_code, "look after 1 people" in answer.text) == (HTTPStatus.CONFLICT, True)
    answer = add(signed_in)
    assert answer.status_code == HTTPStatus.OK
    assert "look after 1 people" in answer.text


def test_person_edit_shows_the_nik_masked_and_keeps_it(signed_in: Client) -> None:
    person = make_person(nik="3273010107900001")
    signed_in.force_login(person.account)
    path = reverse("person_edit", args=[person.code])
    page = signed_in.get(path)
    assert "3273********0001" in page.text
    assert "3273010107900001" not in page.text
    assert page.context["form"]["birth_date"].value() == "01/07/1990"
    answer = signed_in.post(path, TYPED | {"nik": "3273010107900002", "name": "Budi S."})
    assert answer["Location"] == reverse("my_applications")
    person.refresh_from_db()
    assert (person.name, person.identity.nik) == ("Budi S.", "3273010107900001")


def test_person_edit_with_a_mistake_keeps_what_was_typed(signed_in: Client) -> None:
    person = make_person()
    signed_in.force_login(person.account)
    path = reverse("person_edit", args=[person.code])
    answer = signed_in.post(path, TYPED | {"name": "1", "birth_date": "31-02-1990"})
    assert sorted(answer.context["form"].errors) == ["birth_date", "name"]
    assert answer.context["form"]["birth_date"].value() == "31-02-1990"
    person.refresh_from_db()
    assert person.name == "Budi Santoso"


def test_person_edit_of_another_account_is_not_found(signed_in: Client) -> None:
    path = reverse("person_edit", args=[make_person().code])
    assert signed_in.get(path).status_code == HTTPStatus.NOT_FOUND
    assert signed_in.post(path, TYPED).status_code == HTTPStatus.NOT_FOUND


CHILD = TYPED | {"nik": "3273 0101 0718 0001", "name": "Bayu", "birth_date": "01/07/2018"}
ASKED_OF_CHILDREN = ["guardian", "relation", "consent"]


@pytest.fixture
def mother(signed_in: Client) -> Person:
    """In the account of who is signed in."""
    return make_person(User.objects.get(email="siti@example.com"), name="Siti Rahayu", sex="F")


def test_person_add_asks_for_a_guardian_when_the_birth_date_is_a_childs(
    signed_in: Client, mother: Person
) -> None:
    assert "guardian" not in signed_in.get(NEW).context["form"].fields
    answer = signed_in.post(NEW, CHILD)
    form = answer.context["form"]
    assert list(form.errors) == ASKED_OF_CHILDREN
    assert "A child under 17 needs a mother, father or guardian" in answer.text
    assert [name for name in form.fields if name in ASKED_OF_CHILDREN] == ASKED_OF_CHILDREN
    assert f'value="{mother.code}"' in answer.text
    assert "only to apply for the child" in answer.text
    assert {name: form[name].value() for name in CHILD} == CHILD


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"guardian": ""}, "guardian"),
        ({"guardian": "NOBODY"}, "guardian"),
        ({"guardian": "\x00"}, "guardian"),
        ({"guardian": "G" * 10_000}, "guardian"),
        ({"relation": ""}, "relation"),
        ({"relation": "aunt"}, "relation"),
        ({"consent": ""}, "consent"),
    ],
)
def test_person_add_of_a_child_with_a_mistake_names_it_and_keeps_the_rest(
    signed_in: Client, mother: Person, given: dict[str, str], field: str
) -> None:
    full = {"guardian": mother.code, "relation": "mother", "consent": "on"}
    answer = signed_in.post(NEW, CHILD | full | given)
    form = answer.context["form"]
    assert (answer.status_code, list(form.errors)) == (HTTPStatus.OK, [field])
    assert {name: form[name].value() for name in CHILD} == CHILD
    assert (Person.objects.count(), Consent.objects.count()) == (1, 0)


def test_person_add_of_a_child_with_everything_keeps_the_child(
    signed_in: Client, mother: Person
) -> None:
    full = {"guardian": mother.code, "relation": "mother", "consent": "on"}
    assert signed_in.post(NEW, CHILD | full)["Location"] == reverse("my_applications")
    child = Person.objects.get(name="Bayu")
    assert (child.guardian, child.relation) == (mother, "mother")
    assert child.consents.get().language == "en"


def test_person_add_of_a_child_without_a_grown_up_leads_to_adding_one(signed_in: Client) -> None:
    answer = signed_in.post(NEW, CHILD)
    assert "There is no grown-up in your account yet" in answer.text


def test_person_add_with_the_birth_date_mended_to_a_grown_ups_needs_no_guardian(
    signed_in: Client, mother: Person
) -> None:
    answer = add(signed_in, relation="", guardian="", consent="")
    assert answer["Location"] == reverse("my_applications")
    assert Consent.objects.count() == 0


def test_person_edit_of_a_child_shows_its_guardian_and_the_consent_given(
    visitor: Client,
) -> None:
    child = make_child()
    visitor.force_login(child.account)
    form = visitor.get(reverse("person_edit", args=[child.code])).context["form"]
    assert child.guardian is not None
    assert [form[name].value() for name in ASKED_OF_CHILDREN] == [
        child.guardian.code,
        "mother",
        True,
    ]


def test_person_edit_of_a_guardian_into_a_child_says_what_to_do(visitor: Client) -> None:
    child = make_child()
    visitor.force_login(child.account)
    assert child.guardian is not None
    path = reverse("person_edit", args=[child.guardian.code])
    full = {"guardian": make_person(child.account).code, "relation": "father", "consent": "on"}
    answer = visitor.post(path, CHILD | full | {"confirms_difference": "on"})
    assert "mother, father or guardian of a child in your account" in answer.text


def test_person_add_known_to_another_account_says_what_that_means(signed_in: Client) -> None:
    make_person(nik="3273010107900001")
    answer = signed_in.post(NEW, TYPED, follow=True)
    assert "Another account knows this NIK" in answer.text
