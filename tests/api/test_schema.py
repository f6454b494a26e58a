"""The schema is valid, says all there is to say, and the service keeps to it."""

from io import StringIO
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from jsonschema import (  # type: ignore[import-untyped]
    Draft202012Validator,
    FormatChecker,
)
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

from mpaspor.wsgi import application
from tests.api.conftest import Integrator
from tests.api.steps import an_appointment
from tests.factories.quota import make_open_slot

EXAMPLES = 20
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
FILES = {"application/pdf", "image/jpeg"}
PUBLIC = {
    "availability",
    "letters",
    "offices",
    "releases",
    "tariffs",
    "requirements",
    "nik-checks",
    "oauth",
}


@pytest.fixture
def described(db: None) -> Any:
    return Browser().get("/api/v1/schema/?format=json").json()


def operations(described: Any) -> list[tuple[str, str, Any]]:
    return [
        (method, path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def test_schema_is_valid_without_a_warning() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_schema_is_openapi_31(described: Any) -> None:
    assert described["openapi"] == "3.1.0"


def test_every_operation_is_described(described: Any) -> None:
    for method, path, operation in operations(described):
        assert operation["summary"], path
        for status, response in operation["responses"].items():
            assert response["content"], (method, path, status)
            for media in response["content"].values():
                assert media["schema"], (method, path, status)


def test_every_refusal_has_an_example(described: Any) -> None:
    problems = [
        (path, media)
        for _method, path, operation in operations(described)
        for response in operation["responses"].values()
        for kind, media in response["content"].items()
        if kind == "application/problem+json"
    ]
    assert len(problems) > 50
    assert all(media["examples"] for _path, media in problems)


def test_every_answer_and_body_has_an_example_that_fits(described: Any) -> None:
    seen = 0
    for method, path, operation in operations(described):
        bodies = [*operation["responses"].values(), operation.get("requestBody", {"content": {}})]
        for kind, media in [each for body in bodies for each in body["content"].items()]:
            if kind not in FILES:
                assert media["examples"], (method, path)
            for example in media.get("examples", {}).values():
                fits(example["value"], media["schema"], described)
                seen += 1
    assert seen > 100


def fits(value: Any, schema: Any, described: Any) -> None:
    whole = {"components": described["components"], **schema}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


def test_every_operation_of_clients_names_one_scope(described: Any) -> None:
    for _method, path, operation in operations(described):
        scopes = [each["oauth2"] for each in operation.get("security", []) if each]
        public = path.split("/")[3] in PUBLIC
        assert [len(each) for each in scopes] == ([] if public else [1]), path


def test_every_post_of_clients_takes_a_key(described: Any) -> None:
    for method, path, operation in operations(described):
        names = {each["name"] for each in operation.get("parameters", [])}
        wanted = method == "post" and path.split("/")[3] not in PUBLIC
        assert ("Idempotency-Key" in names) == wanted, path


@pytest.mark.django_db(transaction=True)
def test_service_keeps_to_the_schema(integrator: Integrator) -> None:
    """Generated calls of every operation: no fault of ours, and answers as described."""
    called = []
    for result in load().get_all_operations():
        operation = result.ok()
        call(operation, integrator)
        called.append(operation.label)
    assert len(called) == len(set(called)) == 34


@pytest.mark.django_db(transaction=True)
def test_answers_of_a_booking_keep_to_the_schema(integrator: Integrator) -> None:
    schema = load()
    booked = an_appointment(integrator, make_open_slot())
    for path, code in [
        ("/api/v1/appointments/{code}/", booked["code"]),
        ("/api/v1/bills/{code}/", booked["bill"]["code"]),
        ("/api/v1/applications/{code}/", booked["application"]),
    ]:
        case = schema[path]["GET"].Case(path_parameters={"code": code})
        answer = case.call_and_validate(headers=integrator.headers(), checks=CHECKS)
        assert answer.status_code == 200


def call(operation: Any, integrator: Integrator) -> None:
    headers = {} if "oauth" in operation.path else integrator.headers()

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def calls(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    calls()


def load() -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application)
