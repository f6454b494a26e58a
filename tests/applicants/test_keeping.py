"""Typing is kept: over refusals, errors, sign-outs and from one device to another."""

from http import HTTPStatus
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from applicants.models import FormDraft, Person, Session, User
from tests.applicants.test_person_pages import TYPED
from tests.factories.applicants import PASSWORD, make_person, make_user

pytestmark = pytest.mark.django_db

NEW, SIGN_UP = "/account/persons/new/", "/account/signup/"
HALF = {"nik": "3273 0101 0790", "name": "Budi", "birth_place": "", "birth_date": "31 Feb"}
SAYS_SO = "We kept what you typed on"


def device(account: User) -> Client:
    client = Client()
    client.force_login(account)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def only_keep(visitor: Client, path: str = NEW, **typed: Any) -> int:
    """As static/js/keep.js does it."""
    return visitor.post(path, {**typed, "only_keep": "yes"}).status_code


def shown(visitor: Client, path: str = NEW) -> dict[str, Any]:
    form = visitor.get(path).context["form"]
    return {name: form[name].value() for name in form.fields}


@pytest.fixture
def account() -> User:
    return make_user("siti@example.com")


@pytest.fixture
def phone(account: User) -> Client:
    return device(account)


def test_typing_is_found_again_on_another_device(phone: Client, account: User) -> None:
    assert only_keep(phone, **HALF, sex="M") == HTTPStatus.NO_CONTENT
    assert Person.objects.count() == 0
    computer = device(account)
    assert shown(computer) == HALF | {"sex": "M"}
    page = computer.get(NEW)
    assert (SAYS_SO in page.text, "Start empty" in page.text) == (True, True)


def test_typing_is_never_shown_to_another_account(phone: Client) -> None:
    only_keep(phone, **HALF)
    page = device(make_user("eve@example.com")).get(NEW)
    assert (SAYS_SO in page.text, "Budi" in page.text) == (False, False)


def test_typing_without_scripts_is_kept_when_the_form_is_refused(phone: Client) -> None:
    assert phone.post(NEW, HALF).status_code == HTTPStatus.OK
    assert shown(phone) == HALF | {"sex": None}


def test_nothing_typed_is_nothing_kept(phone: Client) -> None:
    only_keep(phone, **HALF)
    assert phone.post(NEW, dict.fromkeys(HALF, " ")).status_code == HTTPStatus.OK
    assert not FormDraft.objects.exists()


