from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appointments.enums import ENDED_AT_OFFICE, IN_THE_WORKS, ApplicationStatus
from appointments.visits.enums import REMEDIES, Collector, ReminderKind, StopReason, VoidReason


class VoidLetter(models.Model):
    """A letter that was good once. The good one of an appointment has the serial after the last."""

    appointment = models.ForeignKey(
        "appointments.Appointment", on_delete=models.CASCADE, related_name="void_letters"
    )
    serial = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=16, choices=VoidReason)
    voided_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["appointment", "serial"], name="letter_void_once"),
            models.CheckConstraint(condition=Q(serial__gte=1), name="letter_serial_from_one"),
        )
        triggers: ClassVar = [
            pgtrigger.Protect(name="letter_void_for_good", operation=pgtrigger.Update),
            pgtrigger.Trigger(
                name="letters_void_in_order",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func="""
                IF NEW.serial <> 1 + (SELECT count(*) FROM appointments_voidletter
                                      WHERE appointment_id = NEW.appointment_id)
                THEN RAISE EXCEPTION 'letter % of this appointment is not the good one', NEW.serial;
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="letter_void_as_long_as_its_appointment",
                operation=pgtrigger.Delete,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func="""
                IF EXISTS (SELECT 1 FROM appointments_appointment WHERE id = OLD.appointment_id)
                THEN RAISE EXCEPTION 'a void letter does not become good again';
                END IF;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id}/{self.serial}"


class Reminder(models.Model):
    """That a visit comes near: three rows for each session an appointment has had.

    One without `next_at` is told, or was passed over.
    """

    appointment = models.ForeignKey(
        "appointments.Appointment", on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=12, choices=ReminderKind)
    # Of the session it tells of: the appointment may have another one by now.
    starts_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["appointment", "kind", "starts_at"], name="reminded_once"
            ),
            models.CheckConstraint(
                condition=Q(told_at=None) | Q(next_at=None), name="reminder_told_is_done"
            ),
        )
        indexes = (
            models.Index(
                fields=["next_at"], name="reminder_due", condition=Q(next_at__isnull=False)
            ),
        )
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="reminder_told_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.told_at IS NOT NULL"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id}: {self.kind}, {self.starts_at}"


class Step(models.Model):
    """What an application went through at the office: a row for each, only added to."""

    application = models.ForeignKey(
        "appointments.Application", on_delete=models.CASCADE, related_name="steps"
    )
    status = models.CharField(
        max_length=12,
        choices=[(status.value, status.label) for status in (*IN_THE_WORKS, *ENDED_AT_OFFICE)],
    )
    at = models.DateTimeField()
    reason = models.CharField(max_length=12, choices=StopReason, blank=True)
    # The officer's own words to the person.
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=(
                    Q(status__in=[ApplicationStatus.DEFERRED, ApplicationStatus.REFUSED])
                    & ~Q(reason="")
                )
                | (
                    ~Q(status__in=[ApplicationStatus.DEFERRED, ApplicationStatus.REFUSED])
                    & Q(reason="")
                ),
                name="stopped_for_a_reason",
            ),
        )
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="step_was_so", fields=["application", "status", "at", "reason"])
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.status}"

    @property
    def remedy(self) -> str:
        """What the person must do, in the language in force."""
        return str(REMEDIES[StopReason(self.reason)]) if self.reason else ""


class HandOver(models.Model):
    """Who took the passport of an application."""

    application = models.OneToOneField(
        "appointments.Application", on_delete=models.CASCADE, related_name="hand_over"
    )
    collector = models.CharField(_("who takes it"), max_length=8, choices=Collector)
    # Of somebody else than the person.
    name = models.CharField(_("name"), max_length=100, blank=True)
    # Number or date of the power of attorney.
    authority = models.CharField(_("power of attorney"), max_length=100, blank=True)
    at = models.DateTimeField()
    # The account's data were deleted since.
    erased = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(erased=True)
                | Q(collector=Collector.SELF, name="")
                | (~Q(collector=Collector.SELF) & ~Q(name="")),
                name="collector_is_named",
            ),
            models.CheckConstraint(
                condition=Q(erased=True)
                | Q(collector=Collector.ATTORNEY) & ~Q(authority="")
                | ~Q(collector=Collector.ATTORNEY) & Q(authority=""),
                name="attorney_has_a_power",
            ),
        )
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="hand_over_bound", fields=["application", "collector", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.collector}"


class Pickup(models.Model):
    """A passport that is ready: until when it is kept. Without `next_at` that has ended."""

    application = models.OneToOneField(
        "appointments.Application", on_delete=models.CASCADE, related_name="pickup"
    )
    until = models.DateTimeField()
    next_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["next_at"], name="pickup_due", condition=Q(next_at__isnull=False)),
        )
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="pickup_bound", fields=["application", "until"]),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.until}"
