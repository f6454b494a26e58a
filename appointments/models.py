from datetime import date
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from applicants.models import Person
from appointments.details import EmergencyContact, Journey, read_contact, read_journey
from appointments.enums import (
    ACTIVE_APPLICATION,
    APPLICATION_MOVES,
    APPOINTMENT_MOVES,
    TO_COME,
    ApplicationStatus,
    AppointmentStatus,
    Book,
    Kind,
    MoveReason,
    ServiceClass,
    SpecialNeed,
)
from mpaspor.core.codes import new_code
from mpaspor.core.sealed_columns import SealedField, fill, opened


class Application(models.Model):
    """A person's request for a passport (permohonan). One active application for each NIK."""

    # Only where it was asked for with the application.
    identity_code: str

    code = models.CharField(_("code"), max_length=10, unique=True, default=new_code, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey("applicants.Person", on_delete=models.PROTECT, related_name="+")
    identity = models.ForeignKey("applicants.Identity", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind of application"), max_length=12, choices=Kind)
    book = models.CharField(_("passport book"), max_length=2, choices=Book)
    service = models.CharField(
        _("service"), max_length=12, choices=ServiceClass, default=ServiceClass.REGULAR
    )
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=ApplicationStatus,
        default=ApplicationStatus.DRAFT,
        editable=False,
    )
    # A disability or a pregnancy, if it was said: about health, so nobody reads it in the row.
    need_sealed = SealedField(context="application:{code}:need", null=True)
    # Why somebody travels may be about health or faith; whom to call is about somebody else.
    journey_sealed = SealedField(context="application:{code}:journey", null=True)
    contact_sealed = SealedField(context="application:{code}:contact", null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = (
            models.UniqueConstraint(
                fields=["identity"],
                condition=models.Q(status__in=ACTIVE_APPLICATION),
                name="one_active_application",
            ),
            models.UniqueConstraint(
                fields=["account", "person"],
                condition=models.Q(status=ApplicationStatus.DRAFT),
                name="one_draft",
            ),
        )
        indexes = (models.Index(fields=["account", "-created_at"]),)
        triggers: ClassVar = [
            pgtrigger.FSM(name="application_moves", field="status", transitions=APPLICATION_MOVES),
            pgtrigger.Trigger(
                name="handed_over_to_somebody",
                operation=pgtrigger.UpdateOf("status"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Condition("NEW.status = 'handed_over'"),
                func="""
                IF NOT EXISTS (SELECT 1 FROM appointments_handover WHERE application_id = NEW.id)
                THEN RAISE EXCEPTION 'nobody is named who took the passport of %', NEW.code;
                END IF;
                RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="uncollected_when_its_time_is_over",
                operation=pgtrigger.UpdateOf("status"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Condition("NEW.status = 'uncollected'"),
                func="""
                IF NOT EXISTS (
                    SELECT 1 FROM appointments_pickup p
                    JOIN appointments_step s USING (application_id)
                    WHERE p.application_id = NEW.id
                      AND s.status = 'uncollected' AND s.at >= p.until)
                THEN RAISE EXCEPTION 'the passport of % can still be collected', NEW.code;
                END IF;
                RETURN NULL;
                """,
            ),
            pgtrigger.ReadOnly(name="application_bound", fields=["code", "identity", "account"]),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def need(self) -> SpecialNeed:
        """What was said; age is not."""
        return SpecialNeed(opened(self, "need_sealed")) if self.need_sealed else SpecialNeed.NONE

    @need.setter
    def need(self, said: SpecialNeed) -> None:
        if said == SpecialNeed.NONE:
            self.need_sealed = None
        else:
            fill(self, "need_sealed", said.value)

    def get_need_display(self) -> str:
        return str(self.need.label)

    @property
    def journey(self) -> Journey | None:
        return read_journey(opened(self, "journey_sealed")) if self.journey_sealed else None

    @journey.setter
    def journey(self, said: Journey) -> None:
        fill(self, "journey_sealed", said.written)

    @property
    def contact(self) -> EmergencyContact | None:
        return read_contact(opened(self, "contact_sealed")) if self.contact_sealed else None

    @contact.setter
    def contact(self, said: EmergencyContact) -> None:
        fill(self, "contact_sealed", said.written)

    def needs_on(self, day: date) -> list[SpecialNeed]:
        """Why the person may take a priority seat on that day of the office; empty: may not."""
        said = [] if self.need == SpecialNeed.NONE else [self.need]
        return needs_by_age(self.person, day) + said


def needs_by_age(person: Person, day: date) -> list[SpecialNeed]:
    age = person.age_on(day)
    if age >= settings.PRIORITY_FROM_AGE:
        return [SpecialNeed.ELDERLY]
    return [SpecialNeed.SMALL_CHILD] if age <= settings.PRIORITY_TO_AGE else []


class Appointment(models.Model):
    """A seat at an office for an application, from the hold to the day itself.

    While it is live it owns exactly one seat, which names it as holder. A party is billed at once.
    """

    code = models.CharField(_("code"), max_length=10, unique=True, default=new_code, editable=False)
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="appointments"
    )
    identity = models.ForeignKey("applicants.Identity", on_delete=models.PROTECT, related_name="+")
    slot = models.ForeignKey("quota.Slot", on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey("payments.Bill", null=True, on_delete=models.PROTECT, related_name="+")
    # The same for all who were seated together and pay together; empty for one person alone.
    party = models.CharField(max_length=10, blank=True, db_default="", editable=False)
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=AppointmentStatus,
        default=AppointmentStatus.HELD,
        editable=False,
    )
    held_at = models.DateTimeField(db_default=Now())
    hold_until = models.DateTimeField()
    # Incidents before this moment are made good, with so many minutes (appointments/thawing.py).
    thawed_at = models.DateTimeField(null=True)
    given_minutes = models.PositiveIntegerField(default=0, db_default=0)
    confirmed_at = models.DateTimeField(null=True)
    checked_in_at = models.DateTimeField(null=True)
    # How often it went to another session as it was.
    moved = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = (
            models.UniqueConstraint(
                fields=["identity"],
                condition=models.Q(status__in=TO_COME),
                name="one_live_appointment",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[AppointmentStatus.HELD, AppointmentStatus.RELEASED])
                | models.Q(bill__isnull=False),
                name="appointment_has_bill_after_hold",
            ),
        )
        indexes = (
            models.Index(
                fields=["hold_until"],
                name="hold_due",
                condition=models.Q(status=AppointmentStatus.HELD),
            ),
            models.Index(fields=["slot", "status"]),
            models.Index(fields=["party"], name="party_members", condition=~models.Q(party="")),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="appointment_moves", field="status", transitions=APPOINTMENT_MOVES),
            pgtrigger.ReadOnly(
                name="appointment_bound", fields=["code", "application", "identity", "party"]
            ),
            pgtrigger.Trigger(
                name="billed_with_its_party",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("bill_id"),
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.bill_id IS NOT NULL"),
                func="""
                IF NOT EXISTS (SELECT 1 FROM payments_bill WHERE id = NEW.bill_id
                               AND payer = coalesce(nullif(NEW.party, ''), NEW.code))
                THEN RAISE EXCEPTION 'the bill of appointment % is for others', NEW.code;
                END IF;
                RETURN NEW;
                """,
            ),
            # Only who is to come goes to another session as it is, and that is counted.
            pgtrigger.Trigger(
                name="moves_are_counted",
                operation=pgtrigger.UpdateOf("slot_id", "moved"),
                when=pgtrigger.Before,
                func="""
                IF NEW.moved < OLD.moved
                   OR NEW.slot_id <> OLD.slot_id AND NEW.status = OLD.status
                      AND (NEW.status NOT IN ('held', 'awaiting_payment', 'confirmed')
                           OR NEW.moved <> OLD.moved + 1)
                THEN RAISE EXCEPTION 'appointment % is moved past its count', NEW.code;
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="moves_are_written_down",
                operation=pgtrigger.UpdateOf("moved"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func="""
                IF NOT EXISTS (SELECT 1 FROM appointments_move
                                WHERE appointment_id = NEW.id AND number = NEW.moved)
                   AND NEW.moved > 0
                THEN RAISE EXCEPTION 'move % of appointment % is not written down',
                     NEW.moved, NEW.code;
                END IF;
                RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="live_owns_a_seat",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("status", "slot_id"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                declare=[("live", "boolean"), ("owned", "integer")],
                func="""
                SELECT status IN ('held', 'awaiting_payment', 'confirmed', 'checked_in')
                  INTO live FROM appointments_appointment WHERE id = NEW.id;
                SELECT count(*) INTO owned FROM quota_seat WHERE holder = NEW.code;
                IF live AND NOT EXISTS (
                    SELECT 1 FROM quota_seat s JOIN appointments_appointment a ON a.id = NEW.id
                    WHERE s.holder = NEW.code AND s.slot_id = a.slot_id)
                THEN RAISE EXCEPTION 'live appointment % owns no seat of its slot', NEW.code;
                END IF;
                IF NOT live AND owned > 0
                THEN RAISE EXCEPTION 'dead appointment % still owns a seat', NEW.code;
                END IF;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def payer(self) -> str:
        """The code that its bill is for: its party's, or its own."""
        return self.party or self.code

    @property
    def needs(self) -> list[SpecialNeed]:
        """Of the person, on the day of the visit."""
        return self.application.needs_on(self.slot.date)


class Move(models.Model):
    """An appointment went to another session, and its letter with it.

    Unpaid ones only where the office closed the session; what nobody paid for is forgotten whole.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="moves")
    number = models.PositiveSmallIntegerField()
    why = models.CharField(_("reason"), max_length=12, choices=MoveReason)
    old_slot = models.ForeignKey("quota.Slot", on_delete=models.PROTECT, related_name="+")
    new_slot = models.ForeignKey("quota.Slot", on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["appointment", "number"], name="move_numbered_once"),
            models.CheckConstraint(
                condition=~models.Q(old_slot=models.F("new_slot")), name="move_goes_elsewhere"
            ),
        )
        triggers: ClassVar = [
            pgtrigger.Protect(name="moves_stay", operation=pgtrigger.Update),
            pgtrigger.Trigger(
                name="moves_stay_with_their_appointment",
                operation=pgtrigger.Delete,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func="""
                IF EXISTS (SELECT 1 FROM appointments_appointment WHERE id = OLD.appointment_id)
                THEN RAISE EXCEPTION 'a move is not forgotten';
                END IF;
                RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="unpaid_moves_only_where_closed",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.why <> 'closed'"),
                func="""
                IF EXISTS (SELECT 1 FROM appointments_appointment
                            WHERE id = NEW.appointment_id AND confirmed_at IS NULL)
                THEN RAISE EXCEPTION 'only what is paid for goes to another session';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id}/{self.number}"
