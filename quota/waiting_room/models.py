from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from mpaspor.core.codes import new_code
from mpaspor.core.sealed_columns import SealedField
from quota.enums import Service
from quota.waiting_room.enums import (
    ROOM_MOVES,
    TICKET_MOVES,
    TURN_MOVES,
    RoomStatus,
    TicketStatus,
    Told,
    Turn,
)


class Room(models.Model):
    """The waiting room of a release: bound to its secret when announced, drawn when it opens."""

    release = models.OneToOneField("quota.Release", on_delete=models.PROTECT, related_name="room")
    status = models.CharField(max_length=10, choices=RoomStatus, default=RoomStatus.ANNOUNCED)
    join_from = models.DateTimeField()

    committed_at = models.DateTimeField()
    commitment = models.BinaryField()
    secret_sealed = SealedField(context="draw:{release_id}")
    # All of the draw, public from the opening on.
    secret = models.BinaryField(null=True)
    list_digest = models.BinaryField(null=True)
    seed = models.BinaryField(null=True)
    drawn_at = models.DateTimeField(null=True)
    drawn_tickets = models.PositiveIntegerField(null=True)

    # The highest number given, and the highest called.
    last_number = models.PositiveIntegerField(default=0)
    called = models.PositiveIntegerField(default=0)
    called_people = models.PositiveIntegerField(default=0)
    lapsed_people = models.PositiveIntegerField(default=0)
    # People a second.
    rate = models.FloatField()
    paused_at = models.DateTimeField(null=True)
    stepped_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(secret__isnull=True)
                | Q(commitment=Func(F("secret"), function="sha256")),
                name="secret_keeps_its_commitment",
            ),
            models.CheckConstraint(
                condition=Q(status=RoomStatus.ANNOUNCED) | Q(seed__isnull=False),
                name="room_at_work_is_drawn",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_at"], name="room_due", condition=~Q(status=RoomStatus.DORMANT)
            ),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="room_moves", field="status", transitions=ROOM_MOVES),
            pgtrigger.ReadOnly(name="room_bound", fields=["release", "commitment", "committed_at"]),
            pgtrigger.Protect(
                name="draw_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.seed IS NOT NULL AND"
                    " (NEW.secret, NEW.list_digest, NEW.seed, NEW.drawn_at, NEW.drawn_tickets)"
                    " IS DISTINCT FROM"
                    " (OLD.secret, OLD.list_digest, OLD.seed, OLD.drawn_at, OLD.drawn_tickets)"
                ),
            ),
            pgtrigger.Protect(
                name="called_never_falls",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NEW.called < OLD.called OR NEW.last_number < OLD.last_number"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"room of {self.release_id}"


class QueueTicket(models.Model):
    """A place in line for one to five people. It belongs to them, not to a session or a device."""

    code = models.CharField(max_length=10, unique=True, default=new_code, editable=False)
    digest = models.BinaryField()
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="tickets")
    # The code of the account that is told; this app knows no account.
    holder = models.CharField(max_length=10)
    service = models.CharField(_("service"), max_length=12, choices=Service)
    # How many of the members still need a seat.
    size = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=8, choices=TicketStatus, default=TicketStatus.WAITING)
    joined_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    # The place by the draw, and the number in line: another one for who lined up again.
    drawn = models.PositiveIntegerField(null=True)
    number = models.PositiveIntegerField(null=True)
    called_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    extended = models.BooleanField(default=False)
    told = models.CharField(max_length=8, choices=Told, default=Told.NOTHING)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["room", "number"], name="number_once"),
            models.CheckConstraint(
                condition=~Q(status=TicketStatus.CALLED)
                | Q(until__isnull=False, called_at__isnull=False, number__isnull=False),
                name="called_with_a_deadline",
            ),
        )
        indexes = (
            models.Index(
                fields=["room", "number"],
                name="ticket_waiting",
                include=["service", "size"],
                condition=Q(status=TicketStatus.WAITING),
            ),
            models.Index(
                fields=["room", "until"],
                name="ticket_due",
                condition=Q(status=TicketStatus.CALLED),
            ),
        )
        triggers: ClassVar = [
            # With a condition: a draw changes all tickets at once and moves none of them.
            pgtrigger.FSM(
                name="ticket_moves",
                field="status",
                transitions=TICKET_MOVES,
                condition=pgtrigger.Q(old__status__df=pgtrigger.F("new__status")),
            ),
            pgtrigger.ReadOnly(
                name="ticket_bound", fields=["code", "digest", "room", "holder", "service"]
            ),
            pgtrigger.Protect(
                name="drawn_place_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.drawn IS NOT NULL AND NEW.drawn IS DISTINCT FROM OLD.drawn"
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class QueueMember(models.Model):
    """One person of a ticket, by the opaque code of the identity, and the right to one seat."""

    ticket = models.ForeignKey(QueueTicket, on_delete=models.CASCADE, related_name="members")
    release = models.ForeignKey("quota.Release", on_delete=models.PROTECT, related_name="+")
    identity = models.CharField(max_length=10)
    service = models.CharField(max_length=12, choices=Service)
    turn = models.CharField(max_length=8, choices=Turn, default=Turn.WAITING)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["release", "identity"], name="one_ticket_an_identity"),
        )
        indexes = (
            models.Index(
                fields=["release", "service"], name="turn_open", condition=Q(turn=Turn.OPEN)
            ),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="turn_moves", field="turn", transitions=TURN_MOVES),
            pgtrigger.ReadOnly(name="member_bound", fields=["ticket", "release", "identity"]),
            # Nobody is called in vain. The lock makes two who open turns count one after the other.
            pgtrigger.Trigger(
                name="turn_has_a_seat",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("turn"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Condition("NEW.turn = 'open'"),
                declare=[("kept", "integer"), ("free", "integer")],
                func="""
                PERFORM 1 FROM quota_room WHERE release_id = NEW.release_id FOR NO KEY UPDATE;
                SELECT count(*) INTO kept FROM quota_queuemember
                 WHERE release_id = NEW.release_id AND service = NEW.service AND turn = 'open';
                SELECT count(*) INTO free FROM quota_seat seat JOIN quota_slot slot
                    ON slot.id = seat.slot_id
                 WHERE slot.release_id = NEW.release_id AND slot.service = NEW.service
                   AND seat.holder IS NULL AND seat.returns_at IS NULL AND seat.reserve = '';
                IF kept > free
                THEN RAISE EXCEPTION '% turns are open for % free seats', kept, free;
                END IF;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.identity}"
