"""A turn: going in, one extension, using it for a seat, and what becomes of it when time is up."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.enums import Service
from quota.models import Release, Seat, Slot, Terms
from quota.queries import terms_for
from quota.waiting_room.enums import RoomStatus, TicketStatus, Turn
from quota.waiting_room.models import QueueMember, QueueTicket, Room

# A turn for one of these is good for a seat of the other: both are for the same application.
# Whom a priority seat may be given to is asked before anybody lines up for it, and at booking.
EITHER = (Service.REGULAR, Service.PRIORITY)
# As text: each booking asks it, and to put it together takes longer than to answer it.
ROOM_OF = "SELECT * FROM quota_room WHERE release_id = %s"


class QueueFirst(Refusal):
    """`facts["release"]` is the code of the release whose waiting room is at work."""

    code = "queue-first"
    message = _("The seats of this opening are given in the order of its waiting room.")
    remedy = _(
        "Get in line there, or wait for your turn if you are in line: nobody can go past you. If "
        "your turn ran out, you can line up again."
    )


class TurnForOtherService(Refusal):
    code = "turn-for-other-service"
    message = _("Your turn in the waiting room is for the other service.")
    remedy = _("Choose the service you stood in line for, or get in line for this one.")
    field = "slot"


class TurnOver(Refusal):
    code = "turn-over"
    message = _("This turn is over, or has not come yet.")
    remedy = _("Look at the waiting room: it shows where you stand and how to go on.")


class AlreadyExtended(Refusal):
    code = "already-extended"
    message = _("The time was already extended once.")
    remedy = _("Choose a seat now. If the time runs out, you can line up again at the end.")


class SeatsPromised(Refusal):
    code = "seats-promised"
    message = _("%(kept)s people are called for the free seats of this opening at this moment.")
    remedy = _("Pause the waiting room and wait until they have chosen, then take seats away.")
    field = "seats"


def enter(*, ticket: QueueTicket, by: trail.By, at: datetime) -> QueueTicket:
    """From now on the time to choose runs; repeatable. Raises TurnOver."""
    with transaction.atomic():
        called = _called(ticket, at)
        if called.entered_at is None:
            called.entered_at = at
            minutes = terms_of(called.room.release, at).choose_minutes
            _give_time(called, until=moment_in(called.room, at) + timedelta(minutes=minutes))
            _record("entered", called, by, at)
    return called


def extend(*, ticket: QueueTicket, by: trail.By, at: datetime) -> QueueTicket:
    """Once the same time again. Raises TurnOver, AlreadyExtended."""
    with transaction.atomic():
        called = _called(ticket, at)
        if called.extended:
            raise AlreadyExtended
        terms = terms_of(called.room.release, at)
        more = terms.choose_minutes if called.entered_at else terms.enter_minutes
        called.extended = True
        assert called.until is not None
        _give_time(called, until=called.until + timedelta(minutes=more))
        _record("extended", called, by, at)
    return called


class AllPromised(Refusal):
    code = "all-promised"
    message = _("The free seats of this kind are kept for people who were called for them.")
    remedy = _("Choose a seat of the kind you stood in line for, or try again in some minutes.")
    field = "slot"


def lock_promises(slot: Slot) -> None:
    """Until the transaction ends nobody is called. Before any seat: whoever waits holds none."""
    Room.objects.select_for_update(no_key=True).filter(release=slot.release_id).first()


def refuse_if_promised(slot: Slot) -> None:
    """After seats were taken away: raises SeatsPromised if they were kept for people now called."""
    lock_promises(slot)
    kept, free = _kept_and_free(slot)
    if kept > free:
        raise SeatsPromised(kept=kept)


def _kept_and_free(slot: Slot) -> tuple[int, int]:
    """Turns that are open for the slot's release and service, and seats that are free there."""
    turns = QueueMember.objects.filter(release=slot.release_id, service=slot.service)
    seats = Seat.objects.free().filter(slot__release=slot.release_id, slot__service=slot.service)
    return turns.filter(turn=Turn.OPEN).count(), seats.count()


def moment_in(room: Room, at: datetime) -> datetime:
    """Time stands still in a room that is paused."""
    return room.paused_at or at


def is_gated(slot: Slot) -> bool:
    """Whether seats of the slot go by the waiting room."""
    return _room_at_work(slot) is not None


