from django.db import models
from django.utils.translation import gettext_lazy as _


class Cause(models.TextChoices):
    """Why the application is wrong. Chosen, not written: people write their NIK into texts."""

    MISTAKEN = "mistaken", _("I chose the wrong one by mistake")
    HAS_BOOK = "has_book", _("I had a passport before")
    NEVER_HAD = "never_had", _("I never had a passport")
    OTHER = "other", _("Another reason: I tell the officer")


class RequestStatus(models.TextChoices):
    OPEN = "open", _("Waiting for the office")
    APPROVED = "approved", _("Put right")
    REFUSED = "refused", _("Refused")


REQUEST_MOVES: list[tuple[str, str]] = [
    (RequestStatus.OPEN, RequestStatus.APPROVED),
    (RequestStatus.OPEN, RequestStatus.REFUSED),
]
