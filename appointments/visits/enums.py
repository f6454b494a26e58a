from django.db import models
from django.utils.translation import gettext_lazy as _


class VoidReason(models.TextChoices):
    """Why a letter is good no more while its appointment goes on."""

    MOVED = "moved", _("The person moved the appointment to another session.")
    MOVED_BY_OFFICE = "moved_by_office", _("The office moved the appointment to another session.")
    CORRECTED = "corrected", _("A corrected letter was made.")


class ReminderKind(models.TextChoices):
    THREE_DAYS = "three_days", _("Three days before")
    DAY_BEFORE = "day_before", _("The day before")
    MORNING = "morning", _("The morning of the day")


class LetterState(models.TextChoices):
    VALID = "valid", _("This letter is good")
    MOVED = "moved", _("This letter is good no more: there is a newer one")
    CANCELLED = "cancelled", _("This letter is good no more")
    UNKNOWN = "unknown", _("There is no such letter")
    FORGED = "forged", _("This letter is not from us")
