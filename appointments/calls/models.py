from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from appointments.calls.enums import (
    AT_A_COUNTER,
    LETTERS,
    NUMBER_MOVES,
    PRIORITY,
    NumberStatus,
    Station,
)
from quota.enums import Service


class Counter(models.Model):
    """Where an officer receives people, one at a time (loket)."""

    office = models.ForeignKey(
        "quota.Office", on_delete=models.CASCADE, related_name="+", verbose_name=_("office")
    )
    number = models.PositiveSmallIntegerField(_("number"), validators=[MinValueValidator(1)])
    name = models.CharField(_("name"), max_length=40, blank=True)
    station = models.CharField(
        _("station"), max_length=12, choices=Station, default=Station.INTERVIEW
    )
    services = ArrayField(
        models.CharField(max_length=12, choices=Service),
        verbose_name=_("services"),
        help_text=_("Whose numbers are called here."),
    )
    is_open = models.BooleanField(_("open"), default=False, editable=False)

    class Meta:
        verbose_name = _("counter")
        verbose_name_plural = _("counters")
        ordering = ("office__name", "number")
        constraints = (
            models.UniqueConstraint(fields=["office", "number"], name="counter_numbered_once"),
            models.CheckConstraint(
                condition=Q(services__len__gt=0) & Q(services__contained_by=Service.values),
                name="counter_serves_something",
            ),
        )
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="counter_stays_at_its_office", fields=["office"]),
            pgtrigger.Trigger(
                name="counter_closes_empty",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition(
                    "OLD.is_open AND NOT NEW.is_open OR OLD.station <> NEW.station"
                ),
                func="""
                IF EXISTS (SELECT 1 FROM appointments_queuenumber WHERE counter_id = NEW.id)
                THEN RAISE EXCEPTION 'somebody is at counter %', NEW.id;
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()

    @property
    def letters(self) -> list[str]:
        return [LETTERS[Service(service)] for service in self.services]


class Line(models.Model):
    """The last number that was given with a letter at an office on a day."""

    office = models.ForeignKey("quota.Office", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    letter = models.CharField(max_length=1)
    last = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["office", "day", "letter"], name="line_once_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.office_id} {self.day}: {self.letter}{self.last}"


class QueueNumber(models.Model):
    """The place in the line of somebody who has come; without an appointment, of a walk-in."""

    office = models.ForeignKey("quota.Office", on_delete=models.CASCADE, related_name="+")
    # The office's own day.
    day = models.DateField()
    letter = models.CharField(max_length=1)
    number = models.PositiveSmallIntegerField()
    appointment = models.OneToOneField(
        "appointments.Appointment",
        null=True,
        on_delete=models.CASCADE,
        related_name="queue_number",
    )
    station = models.CharField(max_length=12, choices=Station, default=Station.INTERVIEW)
    status = models.CharField(
        max_length=12, choices=NumberStatus, default=NumberStatus.WAITING, editable=False
    )
    counter = models.ForeignKey(
        Counter, null=True, on_delete=models.PROTECT, related_name="numbers"
    )
    waits_since = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["office", "day", "letter", "number"], name="queue_number_given_once"
            ),
            models.UniqueConstraint(fields=["counter"], name="one_number_at_a_counter"),
            models.CheckConstraint(
                condition=Q(letter__in=list(LETTERS.values())) & Q(number__gte=1),
                name="queue_number_reads_well",
            ),
            models.CheckConstraint(
                condition=Q(counter__isnull=False, status__in=AT_A_COUNTER)
                | (Q(counter=None) & ~Q(status__in=AT_A_COUNTER)),
                name="called_number_has_a_counter",
            ),
            models.CheckConstraint(
                condition=Q(appointment__isnull=False) | Q(letter=PRIORITY),
                name="walk_in_is_priority",
            ),
        )
        indexes = (
            models.Index(
                fields=["office", "day", "station", "waits_since"],
                name="queue_number_waits",
                condition=Q(status=NumberStatus.WAITING),
            ),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="queue_number_moves", field="status", transitions=NUMBER_MOVES),
            pgtrigger.ReadOnly(
                name="queue_number_bound",
                fields=["office", "day", "letter", "number", "appointment"],
            ),
            pgtrigger.Trigger(
                name="called_where_it_is_served",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.counter_id IS NOT NULL"),
                func="""
                IF TG_OP = 'UPDATE' AND OLD.counter_id = NEW.counter_id
                   AND OLD.station = NEW.station
                THEN RETURN NEW;
                END IF;
                IF TG_OP = 'UPDATE' AND OLD.counter_id IS NOT NULL
                THEN RAISE EXCEPTION 'queue number % is at another counter', NEW.id;
                END IF;
                PERFORM 1 FROM appointments_counter
                  WHERE id = NEW.counter_id AND office_id = NEW.office_id
                    AND station = NEW.station AND is_open FOR SHARE;
                IF NOT FOUND
                THEN RAISE EXCEPTION 'counter % does not serve queue number %',
                     NEW.counter_id, NEW.id;
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter}{self.number:03}"

    @property
    def spoken(self) -> str:
        """Sign by sign, for a voice."""
        return " ".join(str(self))


class Call(models.Model):
    """That a number was called to a counter, once or again: only added to."""

    number = models.ForeignKey(QueueNumber, on_delete=models.CASCADE, related_name="calls")
    counter = models.ForeignKey(Counter, on_delete=models.PROTECT, related_name="+")
    again = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        triggers: ClassVar = [pgtrigger.Protect(name="call_was_so", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.number_id} to {self.counter_id}"
