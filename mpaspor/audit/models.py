from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One thing that was done. Append-only; linked into a hash chain a moment after its commit.

    Linking later keeps the chain's single lock off the deeds: see docs/adr/0004-audit-chain.md.
    """

    at = models.DateTimeField(_("moment"))
    deed = models.CharField(_("deed"), max_length=64)
    subject = models.CharField(
        _("subject"), max_length=64, help_text=_("Kind and code of what it was done to.")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    door = models.CharField(
        _("by itself"),
        max_length=64,
        blank=True,
        help_text=_("Who acted when no person did: the timetable, an API client."),
    )
    facts = models.JSONField(_("facts"), default=dict)
    link = models.BigIntegerField(_("place in the chain"), null=True, unique=True)
    digest = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = (
            models.Index(fields=["subject", "id"]),
            models.Index(
                fields=["id"],
                name="audit_unlinked",
                condition=models.Q(link__isnull=True),
            ),
        )
        triggers: ClassVar = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="only_linked_once",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                IF OLD.link IS NOT NULL OR NEW.digest IS NULL OR
                   (NEW.id, NEW.at, NEW.deed, NEW.subject, NEW.by_id, NEW.door, NEW.facts)
                   IS DISTINCT FROM
                   (OLD.id, OLD.at, OLD.deed, OLD.subject, OLD.by_id, OLD.door, OLD.facts)
                THEN RAISE EXCEPTION 'audit entries are append-only';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deed} {self.subject}"


class DailyRoot(models.Model):
    """The head of the chain when a day was over: published, so that nobody can rewrite the past.

    Whoever kept a root can tell whether the entries before it are still the same ones.
    """

    day = models.DateField(_("day"), unique=True, help_text=_("In Indonesia's capital."))
    sealed_at = models.DateTimeField(_("sealed at"))
    link = models.BigIntegerField(_("entries so far"))
    digest = models.BinaryField()

    class Meta:
        verbose_name = _("daily root")
        verbose_name_plural = _("daily roots")
        ordering = ("-day",)
        triggers: ClassVar = [
            pgtrigger.Protect(name="root_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.hex}"

    @property
    def hex(self) -> str:
        return bytes(self.digest).hex()
