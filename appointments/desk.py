"""What an officer's day looks like, in numbers. Today is the office's own day."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from appointments.documents.queries import documents_waiting
from appointments.enums import EXPECTED, SHOWN, AppointmentStatus, Shown
from appointments.models import Appointment
from mpaspor.core.codes import typed_code
from quota.enums import ReleaseStatus, Zone
from quota.models import Office, Release, Slot


@dataclass(frozen=True)
class Desk:
    """One office's today. `free` counts the seats of sessions that have not begun."""

    office: Office
    day: date
    expected: int
    arrived: int
    free: int
    next_release: Release | None
    # Visits to come with a document that nobody has looked at.
    documents: int = 0

    @property
    def awaited(self) -> int:
        return self.expected - self.arrived

    @property
    def is_quiet(self) -> bool:
        return not (self.expected or self.free or self.documents or self.next_release)


def desks(offices: Iterable[Office], *, at: datetime) -> list[Desk]:
    """One for each office, in the order given."""
    documents = documents_waiting(at)
    people, free, releases = _people(at), _free(at), _next_releases(at)
    return [
        Desk(
            office=office,
            day=office.local(at).date(),
            expected=people[office.pk][0],
            arrived=people[office.pk][1],
            free=free.get(office.pk, 0),
            next_release=releases.get(office.pk),
            documents=documents.get(office.pk, 0),
        )
        for office in offices
    ]


def _people(at: datetime) -> dict[int, tuple[int, int]]:
    """How many are expected today and how many of them have come, by office."""
    rows = Appointment.objects.filter(_today(at, "slot__"), status__in=EXPECTED)
    arrived = Count("pk", filter=Q(status=AppointmentStatus.CHECKED_IN))
    counts = rows.values_list("slot__office").annotate(expected=Count("pk"), arrived=arrived)
    return defaultdict(lambda: (0, 0), {office: (all_, come) for office, all_, come in counts})


def _free(at: datetime) -> dict[int, int]:
    slots = Slot.objects.bookable(at).filter(_today(at)).joined_free().order_by()
    return dict(slots.values_list("office").annotate(free_today=Count("free_seats")))


def _next_releases(at: datetime) -> dict[int, Release]:
    coming = Release.objects.filter(status=ReleaseStatus.SCHEDULED, publish_at__gte=at)
    soonest = coming.order_by("office_id", "publish_at").distinct("office_id")
    return {release.office_id: release for release in soonest}


def _today(at: datetime, slot: str = "") -> Q:
    """The sessions of today, which is another day in another zone."""
    days = Q()
    for zone in Zone:
        local = Office(zone=zone).local(at)
        days |= Q((f"{slot}office__zone", zone), (f"{slot}date", local.date()))
    return days


@dataclass(frozen=True)
class Session:
    """One session of a day with the people picked from its roster."""

    slot: Slot
    people: list[Appointment]

    @property
    def arrived(self) -> int:
        return sum(person.status == AppointmentStatus.CHECKED_IN for person in self.people)


def sessions(rows: Iterable[Appointment], *, office: Office, day: date) -> list[Session]:
    """The day's sessions in order, each with those of `rows` that belong to it."""
    people = defaultdict(list)
    for row in rows:
        people[row.slot_id].append(row)
    slots = Slot.objects.filter(office=office, date=day).with_free().order_by("starts", "service")
    return [Session(slot, people[slot.pk]) for slot in slots]


def picked(rows: "QuerySet[Appointment]", *, show: str, words: str) -> "QuerySet[Appointment]":
    """Of a roster those in the wished state whose code or name is searched for."""
    rows = rows.filter(status__in=SHOWN[Shown(show)])
    return rows.filter(named(words, "application__person")) if words else rows


def named(words: str, person: str) -> Q:
    """Rows with this code, or whose `person` has a name that holds these letters."""
    return Q(code=typed_code(words)) | Q((f"{person}__name__icontains", words.strip()))
