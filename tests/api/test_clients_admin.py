"""Clients are made by superusers in the admin; officers do not even see them."""

import re

import pytest
from django.test import Client as Browser
from oauth2_provider.models import Application

from applicants.models import User
from mpaspor.audit import trail
from quota.enums import OF_NO_OFFICE, Role
from tests.api.conftest import Integrator, ask_token
from tests.factories.applicants import make_superuser, make_user
from tests.factories.quota import make_office, make_officer

PAGES = "/admin/oauth2_provider/application/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser() -> Browser:
    browser = Browser(headers={"Accept-Language": "en"})
    browser.force_login(make_superuser())
    return browser


def test_client_made_in_the_admin_gets_tokens(superuser: Browser) -> None:
    page = superuser.get(f"{PAGES}add/").content.decode()
    secret = re.search(r'name="client_secret"[^>]*value="(\w+)"', page)
    identifier = re.search(r'name="client_id"[^>]*value="(\w+)"', page)
    assert secret
    assert identifier
    form = {"name": "Kiosk", "client_id": identifier[1], "client_secret": secret[1]}
    answer = superuser.post(f"{PAGES}add/", form | {"user": make_user().pk})
    assert answer.status_code == 302
    client = Application.objects.get()
    assert secret[1] not in client.client_secret
    token = ask_token(client_id=identifier[1], client_secret=secret[1])
    assert token.status_code == 200
    assert [entry.deed for entry in trail.of(f"client:{client.pk}")] == ["client.make"]


def test_client_without_account_is_refused(superuser: Browser) -> None:
    form = {"name": "Kiosk", "client_id": "abc", "client_secret": "def", "user": ""}
    assert superuser.post(f"{PAGES}add/", form).status_code == 200
    assert not Application.objects.exists()


def test_client_renamed_keeps_its_secret_which_is_not_shown(
    superuser: Browser, integrator: Integrator
) -> None:
    page = f"{PAGES}{integrator.client.pk}/change/"
    stored = Application.objects.get().client_secret
    assert stored not in superuser.get(page).content.decode()
    assert superuser.post(page, {"name": "Other name"}).status_code == 302
    client = Application.objects.get()
    assert (client.name, client.client_secret) == ("Other name", stored)
    assert ask_token(client_id=client.client_id, client_secret=integrator.secret).json()


def test_client_removed_loses_its_tokens(superuser: Browser, integrator: Integrator) -> None:
    page = f"{PAGES}{integrator.client.pk}/delete/"
    assert superuser.post(page, {"post": "yes"}).status_code == 302
    assert integrator.get("appointments/").status_code == 401


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", ["", "add/", "1/change/"])
def test_officers_do_not_see_clients(role: Role, page: str) -> None:
    office = None if role in OF_NO_OFFICE else make_office()
    browser = Browser()
    browser.force_login(User.objects.get(pk=make_officer(role, office).pk))
    assert browser.get(PAGES + page).status_code == 403
    assert "oauth2_provider" not in browser.get("/admin/").content.decode()
