"""The centre names officers by the e-mail address of their account."""

import pytest
from django.contrib.auth.base_user import AbstractBaseUser
from django.test import Client

from quota.enums import Role
from quota.models import Office, Officer
from tests.factories.applicants import make_user
from tests.factories.quota import make_office, make_officer

pytestmark = pytest.mark.django_db

OFFICERS = "/admin/quota/officer/"


@pytest.fixture
def centre(client: Client) -> AbstractBaseUser:
    officer = make_officer(Role.CENTRE)
    client.cookies["django_language"] = "en"
    client.force_login(officer)
    return officer


@pytest.fixture
def office() -> Office:
    return make_office()


def test_officer_named_by_email_serves_at_the_office(
    client: Client, centre: AbstractBaseUser, office: Office
) -> None:
    user = make_user("citra@example.test")

    client.post(
        f"{OFFICERS}add/",
        {"email": "Citra@Example.test", "role": Role.COUNTER, "office": office.pk},
    )

    officer = Officer.objects.get(user=user)
    assert (officer.role, officer.office) == (Role.COUNTER, office)


def test_officer_moved_to_another_role_keeps_the_account(
    client: Client, centre: AbstractBaseUser, office: Office
) -> None:
    user = make_officer(Role.COUNTER, office)
    officer = Officer.objects.get(user=user)
    address = f"{OFFICERS}{officer.pk}/change/"
    typed = client.get(address).context["adminform"].form["email"].value()

    client.post(address, {"email": typed, "role": Role.HEAD, "office": office.pk})

    officer.refresh_from_db()
    assert (officer.user, officer.role) == (user, Role.HEAD)


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("nobody@example.test", "There is no account with this e-mail."),
        ("busy@example.test", "This account is an officer already. Change that one."),
        ("not an address", "Enter a valid email address."),
        ("a\x00b@example.test", "Enter a valid email address."),
    ],
)
def test_officer_named_by_a_bad_email_is_not_made_and_told_why(
    client: Client, centre: AbstractBaseUser, office: Office, email: str, said: str
) -> None:
    busy = make_user("busy@example.test")
    Officer.objects.create(user=busy, role=Role.HEAD, office=office)
    before = Officer.objects.count()

    response = client.post(
        f"{OFFICERS}add/", {"email": email, "role": Role.COUNTER, "office": office.pk}
    )

    assert said in response.context["adminform"].form.errors["email"]
    assert Officer.objects.count() == before


def test_officer_without_the_office_the_role_needs_is_told(
    client: Client, centre: AbstractBaseUser
) -> None:
    make_user("citra@example.test")

    response = client.post(f"{OFFICERS}add/", {"email": "citra@example.test", "role": Role.COUNTER})

    errors = response.context["adminform"].form.errors["__all__"]
    assert errors == ["Centre, treasurer and auditor have no office; every other role needs one."]
