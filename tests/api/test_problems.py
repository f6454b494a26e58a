"""How the API says no, whatever the reason."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.test import override_settings

from tests.api.conftest import Integrator
from tests.api.steps import made, person_body
from tests.factories.quota import make_office


def said(answer: Any, status: int, kind: str) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem["type"] == f"/api/docs/problems/#{kind}"
    assert problem["status"] == status
    return problem


def test_problem_speaks_the_callers_language(integrator: Integrator) -> None:
    english = integrator.get("offices/nowhere/")
    indonesian = integrator.get("offices/nowhere/", **{"Accept-Language": "id"})
    assert (english["Content-Language"], indonesian["Content-Language"]) == ("en", "id")
    assert english.json()["detail"].startswith("There is nothing at this address")


@pytest.mark.parametrize("language", ["", "xx", "*", "en;q=x", "\x00", "a" * 5000])
def test_odd_language_does_no_harm(db: None, language: str) -> None:
    answer = Browser().get("/api/v1/offices/", headers={"Accept-Language": language})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "address", ["/api/", "/api/v1/", "/api/v2/offices/", "/api/v1/offices", "/api/x%00"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "options"])
def test_unknown_address_is_a_problem_in_json(db: None, method: str, address: str) -> None:
    said(getattr(Browser(), method)(address), 404, "not-found")


@pytest.mark.parametrize("query", ["a=%zz", "%", "access_token=x", "a=\x80", "a b", "&&;=", "[]"])
@pytest.mark.parametrize("path", ["appointments/", "offices/", "schema/"])
def test_odd_query_does_no_harm(integrator: Integrator, path: str, query: str) -> None:
    answer = integrator.browser.generic(
        "GET", f"/api/v1/{path}", QUERY_STRING=query, headers=integrator.headers()
    )
    assert answer.status_code in {200, 400, 401}
    assert answer.status_code == 200 or answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("path", ["offices/", "appointments/", "persons/", "oauth/token/"])
def test_other_method_is_refused_and_told_which(
    integrator: Integrator, path: str, method: str
) -> None:
    answer = integrator.browser.generic(method, f"/api/v1/{path}", headers=integrator.headers())
    said(answer, 405, "method-not-allowed")
    assert answer["Allow"]


def test_answer_in_unknown_media_type_is_refused(integrator: Integrator) -> None:
    said(integrator.get("offices/", Accept="image/png"), 406, "not-acceptable")
    said(integrator.get("offices/?format=xml"), 404, "not-found")


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "x", "", "a/b;c=\x00"])
def test_body_in_other_media_type_is_refused(integrator: Integrator, kind: str) -> None:
    answer = integrator.browser.post(
        "/api/v1/persons/",
        b"x",
        content_type=kind,
        headers=integrator.headers() | {"Idempotency-Key": "1"},
    )
    said(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize("charset", ["utf-16", "bz2_codec", "nonsense", "utf-8"])
def test_json_is_read_as_utf_8_whatever_is_claimed(integrator: Integrator, charset: str) -> None:
    answer = integrator.browser.generic(
        "POST",
        "/api/v1/persons/",
        person_body_json(),
        content_type=f"application/json; charset={charset}",
        headers=integrator.headers() | {"Idempotency-Key": "1"},
    )
    made(answer)


def test_body_beyond_a_megabyte_is_refused(integrator: Integrator) -> None:
    said(integrator.post("persons/", b'"' + b"a" * 1_100_000 + b'"'), 413, "too-large")


def test_body_in_pieces_is_refused(integrator: Integrator) -> None:
    chunked = {"Transfer-Encoding": "chunked", "Content-Length": ""}
    said(integrator.post("persons/", person_body(), **chunked), 411, "length-missing")


def test_client_beyond_its_limit_waits_and_others_do_not(integrator: Integrator) -> None:
    with override_settings(API_REQUESTS_A_MINUTE=2):
        answers = [integrator.get("appointments/") for _ in range(3)]
        office = make_office()
        public = integrator.browser.get(f"/api/v1/offices/{office.code}/")
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit"].split(";")[1] for answer in answers] == ["r=1", "r=0", "r=0"]
    assert answers[0]["RateLimit-Policy"] == '"client";q=2;w=60'
    said(answers[2], 429, "throttled")
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert public.status_code == 200


@override_settings(
    API_REQUESTS_A_MINUTE=1,
    CACHES={
        "default": {
            "BACKEND": "mpaspor.core.cache.ForgivingRedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    },
)
def test_no_client_is_refused_while_redis_is_away(integrator: Integrator) -> None:
    assert [integrator.get("appointments/").status_code for _ in range(3)] == [200, 200, 200]


def test_refusal_has_its_code_its_field_and_its_facts(integrator: Integrator) -> None:
    first = made(integrator.post("persons/", person_body(nik="1173010107900001")))
    answer = integrator.post("persons/", person_body(nik="1173010107900001"))
    problem = said(answer, 409, "person-already-known")
    assert [fault["pointer"] for fault in problem["errors"]] == ["#/nik"]
    assert problem["facts"] == {"person": first["code"]}


def test_every_problem_is_explained_on_its_page(db: None) -> None:
    page = Browser().get("/api/docs/problems/", headers={"Accept-Language": "en"})
    text = page.content.decode()
    for code in ("slot-full", "not-authenticated", "idempotency-key-missing", "nik-not-valid"):
        assert text.count(f'<section id="{code}">') == 1
    assert "%(" not in text


def person_body_json() -> bytes:
    return (
        b'{"nik": "1173010107900001", "name": "Budi", "birth_place": "Solo", '
        b'"birth_date": "1990-07-01", "sex": "M"}'
    )
