from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from appointments.documents.enums import DOCUMENT_MOVES, DocumentStatus, Media, Reason, Remark
from appointments.papers import PAPERS
from mpaspor.core.codes import new_code

# Bytes of a SHA-256 in hexadecimal digits.
DIGEST = 64


class Stored(models.Model):
    """What the workshop made of a file that somebody sent."""

    code = models.CharField(_("code"), max_length=10, unique=True, default=new_code, editable=False)
    media = models.CharField(max_length=20, choices=Media)
    pages = models.PositiveSmallIntegerField()
    # In bytes.
    length = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=DIGEST)
    # Under which the storage has it; nothing of the name it came with.
    file = models.CharField(max_length=40)
    uploaded_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.code

    @property
    def is_photo(self) -> bool:
        return self.media == Media.JPEG


class Document(Stored):
    """A photo or PDF of one of the papers that an application needs.

    One of each kind counts; those it took the place of keep their row, without the file.
    """

    application = models.ForeignKey(
        "appointments.Application", on_delete=models.CASCADE, related_name="documents"
    )
    # A code of papers.PAPERS.
    kind = models.CharField(max_length=20)
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=DocumentStatus,
        default=DocumentStatus.RECEIVED,
        editable=False,
    )
    reason = models.CharField(max_length=16, choices=Reason, blank=True)
    # The officer's own words to the person.
    note = models.CharField(max_length=300, blank=True)
    replaced_by = models.OneToOneField(
        "self", null=True, on_delete=models.SET_NULL, related_name="replaces"
    )
    # Codes of enums.Remark, one after the other.
    remarks = models.JSONField(default=list)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = (
            models.UniqueConstraint(
                fields=["application", "kind"],
                condition=~Q(status=DocumentStatus.REPLACED),
                name="one_document_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(status=DocumentStatus.REPLACED, file="")
                | (~Q(status=DocumentStatus.REPLACED) & ~Q(file="")),
                name="document_has_its_file",
            ),
            models.CheckConstraint(
                condition=~Q(status=DocumentStatus.NOT_COMPLETE) | ~Q(reason=""),
                name="document_refused_for_a_reason",
            ),
        )
        indexes = (
            models.Index(
                fields=["application"],
                name="documents_waiting",
                condition=Q(status=DocumentStatus.RECEIVED),
            ),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="document_moves", field="status", transitions=DOCUMENT_MOVES),
            pgtrigger.ReadOnly(
                name="document_bound",
                fields=["code", "application", "kind", "media", "pages", "length", "sha256"],
            ),
        ]

    @property
    def name(self) -> str:
        """Of the paper, in the language in force."""
        return PAPERS[self.kind].words["name"] if self.kind in PAPERS else self.kind

    @property
    def remarks_said(self) -> list[str]:
        """In words. Codes that are known no more say nothing."""
        return [str(Remark(code).label) for code in self.remarks if code in Remark]


class Upload(models.Model):
    """A file on its way, in parts. What has arrived stays for a day: nobody begins anew."""

    code = models.CharField(max_length=10, unique=True, default=new_code, editable=False)
    application = models.ForeignKey(
        "appointments.Application", on_delete=models.CASCADE, related_name="uploads"
    )
    kind = models.CharField(max_length=20)
    # Of the whole file, in bytes; the same file on whatever device goes on where it stopped.
    length = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=DIGEST)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["application", "kind"], name="one_upload_of_a_kind"),
            models.CheckConstraint(condition=Q(length__gt=0), name="upload_of_something"),
        )
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="upload_bound", fields=["code", "application", "kind", "length", "sha256"]
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def arrived(self) -> int:
        """Bytes, from the first on."""
        return self.parts.aggregate(bytes=Sum("length"))["bytes"] or 0

    @property
    def percent(self) -> int:
        return self.arrived * 100 // self.length


class UploadPart(models.Model):
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    start = models.PositiveIntegerField()
    length = models.PositiveIntegerField()
    file = models.CharField(max_length=40)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["upload", "start"], name="one_part_at_a_place"),
            models.CheckConstraint(condition=Q(length__gt=0), name="part_of_something"),
        )
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="parts_follow_each_other",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func="""
                IF NEW.start <> (SELECT coalesce(sum(length), 0) FROM appointments_uploadpart
                                 WHERE upload_id = NEW.upload_id)
                   OR NEW.start + NEW.length > (SELECT length FROM appointments_upload
                                                WHERE id = NEW.upload_id)
                THEN RAISE EXCEPTION 'a part of upload % does not follow the one before',
                     NEW.upload_id;
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="parts_stay", operation=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.upload_id}/{self.start}"


class ReceiptPicture(Stored):
    """A photo or PDF of the receipt of a bank or shop, sent with “I have paid”."""

    claim = models.OneToOneField("payments.Claim", on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("picture of a receipt")
        verbose_name_plural = _("pictures of receipts")
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="picture_bound",
                fields=["code", "claim", "media", "pages", "length", "sha256", "file"],
            ),
        ]
