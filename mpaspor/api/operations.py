"""How the schema describes an operation: what DRF knows, and every problem it may answer."""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema_serializer
from rest_framework import serializers

from mpaspor.api.problems import MEDIA_TYPE, title_of, type_of
from mpaspor.api.repeating import HEADER, LENGTH
from mpaspor.core.errors import Refusal

Handler = TypeVar("Handler", bound=Callable[..., Any])

# What any address may answer: the problem's code and what it means.
COMMON = {
    400: ("not-valid", "The request cannot be understood; nothing was done."),
    401: ("not-authenticated", "No access token that is in force."),
    403: ("scope-missing", "The token lacks the scope, or the account of the client is closed."),
    404: ("not-found", "Nothing at this address, or it belongs to somebody else."),
    405: ("method-not-allowed", "The address knows other methods; see Allow."),
    406: ("not-acceptable", "The answer does not come in that media type."),
    411: ("length-missing", "The body came in pieces, without its length."),
    413: ("too-large", "The body is larger than one megabyte."),
    415: ("unsupported-media-type", "The body is not in the media type asked for."),
    429: ("throttled", "More requests in this minute than a client has; see Retry-After."),
}
BODIED = ("POST", "PATCH")
REFUSED = {
    409: "Refused as things stand; nothing was done.",
    422: "Refused because of what was sent; nothing was done.",
    503: "The service lacks something that its operators must enter; see Retry-After.",
}


class Fault(serializers.Serializer[Any]):
    pointer = serializers.CharField(
        help_text="The field of the body or the query, as a JSON pointer."
    )
    detail = serializers.CharField()
    code = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457. `type` is stable; `detail` is in the language of Accept-Language."""

    type = serializers.CharField(help_text="Names and explains the kind of problem.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = Fault(many=True, required=False)  # type: ignore[assignment]
    facts = serializers.DictField(
        required=False, help_text="The values inside `detail`, for programs."
    )


def shows(value: Any, media: str = "application/json") -> Any:
    """Gives a serializer the example that the documentation shows."""
    example = OpenApiExample("Example", value, media_type=media)
    return extend_schema_serializer(examples=[example])


def refuses(*kinds: type[Refusal]) -> Callable[[Handler], Handler]:
    """Tells the schema which refusals a handler may answer with."""

    def mark(handler: Handler) -> Handler:
        handler.refusals = kinds  # type: ignore[attr-defined]
        return handler

    return mark


def examples(*kinds: type[Refusal]) -> list[dict[str, Any]]:
    """One body for each refusal, in the language in force."""
    return [_refusal(no) for no in kinds]


def common_example(status: int) -> dict[str, Any]:
    code, detail = COMMON[status]
    body = {"type": type_of(code), "title": title_of(code), "status": status, "detail": detail}
    fault = {"pointer": "#/service", "detail": "This field is required.", "code": "required"}
    return body | ({"errors": [fault]} if code == "not-valid" else {})


def _refusal(no: type[Refusal]) -> dict[str, Any]:
    said = re.sub(r"%\((\w+)\)s", r"<\1>", f"{no.message} {no.remedy}").strip()
    body = {"type": type_of(no.code), "title": title_of(no.code), "status": no.status}
    faults = [{"pointer": f"#/{no.field}", "detail": said, "code": no.code}]
    return {**body, "detail": said, **({"errors": faults} if no.field else {})}


class Operation(AutoSchema):
    """The default schema class of every view."""

    def get_override_parameters(self) -> list[Any]:
        if not self._is_repeatable():
            return []
        said = "A new random value for each new request, the same one when it is repeated."
        key = {"type": "string", "minLength": 1, "maxLength": LENGTH, "pattern": "^[!-~]+$"}
        return [OpenApiParameter(HEADER, key, "header", required=True, description=said)]

    def get_description(self) -> str:  # type: ignore[override]
        """Never a docstring: those are for who reads the code."""
        return ""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status in sorted({*self._statuses(), *(no.status for no in self._refusals())}):
            bodies.setdefault(str(status), self._problem(status))
        return bodies

    def _problem(self, status: int) -> dict[str, Any]:
        bodies = [common_example(status)] if status in COMMON else []
        bodies += examples(*(no for no in self._refusals() if no.status == status))
        media = {
            "schema": self.resolve_serializer(Problem, "response").ref,
            "examples": {body["title"]: {"value": body} for body in bodies},
        }
        said = COMMON[status][1] if status in COMMON else REFUSED[status]
        return {"description": said, "content": {MEDIA_TYPE: media}}

    def _statuses(self) -> Iterator[int]:
        yield 406
        if self._has_query() or self.method in BODIED:
            yield 400
        if self.method in BODIED:
            yield from (411, 413, 415)
        if "{" in self.path:
            yield 404
        if self._is_for_clients():
            yield from (401, 403, 429)

    def _refusals(self) -> "tuple[type[Refusal], ...]":
        kinds: tuple[type[Refusal], ...]
        kinds = getattr(getattr(self.view, self.method.lower()), "refusals", ())
        return kinds

    def _has_query(self) -> bool:
        return any(parameter["in"] == "query" for parameter in self._get_parameters())

    def _is_for_clients(self) -> bool:
        return bool(self.view.get_authenticators())

    def _is_repeatable(self) -> bool:
        return self.method == "POST" and self._is_for_clients()
