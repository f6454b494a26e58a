"""Which scopes a client of the API may ask for."""

from typing import Any

from oauth2_provider.scopes import SettingsScopes

from appointments.access import receives_people

# Only for programs of an office: the account behind the client receives people there.
OF_OFFICES = frozenset({"documents:verify"})


class ClientScopes(SettingsScopes):
    """All of them, but those of offices. Whose rows, each view decides anew."""

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *places: Any, **named: Any
    ) -> list[str]:
        scopes = super().get_available_scopes(application, request, *places, **named)
        return self._of(application, scopes)

    def get_default_scopes(
        self, application: Any = None, request: Any = None, *places: Any, **named: Any
    ) -> list[str]:
        scopes = super().get_default_scopes(application, request, *places, **named)
        return self._of(application, scopes)

    def _of(self, client: Any, scopes: list[str]) -> list[str]:
        account = getattr(client, "user", None)
        serves = account is not None and receives_people(account)
        return [scope for scope in scopes if serves or scope not in OF_OFFICES]
