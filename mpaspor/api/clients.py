"""Who calls: an OAuth client, and the account it works for."""

from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from oauth2_provider.contrib.rest_framework import TokenMatchesOASRequirements
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

if TYPE_CHECKING:  # REST framework's views read the settings that name this module
    from rest_framework.views import APIView

# As much as the audit's column holds; ours have 40 signs.
NAME_LENGTH = 64


def token_of(request: Request) -> Any:
    """The access token (oauth2_provider.AccessToken), if a good one came with the request."""
    return request.auth


def account_of(request: Request) -> Any:
    """The account (a User) that owns what the client makes; only rows of it are shown."""
    return token_of(request).application.user


def name_of(request: Request) -> str:
    """How the audit calls the client."""
    return f"client:{token_of(request).application.client_id}"[:NAME_LENGTH]


class HasScope(TokenMatchesOASRequirements):
    """The token has the scope that the view's `scopes` names for the method.

    A method the view does not know passes, so that it is answered by "not allowed".
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.auth:
            return False
        account = account_of(request)
        if account is None or not account.is_active:
            raise PermissionDenied(_("The account behind this client is closed."))
        wanted = _scopes(view).get("GET" if request.method == "HEAD" else str(request.method))
        if wanted and not token_of(request).is_valid([wanted]):
            raise PermissionDenied(
                format_lazy(
                    _("This needs the scope {scope}. Ask for a token with it."), scope=wanted
                ),
                code="scope-missing",
            )
        return True

    def get_required_alternate_scopes(
        self, request: Request, view: "APIView"
    ) -> dict[str, list[list[str]]]:
        """For the schema."""
        return {method: [[scope]] for method, scope in _scopes(view).items()}


def _scopes(view: "APIView") -> dict[str, str]:
    scopes: dict[str, str] = getattr(view, "scopes", {})
    return scopes
