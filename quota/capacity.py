"""More or fewer seats for a session that is open."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.core.nudge import nudge
from quota.models import Seat, Slot
from quota.returning import RETURN, moment_of_release
from quota.seats import lock_together
from quota.waiting_room.turns import lock_promises, refuse_if_promised

MOST = 500


class SeatsTaken(Refusal):
    code = "seats-taken"
    message = _("%(taken)s seats of this session are taken.")
    remedy = _("Choose at least that many, or move people to another session first.")
    field = "seats"


class TooManySeats(Refusal):
    code = "too-many-seats"
    message = _("A session has from 0 to %(most)s seats.")
    remedy = _("Look whether the number is typed right.")
    field = "seats"
    status = 422


class ChangeReasonMissing(Refusal):
    code = "reason-missing"
    message = _("Say why it is changed: everybody may read it.")
    field = "reason"
    status = 422


class SessionClosed(Refusal):
    code = "session-closed"
    message = _("This session is closed.")
    remedy = _("Open it again first.")


@transaction.atomic
def change_capacity(*, slot: Slot, seats: int, reason: str, by: trail.By, at: datetime) -> Slot:
    """The session has `seats` seats from now on; nobody who has one loses it.

    Raises TooManySeats, ChangeReasonMissing, SessionClosed, SeatsTaken, SeatsPromised.
    """
    refuse_without(reason)
    if not 0 <= seats <= MOST:
        raise TooManySeats(most=MOST)
    current = locked(slot)
    if current.closed_at:
        raise SessionClosed
    before = current.capacity
    if seats < before:
        lock_promises(current)
    resize(current, seats, at=at)
    if seats < before:
        refuse_if_promised(current)
    record("slot.capacity", current, by=by, at=at, reason=reason.strip(), before=before)
    return current


def refuse_without(reason: str) -> None:
    """Raises ChangeReasonMissing."""
    if not reason.strip():
        raise ChangeReasonMissing


def locked(slot: Slot) -> Slot:
    """As it stands now; changes of one session go one by one, takers of seats do not wait."""
    rows = Slot.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("office").get(pk=slot.pk)


def resize(slot: Slot, seats: int, *, at: datetime) -> None:
    """Adds seats, to be offered to who waits for them; or takes away those nobody holds.

    Raises SeatsTaken.
    """
    more = seats - slot.capacity
    if more < 0:
        _take_away(slot, -more)
    slot.capacity = seats
    slot.save(update_fields=["capacity"])
    if more > 0:
        _add(slot, more, at=at)


def record(deed: str, slot: Slot, *, by: trail.By, at: datetime, **facts: object) -> None:
    seats = {"seats": slot.capacity}
    trail.record(deed, subject=f"slot:{slot.code}", by=by, at=at, **seats | facts)


def _add(slot: Slot, count: int, *, at: datetime) -> None:
    last = slot.seats.order_by("-number").values_list("number", flat=True).first() or 0
    returns_at = moment_of_release(slot, at=at)
    Seat.objects.bulk_create(
        Seat(slot=slot, number=last + n, returns_at=returns_at) for n in range(1, count + 1)
    )
    if returns_at:
        nudge(RETURN)


def _take_away(slot: Slot, count: int) -> None:
    """Waits for those who are taking a seat at this moment: the ones they take do not count."""
    going = lock_together(Seat.objects.filter(slot=slot, holder=None), count)
    if not going:
        raise SeatsTaken(taken=slot.seats.exclude(holder=None).count())
    Seat.objects.filter(pk__in=[seat.pk for seat in going]).delete()
