"""Where a client gets its access token (RFC 6749, client credentials)."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiRequest, OpenApiResponse, extend_schema
from oauth2_provider.views.mixins import OAuthLibMixin
from rest_framework import serializers
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.views import APIView

from mpaspor.api.operations import shows

# Some refusals come without it.
JSON = {"Content-Type": "application/json"}


class TokenRequest(serializers.Serializer[Any]):
    grant_type = serializers.ChoiceField(choices=["client_credentials"])
    client_id = serializers.CharField(required=False)
    client_secret = serializers.CharField(required=False)
    scope = serializers.CharField(
        required=False, help_text="Scopes with a blank between them; without it all of them."
    )


@shows(
    {
        "access_token": "dUnDpaCjmaLxxNR9sSZ9LvTTm5wCTr",
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "appointments:read bills:read",
    }
)
class TokenAnswer(serializers.Serializer[Any]):
    access_token = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")
    token_type = serializers.CharField()
    scope = serializers.CharField()


class TokenRefused(serializers.Serializer[Any]):
    """As RFC 6749 wants it, which is older than problem+json."""

    error = serializers.CharField()
    error_description = serializers.CharField(required=False)


ASKED = OpenApiExample(
    "Two scopes", {"grant_type": "client_credentials", "scope": "appointments:read bills:read"}
)


def refused(meaning: str, error: str) -> OpenApiResponse:
    return OpenApiResponse(TokenRefused, meaning, [OpenApiExample(error, {"error": error})])


class Token(OAuthLibMixin, APIView):
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (FormParser,)

    @extend_schema(
        summary="Get an access token",
        description="Send `client_id` and `client_secret` as HTTP Basic credentials or as fields. "
        "A token is in force for an hour; ask for a new one when a call answers 401.",
        request={FormParser.media_type: OpenApiRequest(TokenRequest, examples=[ASKED])},
        responses={
            200: TokenAnswer,
            (400, "application/json"): refused("Not a valid request.", "invalid_scope"),
            (401, "application/json"): refused("Wrong id or secret.", "invalid_client"),
        },
        tags=["oauth"],
    )
    def post(self, request: Request) -> HttpResponse:
        if request._request.content_type != FormParser.media_type:
            raise UnsupportedMediaType(request._request.content_type or "")
        try:
            _url, headers, body, status = self.create_token_response(request._request)
        except ValueError as odd:  # a query with half an escape
            raise ParseError from odd
        return HttpResponse(body, status=status, headers=JSON | headers)
