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


class StopReason(models.TextChoices):
    """Why the way to the passport stops, for now or for good. `REMEDIES` say how to go on."""

    DOCUMENT_MISSING = "document", _("A document is missing or does not hold")
    DATA_DIFFER = "data", _("Data in the documents differ from each other")
    REGISTRY = "registry", _("The civil registry knows other data")
    BIOMETRICS = "biometrics", _("Photo or fingerprints could not be taken")
    EXAMINATION = "examination", _("The office must examine something")
    EXIT_BAN = "exit_ban", _("An exit ban (cekal) is in force")
    FALSE = "false", _("Documents or statements are not true")
    NOT_MENDED = "not_mended", _("What was missing did not come in time")
    OTHER = "other", _("Another reason")


REMEDIES = {
    StopReason.DOCUMENT_MISSING: _("Bring the document to the office on a working day."),
    StopReason.DATA_DIFFER: _(
        "Have the wrong document corrected where it was issued and bring it to the office."
    ),
    StopReason.REGISTRY: _("Go to Disdukcapil, have your data updated and tell the office."),
    StopReason.BIOMETRICS: _("Come to the office once more on a working day."),
    StopReason.EXAMINATION: _("You need do nothing: the office calls you when it is done."),
    StopReason.EXIT_BAN: _("Ask the authority that asked for the ban; the office says which."),
    StopReason.FALSE: _("You may object in writing to the head of the office."),
    StopReason.NOT_MENDED: _("You may apply anew when you have everything."),
    StopReason.OTHER: _("Ask at the office, with your code."),
}
FOR_NOW = (
    StopReason.DOCUMENT_MISSING,
    StopReason.DATA_DIFFER,
    StopReason.REGISTRY,
    StopReason.BIOMETRICS,
    StopReason.EXAMINATION,
    StopReason.OTHER,
)
FOR_GOOD = (
    StopReason.EXIT_BAN,
    StopReason.FALSE,
    StopReason.NOT_MENDED,
    StopReason.OTHER,
)


class Collector(models.TextChoices):
    """Who takes the passport."""

    SELF = "self", _("The person")
    PARENT = "parent", _("A parent or guardian")
    FAMILY = "family", _("Family on the same family card (KK)")
    ATTORNEY = "attorney", _("Somebody with a power of attorney (surat kuasa)")