def test_typing_outlives_an_error_of_ours(phone: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    phone.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr("applicants.views.persons.add_person", None)
        answer = phone.post(NEW, TYPED)
    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert shown(phone) == TYPED


def test_typing_is_forgotten_when_it_was_taken(phone: Client) -> None:
    only_keep(phone, **HALF)
    assert phone.post(NEW, TYPED).status_code == HTTPStatus.FOUND
    assert (FormDraft.objects.count(), Person.objects.count()) == (0, 1)
    assert SAYS_SO not in phone.get(NEW).text


def test_start_empty_forgets_and_changes_nothing_else(phone: Client) -> None:
    only_keep(phone, **HALF)
    answer = phone.post(f"{NEW}?next=/offices/", {"start_empty": "yes"})
    assert answer["Location"] == f"{NEW}?next=/offices/"
    assert set(shown(phone).values()) == {None}
    assert (FormDraft.objects.count(), Person.objects.count()) == (0, 0)


def test_typing_while_signed_out_elsewhere_is_found_after_signing_in(
    phone: Client, account: User
) -> None:
    page = phone.get(NEW)
    assert f'name="typed_by" value="{account.code}"' in page.text
    Session.objects.all().delete()
    phone.cookies.pop(settings.SESSION_COOKIE_NAME)
    answer = phone.post(NEW, {**HALF, "typed_by": account.code})
    assert answer["Location"] == f"/account/login/?next={NEW}"
    stored = [str(row.get_decoded()) for row in Session.objects.all()]
    assert [HALF["nik"] in text for text in stored] == [False]
    login = {"login": "siti@example.com", "password": PASSWORD}
    assert phone.post(answer["Location"], login)["Location"] == NEW
    assert shown(phone) == HALF | {"sex": None}


def test_typing_of_one_is_not_shown_to_the_next_who_signs_in_there(
    phone: Client, account: User
) -> None:
    make_user("eve@example.com")
    phone.logout()
    phone.post(NEW, {**HALF, "typed_by": account.code})
    phone.post("/account/login/", {"login": "eve@example.com", "password": PASSWORD})
    page = phone.get(NEW)
    assert (page.status_code, SAYS_SO in page.text, "Budi" in page.text) == (200, False, False)


def test_edit_starts_with_what_was_kept_not_with_what_is_saved(account: User) -> None:
    person = make_person(account, name="Budi Santoso")
    other = make_person(account, name="Ani")
    visitor = device(account)
    path = reverse("person_edit", args=[person.code])
    only_keep(visitor, path, name="Budi S", birth_place="Band", birth_date="1/7/90", sex="M")
    assert shown(visitor, path)["name"] == "Budi S"
    assert shown(visitor, reverse("person_edit", args=[other.code]))["name"] == "Ani"


def test_typing_about_a_child_brings_its_questions_back(account: User) -> None:
    parent = make_person(account)
    visitor = device(account)
    only_keep(visitor, **HALF, guardian=parent.code, relation="mother")
    assert {name: shown(visitor)[name] for name in ("guardian", "relation")} == {
        "guardian": parent.code,
        "relation": "mother",
    }


def test_answers_of_an_application_are_kept_but_the_address_decides_who(account: User) -> None:
    one, two = make_person(account), make_person(account)
    visitor, path = device(account), reverse("application_new")
    only_keep(visitor, path, person=one.code, kind="new", book="ordinary")
    form = visitor.get(f"{path}?person={two.code}").context["form"]
    assert (form["person"].value(), form["kind"].value()) == (two.code, "new")
    assert visitor.get(path).context["form"]["person"].value() == one.code


def test_sign_up_keeps_name_and_contact_and_never_the_password(visitor: Client) -> None:
    typed = {"name": "Siti Rahayu", "contact": "siti@", "password": "kopi-tubruk-panas"}
    assert only_keep(visitor, SIGN_UP, **typed) == HTTPStatus.NO_CONTENT
    page = visitor.get(SIGN_UP)
    form = page.context["form"]
    assert [form[name].value() for name in typed] == ["Siti Rahayu", "siti@", None]
    assert (SAYS_SO in page.text, "kopi" in page.text) == (True, False)
    assert "kopi" not in str(dict(visitor.session))
    assert FormDraft.objects.count() == 0


def test_sign_up_forgets_what_was_typed_when_the_account_is_open(visitor: Client) -> None:
    only_keep(visitor, SIGN_UP, name="Siti", contact="siti@")
    visitor.post(SIGN_UP, {"name": "Siti", "contact": "siti@example.com", "password": PASSWORD})
    assert "typed" not in visitor.session


@pytest.mark.parametrize(
    "typed",
    [
        {"nik": "\x00", "name": "\u202e\U0001f600", "sex": ["M", "F"]},
        {"name": "x" * 50_000},
        {f"field{number}": "x" for number in range(900)},
        {},
    ],
)
@pytest.mark.parametrize("path", [NEW, SIGN_UP])
def test_typing_of_any_kind_is_answered_and_breaks_nothing(
    phone: Client, path: str, typed: dict[str, Any]
) -> None:
    visitor = Client() if path == SIGN_UP else phone
    assert only_keep(visitor, path, **typed) in {
        HTTPStatus.NO_CONTENT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    }
    assert visitor.post(path, typed).status_code == HTTPStatus.OK
    assert visitor.get(path).status_code == HTTPStatus.OK
