"""Who may call the API. A page for superusers alone: no officer's role reaches it."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from oauth2_provider.forms import ApplicationForm
from oauth2_provider.models import Application
from unfold.admin import ModelAdmin

from mpaspor.audit import trail
from mpaspor.core import clock


class ClientForm(ApplicationForm):
    """A program that keeps a secret and asks for its tokens with it; there is no other kind."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.instance.client_type = Application.CLIENT_CONFIDENTIAL
        self.instance.authorization_grant_type = Application.GRANT_CLIENT_CREDENTIALS


class ClientAdmin(ModelAdmin):
    """The secret is shown while the client is made and never again: a lost one means a new client.

    The account cannot be changed: what the client made belongs to it.
    """

    form = ClientForm
    list_display = ("name", "client_id", "user", "created")
    search_fields = ("name", "client_id", "user__email")
    search_help_text = _("Name, client id or e-mail of the account")
    ordering = ("name",)
    raw_id_fields = ("user",)
    # One at a time, so that each leaves its line in the audit.
    actions = None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["name", "user", "client_id", *([] if obj else ["client_secret"])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["user", "client_id"] if obj else []

    def get_form(self, request: HttpRequest, obj: Any = None, **named: Any) -> Any:
        form = super().get_form(request, obj, **named)
        if "user" in form.base_fields:
            form.base_fields["user"].required = True
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._note("client.change" if change else "client.make", request, obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._note("client.remove", request, obj)
        super().delete_model(request, obj)

    def _note(self, deed: str, request: HttpRequest, client: Any) -> None:
        assert isinstance(request.user, AbstractBaseUser)
        trail.record(deed, subject=f"client:{client.pk}", by=request.user, at=clock.now())
