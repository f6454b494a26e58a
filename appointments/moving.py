"""Moving confirmed appointments to another session, whoever has the right to it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from appointments.enums import WISHED, AppointmentStatus, MoveReason
from appointments.models import Appointment, Move
from appointments.notices import tell_moved
from appointments.visits.enums import VoidReason
from appointments.visits.voiding import void_letter
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.models import Slot
from quota.moving import move_seats, take_offered
from quota.waiting_list.models import Wish, WishMember
from quota.waiting_list.wishing import end_days


class SameOfficeOnly(Refusal):
    code = "same-office-only"
    message = _("The day can be changed, the office cannot.")
    remedy = _("Choose another day or session of %(office)s.")
    field = "slot"


class RoomAtWork(Refusal):
    code = "room-at-work"
    message = _("The seats of this opening are given in the order of its waiting room just now.")
    remedy = _("Choose a session of another day, or come back when the waiting room has ended.")
    field = "slot"


def move(
    members: Sequence[Appointment],
    slot: Slot,
    *,
    why: MoveReason,
    by: trail.By,
    at: datetime,
    with_kept: bool = False,
    note: str = "",
    offered: Sequence[str] = (),
) -> None:
    """All of them or none; letter and calendar file are new ones, and everybody is told, with the
    office's own words (`note`) if there are any. The waiting list may have `offered` the seats.

    In the caller's transaction, which has them locked, and last. Raises SlotFull, TooFewSeats,
    OfferOver.
    """
    olds = {member.pk: member.slot for member in members}
    for member in members:
        _move(member, slot, why, by=by, at=at)
        tell_moved(member, olds[member.pk], why, note=note, at=at)
    holders = [member.code for member in members]
    if offered:
        take_offered(slot=slot, holders=holders, offered=offered, at=at)
    else:
        move_seats(slot=slot, holders=holders, at=at, with_kept=with_kept)
    if why != MoveReason.EARLIER:
        _shorten_wishes(members, by=by, at=at)


def _shorten_wishes(members: Sequence[Appointment], *, by: trail.By, at: datetime) -> None:
    """Who wants to come earlier wants no day that is not before the latest visit of theirs."""
    for wish in Wish.objects.filter(members__in=_waiting(members), is_earlier=True).distinct():
        others = WishMember.objects.filter(wish=wish, live=True).values("identity")
        visits = Appointment.objects.filter(
            identity__code__in=others, status=AppointmentStatus.CONFIRMED
        )
        latest = visits.aggregate(day=Max("slot__date"))["day"]
        if latest:
            end_days(wish=wish, after=latest - timedelta(days=1), by=by, at=at)


def _waiting(members: Sequence[Appointment]) -> "QuerySet[WishMember]":
    codes = [member.identity.code for member in members]
    return WishMember.objects.filter(identity__in=codes, live=True)


def _move(member: Appointment, slot: Slot, why: MoveReason, *, by: trail.By, at: datetime) -> None:
    void = VoidReason.MOVED if why in WISHED else VoidReason.MOVED_BY_OFFICE
    void_letter(appointment=member, reason=void, by=by, at=at)
    old = member.slot
    member.slot, member.moved = slot, member.moved + 1
    member.save(update_fields=["slot", "moved"])
    Move.objects.create(
        appointment=member,
        number=member.moved,
        why=why,
        old_slot=old,
        new_slot=slot,
        moved_at=at,
    )
    subject, facts = f"appointment:{member.code}", {"why": str(why), "old": old.code}
    trail.record("appointment.move", subject=subject, by=by, at=at, slot=slot.code, **facts)
