from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.models import Payment
from payments.reconciliation.enums import DifferenceKind, RunStatus


class Reconciliation(models.Model):
    """Our books against the gateway's file of one banking day (WIB). Rupiah.

    `next_at` is when a worker is to read the file (again); the counts tell how far it is.
    """

    day = models.DateField(_("banking day"), unique=True)
    status = models.CharField(
        _("status"), max_length=10, choices=RunStatus, default=RunStatus.WAITING, editable=False
    )
    asked_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    trouble = models.CharField(_("trouble with the file"), max_length=80, blank=True)
    lines = models.PositiveIntegerField(_("lines read"), default=0)
    # Money that we learned of from the file.
    found = models.PositiveIntegerField(_("new to us"), default=0)
    theirs = models.PositiveBigIntegerField(_("sum of the file"), default=0)
    ours = models.PositiveBigIntegerField(_("sum of our books"), default=0)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ("-day",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(status=RunStatus.DONE) | Q(ended_at__isnull=False),
                name="done_reconciliation_ended",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_at"], name="reconciliation_due", condition=Q(next_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return str(self.day)


class FiledPayment(models.Model):
    """A payment of ours that a file has, in that line, with that sum."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="filed")
    day = models.DateField(db_index=True)
    line = models.PositiveIntegerField()
    amount = models.PositiveBigIntegerField()

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(name="filed_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.day}:{self.line}"


class Difference(models.Model):
    """Something in which a file and our books do not agree; open until cleared."""

    kind = models.CharField(_("difference"), max_length=10, choices=DifferenceKind)
    day = models.DateField(_("banking day"))
    line = models.PositiveIntegerField(_("line"), null=True)
    ntpn = models.CharField(max_length=16, blank=True)
    billing_code = models.CharField(_("billing code"), max_length=15, blank=True)
    theirs = models.PositiveBigIntegerField(_("in the file"), null=True)
    ours = models.PositiveBigIntegerField(_("in our books"), null=True)
    note = models.CharField(_("note"), max_length=80, blank=True)
    found_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        ordering = ("-day", "line", "pk")
        constraints = (
            # Not by the line: the lines move when the file of a day is read again.
            models.UniqueConstraint(
                fields=["kind", "day", "ntpn"],
                condition=~Q(ntpn=""),
                name="one_difference_of_a_kind",
            ),
            models.UniqueConstraint(
                fields=["day", "line"],
                condition=Q(ntpn=""),
                name="one_difference_of_a_line",
            ),
            models.CheckConstraint(
                condition=Q(cleared_by__isnull=True) | ~Q(reason="") & Q(cleared_at__isnull=False),
                name="difference_cleared_with_reason",
            ),
        )
        indexes = (
            models.Index(
                fields=["day"], name="differences_open", condition=Q(cleared_at__isnull=True)
            ),
        )
        triggers: ClassVar = [
            pgtrigger.Protect(name="difference_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="difference_bound",
                fields=["kind", "day", "line", "ntpn", "billing_code", "theirs", "found_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.ntpn or self.line}"
