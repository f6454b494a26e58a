"""Who goes where when sessions are closed: the same for the preview and for the moving itself."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from appointments.enums import TO_COME
from appointments.models import Appointment
from quota.equals import equal_sessions, nearest_first
from quota.models import Slot
from quota.waiting_room.enums import RoomStatus


@dataclass(frozen=True)
class Group:
    """People of one party in one session, who stay together; `slot` None: no seats for them."""

    members: list[Appointment]
    slot: Slot | None = None


def sessions_to_empty(slot: Slot, *, whole_day: bool, at: datetime) -> list[Slot]:
    """This session or all of its day, also begun ones in which somebody is still expected."""
    if not whole_day:
        return [slot]
    expected = Appointment.objects.filter(slot=OuterRef("pk"), status__in=TO_COME)
    day = Slot.objects.filter(office=slot.office_id, date=slot.date)
    return list(day.filter(Q(closed_at=None, starts_at__gt=at) | Exists(expected)).order_by("pk"))


def groups_in(slots: Iterable[Slot]) -> list[Group]:
    """Everybody expected there; the earlier session first, in it who booked first."""
    rows = Appointment.objects.filter(slot__in=slots, status__in=TO_COME)
    people = rows.select_related("application__person", "slot__office")
    groups: dict[tuple[int, str], list[Appointment]] = defaultdict(list)
    for person in people.order_by("slot__starts_at", "held_at", "pk"):
        groups[person.slot_id, person.payer].append(person)
    return [Group(members) for members in groups.values()]


def plan_of(slots: list[Slot], *, at: datetime) -> list[Group]:
    """As it would go now; whoever books meanwhile changes it."""
    shut = {slot.pk for slot in slots}
    equals = {slot.pk: equal_to(slot, at=at) for slot in slots}
    room = {other.pk: other.room for others in equals.values() for other in others}
    planned = []
    for group in groups_in(slots):
        size, others = len(group.members), equals[group.members[0].slot_id]
        fit = (one for one in others if one.pk not in shut and room[one.pk] >= size)
        target = next(fit, None)
        if target is not None:
            room[target.pk] -= size
        planned.append(Group(group.members, target))
    return planned


def equal_to(slot: Slot, *, at: datetime) -> list[Slot]:
    """Sessions as good as this one with `room`, the nearest first; never sooner, and not so soon
    that people could not come. Where a waiting room is at work the seats are others'."""
    soonest = max(slot.starts_at, at + timedelta(hours=settings.RESEAT_NOTICE_HOURS))
    last = slot.office.local(soonest).date() + timedelta(days=settings.RESEAT_DAYS)
    equal = equal_sessions(slot, last=last, at=at).filter(starts_at__gte=soonest)
    free = equal.exclude(release__room__status=RoomStatus.ACTIVE).with_room()
    return nearest_first(slot, free.select_related("office"))
