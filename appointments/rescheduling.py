"""Another day, chosen by the person: as often and as long before as the office's terms say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.enums import AppointmentStatus, MoveReason
from appointments.models import Appointment, Move
from appointments.moving import RoomAtWork, SameOfficeOnly, move
from appointments.party import in_the_way, locked_party
from appointments.priority import refuse_unfit
from appointments.reseating.answering import answer
from appointments.reseating.enums import Answer
from appointments.reseating.models import Reseated
from appointments.reseating.queries import choice_of, choices_of
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.core.templatetags.words import moment
from quota.models import Slot, Terms
from quota.queries import slot_for_booking, terms_for
from quota.waiting_room.turns import is_gated


class NotMovable(Refusal):
    code = "not-movable"
    message = _("The day cannot be changed in this state: %(status)s.")
    remedy = _(
        "Only a paid and confirmed appointment is moved. Before paying you can cancel and choose "
        "again without losing anything."
    )


class RightSpent(Refusal):
    code = "right-spent"
    message = _("All changes of the day that are allowed (%(times)s) are used.")
    remedy = _(
        "Come on the day of the letter. If you are ill, or the office or higher powers are the "
        "cause, ask at the office: it can give another day."
    )


class TooLateToMove(Refusal):
    code = "too-late-to-move"
    message = _("The day could be changed until %(until)s.")
    remedy = _(
        "Come on the day of the letter. If you are ill, or the office or higher powers are the "
        "cause, ask at the office: it can give another day."
    )


@transaction.atomic
def reschedule(
    *, appointment: Appointment, slot_code: str, alone: bool = False, by: trail.By, at: datetime
) -> list[Appointment]:
    """Moves it to another session of the same office, with all who have seats in its session
    together with it, or one `alone`; all of them or none. While they may answer a move by the
    office it is that answer, and no right is spent.

    The session it has already is no change; so it is repeatable. Returns who was moved. Raises
    NotMovable, TooLateToMove, RightSpent, SlotGone, SameOfficeOnly, OtherService, PriorityOnly,
    RoomAtWork, SlotFull, TooFewSeats.
    """
    party = locked_party(appointment)
    mine = next(member for member in party if member.pk == appointment.pk)
    slot = slot_for_booking(code=slot_code, at=at)
    if mine.status == AppointmentStatus.CONFIRMED and mine.slot_id == slot.pk:
        return []
    going = [mine] if alone else together_in_session(mine, party)
    choices = choices_of(going, at=at)
    why = MoveReason.OFFICE if choices and len(choices) == len(going) else MoveReason.OWN
    if why == MoveReason.OWN:
        _refuse_to_go(mine, going, at=at)
    _refuse(going, slot)
    if why == MoveReason.OFFICE:
        answer(going, choices, Answer.CHOSEN, by=by, at=at)
    move(going, slot, why=why, by=by, at=at)
    return going


def _refuse_to_go(mine: Appointment, going: list[Appointment], *, at: datetime) -> None:
    """Raises NotMovable, TooLateToMove, RightSpent."""
    terms = terms_for(mine.slot.office, mine.slot.date)
    refuse_to_move(mine, terms, at=at)
    for member in going:
        with in_the_way(member.application, of=len(going)):
            refuse_spent(times_moved(member), terms)


def together_in_session(mine: Appointment, party: Iterable[Appointment]) -> list[Appointment]:
    """Of the party those who have a confirmed seat beside `mine`, itself included."""
    confirmed = (one for one in party if one.status == AppointmentStatus.CONFIRMED)
    return [one for one in confirmed if one.slot_id == mine.slot_id]


def refuse_to_move(appointment: Appointment, terms: Terms, *, at: datetime) -> None:
    """By the terms of its office and day. Raises NotMovable, TooLateToMove."""
    if appointment.status != AppointmentStatus.CONFIRMED:
        raise NotMovable(status=appointment.get_status_display())
    until = movable_until(appointment.slot, terms)
    if at >= until:
        last = until - timedelta(seconds=1)
        raise TooLateToMove(until=moment(last, appointment.slot.office.zone))


def refuse_spent(spent: int, terms: Terms) -> None:
    """Raises RightSpent."""
    if spent >= terms.reschedules:
        raise RightSpent(times=terms.reschedules)


def times_moved(appointment: Appointment) -> int:
    """By the person; what the office did spends nothing."""
    return Move.objects.filter(appointment=appointment, why=MoveReason.OWN).count()


def movable_until(slot: Slot, terms: Terms) -> datetime:
    """The first moment at which it is too late: midnight of the office's zone."""
    first_late_day = slot.date - timedelta(days=terms.reschedule_days - 1)
    return datetime.combine(first_late_day, time(), ZoneInfo(slot.office.zone))


def _refuse(going: list[Appointment], slot: Slot) -> None:
    if slot.office_id != going[0].slot.office_id:
        raise SameOfficeOnly(office=going[0].slot.office.name)
    if is_gated(slot):
        raise RoomAtWork
    applications = [member.application for member in going]
    for member in going:
        with in_the_way(member.application, of=len(going)):
            refuse_unfit(member.application, slot, applications)


@dataclass(frozen=True)
class Changing:
    """A person's right to another day: until when, how often, or why not (`refusal`).

    `choice`: the office closed the session, and another day costs no right.
    """

    until: datetime
    left: int
    refusal: Refusal | None
    choice: Reseated | None = None


def changing_of(appointment: Appointment, *, at: datetime) -> Changing:
    terms = terms_for(appointment.slot.office, appointment.slot.date)
    spent, refusal = times_moved(appointment), None
    choice = choice_of(appointment, at=at)
    if choice is not None:
        last = appointment.slot.starts_at - timedelta(seconds=1)
        return Changing(last, terms.reschedules - spent, None, choice)
    try:
        refuse_to_move(appointment, terms, at=at)
        refuse_spent(spent, terms)
    except Refusal as no:
        refusal = no
    last = movable_until(appointment.slot, terms) - timedelta(seconds=1)
    return Changing(last, terms.reschedules - spent, refusal)
