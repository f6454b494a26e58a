"""The worker that moves people out of closed sessions: a party at a time, each for good."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from copy import copy
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from appointments.enums import TO_COME, MoveReason
from appointments.models import Appointment
from appointments.moving import move
from appointments.notices import tell_seatless
from appointments.party import locked_party
from appointments.reseating.beginning import latecomers, put_down
from appointments.reseating.enums import Place
from appointments.reseating.models import Reseated, Reseating
from appointments.reseating.planning import equal_to
from mpaspor.audit import trail
from mpaspor.core.claim import claim
from quota.models import Slot
from quota.seats import SlotFull

BATCH = 50
LEASE = timedelta(minutes=2)


def reseat(*, at: datetime, batch: int = BATCH) -> int:
    """Moves who is due; returns how many rows were. Goes on where a worker died."""
    _put_down_latecomers(at=at)
    waiting = Reseated.objects.filter(place=Place.WAITING)
    due = claim(waiting, at=at, batch=batch, lease=LEASE)
    for row in due:
        _reseat(row, at=at)
    return len(due)


def _put_down_latecomers(*, at: datetime) -> None:
    emptied = Reseated.objects.filter(old_slot__starts_at__gt=at)
    acts = dict(emptied.order_by("pk").values_list("old_slot_id", "reseating_id"))
    if not acts:
        return
    for late in latecomers(acts):
        # Another worker may have been quicker.
        with suppress(IntegrityError), transaction.atomic():
            put_down(Reseating.objects.get(pk=acts[late.slot_id]), [late], at=at)


@transaction.atomic
def _reseat(row: Reseated, *, at: datetime) -> None:
    party = locked_party(Appointment.objects.get(pk=row.appointment_id))
    rows = _waiting(row.old_slot_id, party)
    if row.appointment_id not in rows:
        return
    act = Reseating.objects.select_related("begun_by").get(pk=row.reseating_id)
    there = [member for member in party if member.pk in rows and _is_there(member, row)]
    slot = _seat(there, act, at=at) if there else None
    for member in party:
        if member.pk in rows:
            _settle(rows[member.pk], member in there, slot)
    if slot is None:
        _tell_seatless(there, act, at=at)


def _waiting(slot: int, party: Iterable[Appointment]) -> dict[int, Reseated]:
    """Locked, by appointment."""
    keys = [member.pk for member in party]
    rows = Reseated.objects.filter(old_slot=slot, appointment__in=keys, place=Place.WAITING)
    return {row.appointment_id: row for row in rows.order_by("pk").select_for_update()}


def _is_there(member: Appointment, row: Reseated) -> bool:
    return member.slot_id == row.old_slot_id and member.status in TO_COME


def _settle(row: Reseated, was_there: bool, slot: Slot | None) -> None:
    row.next_at, row.new_slot = None, slot if was_there else None
    row.place = (Place.MOVED if slot else Place.SEATLESS) if was_there else Place.OVER
    row.save(update_fields=["place", "new_slot", "next_at"])


def _seat(there: Sequence[Appointment], act: Reseating, *, at: datetime) -> Slot | None:
    """All of them in the nearest equal session that has room for them still."""
    for slot in equal_to(there[0].slot, at=at):
        if slot.room < len(there):
            continue
        # Copies, so that a session that filled up meanwhile leaves no trace.
        with suppress(SlotFull), transaction.atomic():
            going = [copy(member) for member in there]
            why, note = MoveReason.CLOSED, act.reason
            move(going, slot, why=why, by=act.begun_by, at=at, with_kept=True, note=note)
            return slot
    return None


def _tell_seatless(there: Iterable[Appointment], act: Reseating, *, at: datetime) -> None:
    for member in there:
        subject = f"appointment:{member.code}"
        facts = {"reseating": act.code}
        trail.record("appointment.seatless", subject=subject, by=act.begun_by, at=at, **facts)
        tell_seatless(member, act.reason, at=at)
