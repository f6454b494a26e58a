from http import HTTPStatus

import pytest
from django.test import Client

from applicants.models import User
from tests.factories.applicants import (
    PASSWORD,
    app_code,
    give_app,
    make_person,
    make_superuser,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(visitor: Client) -> Client:
    visitor.force_login(make_superuser())
    return visitor


def test_admin_sign_in_is_that_of_everybody_and_comes_back(visitor: Client) -> None:
    give_app(User.objects.create_superuser("chief@example.com", PASSWORD, name="Chief"))
    answer = visitor.get("/admin/", follow=True)
    path, _status = answer.redirect_chain[-1]
    assert path == "/account/login/?next=/admin/"
    answer = visitor.post(path, {"login": "chief@example.com", "password": PASSWORD})
    assert answer["Location"] == "/account/second-step/"
    assert visitor.get("/admin/").status_code == HTTPStatus.FOUND
    answer = visitor.post(answer["Location"], {"code": app_code()})
    assert answer["Location"] == "/admin/"
    assert visitor.get("/admin/").status_code == HTTPStatus.OK


def test_admin_is_not_open_to_applicants(visitor: Client) -> None:
    visitor.force_login(make_user())
    answer = visitor.get("/admin/", follow=True)
    assert answer.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("search", ["siti@example.com", "+6281234567890", "Rahayu", "nobody"])
def test_admin_accounts_are_found_by_contact_and_name(chief: Client, search: str) -> None:
    make_user("siti@example.com", phone="+6281234567890")
    make_user("ani@example.com", name="Ani")
    answer = chief.get("/admin/applicants/user/", {"q": search})
    assert answer.status_code == HTTPStatus.OK
    found = [account.name for account in answer.context["cl"].result_list]
    assert found == (["Siti Rahayu"] if search != "nobody" else [])


def test_admin_account_is_changed_but_not_its_contacts(chief: Client) -> None:
    account = make_user("siti@example.com")
    path = f"/admin/applicants/user/{account.pk}/change/"
    assert chief.get(path).status_code == HTTPStatus.OK
    answer = chief.post(
        path,
        {
            "name": "Siti R.",
            "email": "eve@example.com",
            "phone": "+6281234567890",
            "is_active": "on",
            "person_limit": "8",
            "language": "id",
        },
    )
    assert answer.status_code == HTTPStatus.FOUND
    account.refresh_from_db()
    assert (account.name, account.email, account.phone) == ("Siti R.", "siti@example.com", None)
    assert (account.person_limit, account.email_verified) == (8, True)


def test_admin_account_is_added_and_its_holder_confirms_it(chief: Client) -> None:
    answer = chief.post(
        "/admin/applicants/user/add/",
        {
            "name": "Officer",
            "email": "Officer@Example.com",
            "phone": "",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )
    assert answer.status_code == HTTPStatus.FOUND, answer.context["adminform"].form.errors
    officer = User.objects.get(email="officer@example.com")
    assert (officer.confirmed, officer.check_password(PASSWORD)) == (False, True)


def test_admin_account_without_a_contact_is_refused_with_words(chief: Client) -> None:
    answer = chief.post(
        "/admin/applicants/user/add/",
        {
            "name": "Officer",
            "email": "",
            "phone": "",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )
    assert answer.status_code == HTTPStatus.OK
    assert "e-mail or a mobile phone" in answer.text


def test_admin_persons_are_read_only_with_a_masked_nik(chief: Client) -> None:
    person = make_person(nik="3273010107900001")
    delete = f"/admin/applicants/user/{person.account_id}/delete/"
    assert chief.get(delete).status_code == HTTPStatus.FORBIDDEN
    pages = [
        chief.get("/admin/applicants/person/"),
        chief.get(f"/admin/applicants/person/{person.pk}/change/"),
    ]
    for page in pages:
        assert page.status_code == HTTPStatus.OK
        assert "3273********0001" in page.text
        assert "3273010107900001" not in page.text
    assert 'name="name"' not in pages[1].text
    assert chief.get("/admin/applicants/person/add/").status_code == HTTPStatus.FORBIDDEN
