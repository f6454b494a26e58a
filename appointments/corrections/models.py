from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appointments.corrections.enums import REQUEST_MOVES, Cause, RequestStatus
from appointments.enums import Book, Kind
from mpaspor.core.codes import new_code


class CorrectionRequest(models.Model):
    """A person asks the office to put right what was applied for, after it was paid."""

    LONGEST_ANSWER = 300

    code = models.CharField(_("code"), max_length=10, unique=True, default=new_code, editable=False)
    appointment = models.ForeignKey(
        "appointments.Appointment", on_delete=models.PROTECT, related_name="correction_requests"
    )
    kind = models.CharField(_("kind of application"), max_length=12, choices=Kind)
    book = models.CharField(_("passport book"), max_length=2, choices=Book)
    cause = models.CharField(_("reason"), max_length=10, choices=Cause)
    status = models.CharField(
        _("status"), max_length=8, choices=RequestStatus, default=RequestStatus.OPEN
    )
    asked_at = models.DateTimeField()
    # What the officer writes to the person who is refused.
    answer = models.CharField(max_length=LONGEST_ANSWER, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["appointment"],
                condition=Q(status=RequestStatus.OPEN),
                name="one_open_correction",
            ),
            models.CheckConstraint(
                condition=Q(status=RequestStatus.OPEN, answered_at=None, answered_by=None)
                | ~Q(status=RequestStatus.OPEN)
                & Q(answered_at__isnull=False, answered_by__isnull=False),
                name="correction_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status=RequestStatus.REFUSED) | ~Q(answer=""),
                name="correction_refused_with_words",
            ),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="correction_moves", field="status", transitions=REQUEST_MOVES),
            pgtrigger.ReadOnly(
                name="correction_bound",
                fields=["code", "appointment", "kind", "book", "cause", "asked_at"],
            ),
        ]

    def __str__(self) -> str:
        return self.code
