from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appointments.reseating.enums import ANSWER_MOVES, PLACE_MOVES, Answer, Place
from mpaspor.core.codes import new_code


class Reseating(models.Model):
    """The office closed sessions of a day and gives everybody in them another seat."""

    code = models.CharField(_("code"), max_length=10, unique=True, default=new_code, editable=False)
    office = models.ForeignKey("quota.Office", on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("date"))
    # Everybody may read it.
    reason = models.CharField(_("reason"), max_length=300)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    begun_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["office", "day"]),)
        triggers: ClassVar = [pgtrigger.Protect(name="reseating_stays", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return self.code


class Reseated(models.Model):
    """One of the people in those sessions: work to do until `next_at` is empty."""

    reseating = models.ForeignKey(Reseating, on_delete=models.PROTECT, related_name="people")
    appointment = models.ForeignKey(
        "appointments.Appointment", on_delete=models.CASCADE, related_name="reseated"
    )
    old_slot = models.ForeignKey("quota.Slot", on_delete=models.PROTECT, related_name="+")
    new_slot = models.ForeignKey(
        "quota.Slot", null=True, on_delete=models.PROTECT, related_name="+"
    )
    place = models.CharField(max_length=8, choices=Place, default=Place.WAITING)
    next_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=8, choices=Answer, blank=True, default=Answer.NONE)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            # Who came back to a session that was opened again may be moved out of it again.
            models.UniqueConstraint(
                fields=["appointment", "old_slot"],
                condition=Q(place__in=[Place.WAITING, Place.SEATLESS], answer=Answer.NONE),
                name="reseated_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(place=Place.WAITING, next_at__isnull=False)
                | ~Q(place=Place.WAITING) & Q(next_at__isnull=True),
                name="reseated_waits_with_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(place=Place.MOVED, new_slot__isnull=False)
                | ~Q(place=Place.MOVED) & Q(new_slot__isnull=True),
                name="reseated_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(answer=Answer.NONE, answered_at__isnull=True)
                | ~Q(answer=Answer.NONE)
                & Q(answered_at__isnull=False, place__in=[Place.MOVED, Place.SEATLESS]),
                name="reseated_answers_what_was_told",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_at"], name="reseated_due", condition=Q(next_at__isnull=False)
            ),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="reseated_places", field="place", transitions=PLACE_MOVES),
            pgtrigger.FSM(name="reseated_answers", field="answer", transitions=ANSWER_MOVES),
            pgtrigger.ReadOnly(
                name="reseated_bound", fields=["reseating", "appointment", "old_slot"]
            ),
            # An equal seat: same office, same service, not sooner; and it was really moved there.
            pgtrigger.Trigger(
                name="reseated_to_an_equal_seat",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("place", "new_slot_id"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Condition("NEW.place = 'moved'"),
                func="""
                IF EXISTS (SELECT 1 FROM appointments_reseated WHERE id = NEW.id) AND NOT EXISTS (
                    SELECT 1 FROM quota_slot o JOIN quota_slot n ON n.id = NEW.new_slot_id
                      JOIN appointments_move m ON m.appointment_id = NEW.appointment_id
                           AND m.old_slot_id = o.id AND m.new_slot_id = n.id AND m.why = 'closed'
                     WHERE o.id = NEW.old_slot_id AND o.office_id = n.office_id
                       AND o.service = n.service AND n.starts_at >= o.starts_at)
                THEN RAISE EXCEPTION 'appointment % was not moved to an equal seat',
                     NEW.appointment_id;
                END IF;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id}/{self.old_slot_id}"
