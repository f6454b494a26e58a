from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentStatus(models.TextChoices):
    RECEIVED = "received", _("Received")
    COMPLETE = "complete", _("Complete")
    NOT_COMPLETE = "not_complete", _("To be sent again")
    REPLACED = "replaced", _("Replaced")


DOCUMENT_MOVES: list[tuple[str, str]] = [
    (DocumentStatus.RECEIVED, DocumentStatus.COMPLETE),
    (DocumentStatus.RECEIVED, DocumentStatus.NOT_COMPLETE),
    (DocumentStatus.RECEIVED, DocumentStatus.REPLACED),
    (DocumentStatus.NOT_COMPLETE, DocumentStatus.REPLACED),
]


class Reason(models.TextChoices):
    """Why an officer asks for a document again."""

    NOT_READABLE = "not_readable", _("It cannot be read: too dark, too small or blurred.")
    CUT_OFF = "cut_off", _("A part of it is missing: all edges and all pages must be seen.")
    OTHER_DOCUMENT = "other_document", _("It is another document than the one asked for.")
    OTHER_PERSON = "other_person", _("It belongs to another person.")
    OUT_OF_DATE = "out_of_date", _("It is no longer valid.")
    OTHER = "other", _("Another reason, as written below.")


class Remark(models.TextChoices):
    """What a photo looks like to us. The person may leave it so."""

    DARK = (
        "dark",
        _("The photo looks dark. If letters are hard to read, take it again near a window."),
    )
    SMALL = (
        "small",
        _("The photo is small. If letters are hard to read, go closer with the camera."),
    )
    BLURRED = (
        "blurred",
        _("The photo looks blurred. If letters are hard to read, hold the phone still and repeat."),
    )


class Media(models.TextChoices):
    """What is stored, and nothing else."""

    JPEG = "image/jpeg", _("Photo")
    PDF = "application/pdf", _("PDF")
