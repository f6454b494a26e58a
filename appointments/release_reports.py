"""What became of a release's seats, in numbers that everybody may read."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.db.models import Count, F, Func, IntegerField, Q, QuerySet, Sum

from appointments.enums import LIVE_APPOINTMENT, AppointmentStatus
from appointments.models import Appointment
from quota.models import Release, Seat, Slot
from quota.waiting_list.models import Offer

SHARES = (50, 90, 100)
GIVEN_BACK = (
    AppointmentStatus.RELEASED,
    AppointmentStatus.EXPIRED,
    AppointmentStatus.CANCELLED,
)


@dataclass(frozen=True)
class Pace:
    """So many percent of the seats taken by now were taken within these seconds of the opening."""

    percent: int
    seconds: int


@dataclass(frozen=True)
class Report:
    """`returned` counts seats that were given back; `awaited` seats offered to the waiting list;
    `unused` seats of sessions that have begun."""

    release: Release
    offered: int
    taken: int
    accounts: int
    people: int
    returned: int
    awaited: int
    unused: int
    pace: list[Pace]

    @property
    def free(self) -> int:
        return self.offered - self.taken


def report_of(release: Release, *, at: datetime) -> Report:
    """Of a release that is open or was; no name or code of anybody is in it."""
    booked = Appointment.objects.filter(slot__release=release)
    live = booked.filter(status__in=LIVE_APPOINTMENT)
    who = live.aggregate(
        seats=Count("pk"),
        accounts=Count("application__account", distinct=True),
        people=Count("identity", distinct=True),
    )
    return Report(
        release=release,
        offered=release.slots.aggregate(all=Sum("capacity"))["all"] or 0,
        taken=who["seats"],
        accounts=who["accounts"],
        people=who["people"],
        returned=booked.filter(status__in=GIVEN_BACK).count(),
        awaited=_awaited(release),
        unused=_unused(release, at),
        pace=_pace(live, release),
    )


def _awaited(release: Release) -> int:
    """Each time one was: a seat that was declined is offered again."""
    sizes = Func(F("holders"), function="cardinality", output_field=IntegerField())
    offers = Offer.objects.filter(slot__release=release)
    return offers.aggregate(all=Sum(sizes))["all"] or 0


def _unused(release: Release, at: datetime) -> int:
    begun = Slot.objects.filter(release=release, starts_at__lte=at)
    return Seat.objects.filter(Q(holder=None), slot__in=begun).count()


def _pace(live: "QuerySet[Appointment]", release: Release) -> list[Pace]:
    opened = release.opened_at
    moments = list(live.order_by("held_at").values_list("held_at", flat=True))
    if opened is None or not moments:
        return []
    needed = {percent: max(-(-len(moments) * percent // 100), 1) for percent in SHARES}
    return [
        Pace(percent, ceil((moments[count - 1] - opened).total_seconds()))
        for percent, count in needed.items()
    ]
