from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from appointments.visits.enums import ReminderKind, VoidReason


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
