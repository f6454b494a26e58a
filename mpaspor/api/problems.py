"""Every "no" of the API as application/problem+json (RFC 9457), in the caller's language."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.settings import api_settings

from mpaspor.core.errors import Refusal

MEDIA_TYPE = "application/problem+json"
PAGE = "/api/docs/problems/"
# Seconds after which the same request may well go through, by problem or status.
RETRY_AFTER = {"request-in-progress": 1, 503: 60}

SAID = {
    "not-authenticated": _(
        "The request carries no access token that is in force. Ask for one at "
        "/api/v1/oauth/token/ and send it as “Authorization: Bearer …”."
    ),
    "not-found": _(
        "There is nothing at this address, or it belongs to somebody else. Look at the code; "
        "addresses end with a slash."
    ),
    "not-valid": _("Something in the request is not right. “errors” says what and where."),
    "length-missing": _("The body came in pieces. Send it whole, with the header Content-Length."),
    "too-large": _("The request is too large. Send at most one megabyte."),
    "bad-request": _("The request cannot be read."),
}


class LengthMissing(exceptions.APIException):
    status_code = 411
    default_code = "length_missing"


class TooLarge(exceptions.APIException):
    status_code = 413
    default_code = "too_large"


class Unreadable(exceptions.APIException):
    status_code = 400
    default_code = "bad_request"


def problem(error: Exception, context: Mapping[str, Any] | None = None) -> HttpResponse | None:
    """The exception handler of every API view; what it does not know is a fault of ours."""
    if isinstance(error, Refusal):
        return _answer(error.status, error.code, str(error), _refused(error), _facts(error))
    known = _as_api_exception(error)
    if known is None:
        return None
    response = _answer(known.status_code, _code(known), _detail(known), _faults_of(known))
    if challenge := getattr(known, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if wait := getattr(known, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def type_of(code: str) -> str:
    """The stable address that names a kind of problem and explains it."""
    return f"{PAGE}#{code}"


def title_of(code: str) -> str:
    return code.replace("-", " ").capitalize()


def _answer(
    status: int,
    code: str,
    detail: str,
    faults: list[dict[str, str]],
    facts: dict[str, Any] | None = None,
) -> HttpResponse:
    body: dict[str, Any] = {"type": type_of(code), "title": title_of(code)}
    body |= {"status": status, "detail": detail}
    body |= {"errors": faults} if faults else {}
    body |= {"facts": facts} if facts else {}
    response = JsonResponse(body, status=status, content_type=MEDIA_TYPE)
    if seconds := RETRY_AFTER.get(code) or RETRY_AFTER.get(status):
        response["Retry-After"] = str(seconds)
    return response


def _refused(no: Refusal) -> list[dict[str, str]]:
    if no.field is None:
        return []
    return [{"pointer": f"#/{no.field}", "detail": str(no), "code": no.code}]


def _facts(no: Refusal) -> dict[str, Any]:
    """What a program may want to read without taking the sentence apart."""
    plain = {name: fact for name, fact in no.facts.items() if type(fact) in (int, str)}
    plain.pop("reasons", None)
    return plain


def _as_api_exception(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    return Unreadable() if isinstance(error, (SuspiciousOperation, BadRequest)) else None


def _code(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.ValidationError):
        return "not-valid"
    return _dashed(getattr(error.detail, "code", error.default_code))


def _detail(error: exceptions.APIException) -> str:
    return str(SAID.get(_code(error), error.detail))


def _faults_of(error: exceptions.APIException) -> list[dict[str, str]]:
    if not isinstance(error, exceptions.ValidationError):
        return []
    return list(_faults(error.detail, "#"))


def _faults(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            whole = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from _faults(inner, pointer if whole else f"{pointer}/{name}")
    elif isinstance(detail, list):
        for inner in detail:
            yield from _faults(inner, pointer)
    else:
        yield {"pointer": pointer, "detail": str(detail), "code": _dashed(detail.code)}


def _dashed(code: str) -> str:
    return code.replace("_", "-")
