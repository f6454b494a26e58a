"""Closing a session, or a whole day of an office, and opening it again."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.capacity import SeatsTaken, locked, record, refuse_without, resize
from quota.models import Office, Slot
from quota.returning import moment_of_release
from quota.signals import day_closed


class NothingToClose(Refusal):
    code = "nothing-to-close"
    message = _("There is no open session on this day that has not begun.")
    remedy = _("Choose another day.")
    field = "day"


class NotClosed(Refusal):
    code = "not-closed"
    message = _("This session is not closed.")


@transaction.atomic
def close_session(*, slot: Slot, reason: str, by: trail.By, at: datetime) -> Slot:
    """Nobody can get a seat in it any more; repeatable.

    Raises ChangeReasonMissing, and whatever who knows the people booked there answers.
    """
    refuse_without(reason)
    closed = _close(slot, reason=reason, by=by, at=at)
    _ask([closed], by=by, at=at)
    return closed


@transaction.atomic
def close_day(*, office: Office, day: date, reason: str, by: trail.By, at: datetime) -> list[Slot]:
    """The same for each session of that day which has not begun, in the office's zone.

    Raises ChangeReasonMissing, NothingToClose, and what close_session raises.
    """
    refuse_without(reason)
    slots = list(Slot.objects.bookable(at).filter(office=office, date=day).order_by("pk"))
    if not slots:
        raise NothingToClose
    closed = [_close(slot, reason=reason, by=by, at=at) for slot in slots]
    _ask(closed, by=by, at=at)
    return closed


@transaction.atomic
def close_to_empty(*, slots: Iterable[Slot], reason: str, by: trail.By, at: datetime) -> list[Slot]:
    """For who moves the people booked in them, so nobody is asked; repeatable.

    Whoever was taking a seat in one of them has it when this returns, or found none. Raises
    ChangeReasonMissing.
    """
    refuse_without(reason)
    in_order = sorted(slots, key=lambda slot: slot.pk)
    return [_close(slot, reason=reason, by=by, at=at) for slot in in_order]


@transaction.atomic
def reopen_session(*, slot: Slot, seats: int, reason: str, by: trail.By, at: datetime) -> Slot:
    """With so many seats, at least those that are taken. Raises NotClosed, SeatsTaken."""
    refuse_without(reason)
    current = locked(slot)
    if current.closed_at is None:
        raise NotClosed
    current.closed_at = None
    current.save(update_fields=["closed_at"])
    resize(current, seats, at=at)
    left = current.seats.filter(holder=None, returns_at__isnull=False)
    left.update(returns_at=moment_of_release(current, at=at))
    record("slot.reopen", current, by=by, at=at, reason=reason.strip())
    return current


def _close(slot: Slot, *, reason: str, by: trail.By, at: datetime) -> Slot:
    """Whoever is taking a seat at this moment has it, or finds none."""
    current = locked(slot)
    if current.closed_at:
        return current
    current.closed_at = at
    current.save(update_fields=["closed_at"])
    before = current.capacity
    while (held := current.seats.exclude(holder=None).count()) < current.capacity:
        with suppress(SeatsTaken):  # one more was taken meanwhile
            resize(current, held, at=at)
    record("slot.close", current, by=by, at=at, reason=reason.strip(), before=before)
    return current


def _ask(closed: Iterable[Slot], *, by: trail.By, at: datetime) -> None:
    """Inside the transaction: who says no, keeps the day open."""
    day_closed.send(sender=Slot, slots=list(closed), by=by, at=at)
