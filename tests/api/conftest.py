"""Clients of the API as integrators have them: an account, an OAuth client, a token."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client as Browser
from oauth2_provider.models import AccessToken, Application
from oauth2_provider.settings import oauth2_settings

from applicants.models import User
from mpaspor.core import clock
from payments.fees import load_fees

numbers = count(1)
EVERY_SCOPE = " ".join(oauth2_settings.SCOPES)


@dataclass(kw_only=True)
class Integrator:
    """Calls the API as one OAuth client; `post` sends a fresh key unless one is given."""

    account: User
    client: Application
    secret: str
    token: str
    browser: Browser = field(default_factory=lambda: Browser(raise_request_exception=True))

    def get(self, path: str, **headers: str) -> Any:
        return self.browser.get(f"/api/v1/{path}", headers=self.headers() | headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        sent = {"Idempotency-Key": secrets.token_hex(8)} | self.headers() | headers
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return self.browser.post(
            f"/api/v1/{path}", text, content_type="application/json", headers=sent
        )

    def patch(self, path: str, body: Any) -> Any:
        return self.browser.patch(
            f"/api/v1/{path}",
            json.dumps(body),
            content_type="application/json",
            headers=self.headers(),
        )

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}


def make_integrator(*, scopes: str = EVERY_SCOPE, account: User | None = None) -> Integrator:
    number = next(numbers)
    account = account or User.objects.create_user(
        f"integrator{number}@example.test", name=f"Integrator {number}", person_limit=1000
    )
    secret = secrets.token_hex(16)
    client = Application.objects.create(
        name=f"Client {number}",
        user=account,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
    )
    token = AccessToken.objects.create(
        application=client,
        token=secrets.token_hex(16),
        scope=scopes,
        expires=clock.now() + timedelta(hours=1),
    )
    return Integrator(account=account, client=client, secret=secret, token=token.token)


def ask_token(**fields: str) -> Any:
    """The answer of the token address to these form fields."""
    form = {"grant_type": "client_credentials"} | fields
    return Browser().post(
        "/api/v1/oauth/token/",
        urlencode({name: value for name, value in form.items() if value}),
        content_type="application/x-www-form-urlencoded",
    )


def new_token(integrator: Integrator) -> str:
    answer = ask_token(client_id=integrator.client.client_id, client_secret=integrator.secret)
    token: str = answer.json()["access_token"]
    return token


@pytest.fixture
def integrator(db: None) -> Integrator:
    load_fees()
    return make_integrator()


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()
