"""Reading what clients send, without ever repeating it in an answer: it may be a NIK."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, ClassVar, TypeVar

from django.http import Http404
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.settings import api_settings

# Braces and brackets in one body; no body of ours nests at all.
NESTING = 200

Row = TypeVar("Row")


class JsonBody(JSONParser):
    """JSON within the size limit of the service; raises ParseError for whatever is none."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        # A request's `body` heeds the size limit, its `read` does not.
        raw = stream.body if hasattr(stream, "body") else stream.read()
        if raw.count(b"[") + raw.count(b"{") > NESTING:
            raise ParseError(_("The JSON is nested too deeply."))
        return super().parse(BytesIO(raw), media_type, dict(parser_context or {}, encoding="utf-8"))


class Body(serializers.Serializer[Any]):
    """A JSON object, or a query. A field that nobody knows is a mistake worth telling."""

    def to_internal_value(self, data: Any) -> Any:
        read = super().to_internal_value(data)
        if set(data) - set(self.fields):
            said = format_lazy(
                _("There is a field that is not known here. Known: {names}."),
                names=", ".join(self.fields),
            )
            whole = api_settings.NON_FIELD_ERRORS_KEY
            raise serializers.ValidationError({whole: ErrorDetail(str(said), code="unknown-field")})
        return read


class OneOf(serializers.ChoiceField):
    default_error_messages: ClassVar = {"invalid_choice": _("Choose one of: {choices}.")}

    def to_internal_value(self, data: Any) -> str:
        word = str(data) if type(data) in (int, str) else ""
        if word not in self.choices:
            self.fail("invalid_choice", choices=", ".join(self.choices))
        return word


class Code(serializers.CharField):
    """The opaque code of something that must exist."""

    default_error_messages: ClassVar = {
        "not-found": _("There is none with this code, or it is not yours."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=64, **options)


def read(body: type[Body], data: Any, *, partial: bool = False) -> dict[str, Any]:
    """The checked fields, of a partial body only those that were sent; raises ValidationError."""
    filled = body(data=data, partial=partial)
    filled.is_valid(raise_exception=True)
    fields: dict[str, Any] = filled.validated_data
    return fields


def named(field: str, door: Callable[[], Row]) -> Row:
    """What a code in the body names, read through its own door; raises ValidationError."""
    try:
        return door()
    except Http404:
        said = Code.default_error_messages["not-found"]
        fault = ErrorDetail(str(said), code="not-found")
        raise serializers.ValidationError({field: fault}) from None
