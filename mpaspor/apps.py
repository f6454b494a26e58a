from django.apps import apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig

# Roles come from quota.Officer and contacts from the account itself: no second place to edit them.
UNUSED = (
    "account.EmailAddress",
    "auth.Group",
    "oauth2_provider.AccessToken",
    "oauth2_provider.Grant",
    "oauth2_provider.IDToken",
    "oauth2_provider.RefreshToken",
)


class OfficersConfig(AdminConfig):
    """The admin with our own site, without the pages that libraries bring and nobody needs."""

    default_site = "mpaspor.admin_site.OfficersSite"

    def ready(self) -> None:
        super().ready()
        admin.site.unregister(apps.get_model(label) for label in UNUSED)