def _room_at_work(slot: Slot) -> Room | None:
    """Of a slot that was read with its release and room nothing is asked."""
    if Slot.release.is_cached(slot):
        room: Room | None = getattr(slot.release, "room", None)
    else:
        room = next(iter(Room.objects.raw(ROOM_OF, [slot.release_id])), None)
    return room if room is not None and room.status == RoomStatus.ACTIVE else None


def use_turn(*, slot: Slot, identity: str, at: datetime) -> None:
    """Spends the open turn of this person on one seat of the slot's release and service.

    In the caller's transaction, before the seat is taken. A turn for a regular seat is good for a
    priority seat and the other way round, if one is left that was promised to nobody. Raises
    QueueFirst, TurnForOtherService, AllPromised.
    """
    mine = QueueMember.objects.filter(release_id=slot.release_id, identity=identity)
    room = _room_at_work(slot)
    valid = mine.filter(turn=Turn.OPEN, until__gt=moment_in(room, at) if room else at)
    if valid.filter(service=slot.service).update(turn=Turn.USED):
        return
    if not valid.exists():
        raise QueueFirst(release=slot.release.code)
    if slot.service not in EITHER or not valid.filter(service__in=EITHER).exists():
        raise TurnForOtherService
    _use_for_other_kind(valid, slot)


def _use_for_other_kind(valid: "QuerySet[QueueMember]", slot: Slot) -> None:
    """The turn becomes one for the slot's kind of seats. Raises AllPromised."""
    lock_promises(slot)
    kept, free = _kept_and_free(slot)
    if kept >= free:
        raise AllPromised
    valid.update(turn=Turn.USED, service=slot.service)


def return_turn(*, slot: Slot, identity: str, at: datetime) -> None:
    """For who gives the seat back while there is time: they may choose another one."""
    QueueMember.objects.filter(
        release_id=slot.release_id,
        identity=identity,
        service=slot.service,
        turn=Turn.USED,
        until__gt=at,
    ).update(turn=Turn.OPEN)


def lapse(*, room: Room, at: datetime) -> int:
    """Ends the turns whose time is up: the seats kept for them are free. Returns how many people.

    A ticket in other hands at this moment is left to the next step.
    """
    due = QueueTicket.objects.filter(room=room, status=TicketStatus.CALLED, until__lte=at)
    tickets = {ticket.pk: ticket for ticket in due.select_for_update(skip_locked=True)}
    unused = QueueMember.objects.filter(ticket__in=tickets, turn=Turn.OPEN)
    members = list(unused.select_for_update(skip_locked=True, of=("self",)))
    # A booking under way may still fail: that ticket is left to the next step.
    for busy in unused.exclude(pk__in=[member.pk for member in members]):
        tickets.pop(busy.ticket_id, None)
    absent = [member for member in members if member.ticket_id in tickets]
    _end(tickets.values(), absent)
    return len(absent)


def _end(tickets: Collection[QueueTicket], absent: Collection[QueueMember]) -> None:
    late = {member.ticket_id for member in absent}
    for ticket in tickets:
        ticket.status = TicketStatus.LAPSED if ticket.pk in late else TicketStatus.DONE
    QueueTicket.objects.bulk_update(tickets, ["status"])
    # A turn that was used for the other kind of seats, and given back, is again what was lined up
    # for.
    own = QueueTicket.objects.filter(pk=OuterRef("ticket")).values("service")
    rows = QueueMember.objects.filter(pk__in=[member.pk for member in absent])
    rows.update(turn=Turn.WAITING, service=Subquery(own))


def _called(ticket: QueueTicket, at: datetime) -> QueueTicket:
    rows = QueueTicket.objects.select_related("room__release__office")
    called = rows.select_for_update(of=("self",)).get(pk=ticket.pk)
    if called.status != TicketStatus.CALLED or called.until is None:
        raise TurnOver
    if called.until <= moment_in(called.room, at):
        raise TurnOver
    return called


def _give_time(ticket: QueueTicket, *, until: datetime) -> None:
    ticket.until = until
    ticket.save(update_fields=["entered_at", "until", "extended"])
    ticket.members.exclude(turn=Turn.WAITING).update(until=until)


def terms_of(release: Release, at: datetime) -> Terms:
    return terms_for(release.office, release.office.local(at).date())


def _record(done: str, ticket: QueueTicket, by: trail.By, at: datetime) -> None:
    trail.record(f"queue.{done}", subject=f"ticket:{ticket.code}", by=by, at=at)
