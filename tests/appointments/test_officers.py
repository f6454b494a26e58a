"""The centre resets the second step of an officer who lost it."""

from http import HTTPStatus
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client

from applicants.models import User
from applicants.queries import has_second_factor
from mpaspor.audit import trail
from quota.enums import Role
from quota.models import Officer
from tests.factories.applicants import give_app, make_superuser, make_user
from tests.factories.quota import make_office, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre(client: Client) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(make_officer(Role.CENTRE))
    return client


def page_of(account: User) -> str:
    return f"/admin/second-factor/{account.code}/"


def test_centre_resets_an_officer_whose_sessions_end(centre: Client) -> None:
    officer, device = make_officer(Role.COUNTER, make_office()), Client()
    device.force_login(officer)
    shown = centre.get(page_of(officer))
    assert "Authenticator app" in shown.text

    answer = centre.post(page_of(officer), follow=True)

    assert f"The second step of {officer.name} is reset" in answer.text
    assert "This account has no second step" in answer.text
    assert not has_second_factor(officer)
    assert device.get("/admin/")["Location"].startswith("/admin/login/")
    assert device.get("/account/second-factor/")["Location"].startswith("/account/login/")
    assert trail.of(f"account:{officer.code}")[-1].deed == "reset_second_factor"


def test_centre_resets_neither_itself_nor_superusers_nor_applicants(centre: Client) -> None:
    myself = Officer.objects.get(role=Role.CENTRE).user
    assert "cannot reset your own" in centre.post(page_of(myself)).text
    assert has_second_factor(myself)
    for account in (make_superuser(), give_app(make_user())):
        assert centre.post(page_of(account)).status_code == HTTPStatus.NOT_FOUND
        assert has_second_factor(account)


def test_superuser_resets_anybody(client: Client) -> None:
    client.force_login(make_superuser())
    accounts = [make_superuser(), give_app(make_user()), make_officer(Role.CENTRE)]
    for account in accounts:
        client.post(page_of(account))
    assert [has_second_factor(account) for account in accounts] == [False] * 3


@pytest.mark.parametrize("role", [Role.HEAD, Role.COUNTER, Role.PLANNER])
def test_other_officers_reset_nobody(client: Client, role: Role) -> None:
    client.force_login(make_officer(role, make_office()))
    account = make_officer(Role.COUNTER, make_office())
    for ask in (client.get, client.post):
        assert ask(page_of(account)).status_code == HTTPStatus.NOT_FOUND
    assert has_second_factor(account)


def test_pages_of_officers_and_accounts_lead_to_the_reset(centre: Client) -> None:
    officer = make_officer(Role.COUNTER, make_office())
    row = Officer.objects.get(user=officer)
    assert page_of(officer) in centre.get(f"/admin/quota/officer/{row.pk}/change/").text
    assert centre.get("/admin/quota/officer/add/").status_code == HTTPStatus.OK
    chief = Client()
    chief.force_login(make_superuser())
    path = f"/admin/applicants/user/{officer.pk}/change/"
    assert page_of(officer) in chief.get(path).text


def test_admin_asks_the_database_nothing_more_for_the_second_step(
    centre: Client, django_assert_num_queries: Any
) -> None:
    request = centre.get("/admin/").wsgi_request
    with django_assert_num_queries(0):
        assert [admin.site.has_permission(request) for _each in range(30)] == [True] * 30
