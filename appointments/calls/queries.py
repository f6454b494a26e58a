"""What counters and displays show: numbers, and no names."""

from dataclasses import dataclass
from datetime import datetime

from appointments.calls.enums import NumberStatus, Station
from appointments.calls.models import Call, Counter, QueueNumber
from appointments.models import Appointment
from quota.models import Office

# How many calls a display shows below the last one.
LAST_CALLS = 8
# Of the latest calls, in which those are looked for: a number may be called several times.
RECENT = 40


@dataclass(frozen=True)
class Display:
    """`calls`: the last one of each number, the newest first."""

    office: Office
    day: datetime
    calls: list[Call]
    counters: list[Counter]

    @property
    def last(self) -> Call | None:
        return self.calls[0] if self.calls else None


def display_of(office: Office, *, at: datetime) -> Display:
    day = office.local(at).date()
    calls = Call.objects.filter(number__office=office, number__day=day)
    newest: dict[int, Call] = {}
    for call in calls.select_related("number", "counter").order_by("-pk")[:RECENT]:
        newest.setdefault(call.number_id, call)
    return Display(office, office.local(at), list(newest.values())[: LAST_CALLS + 1], _open(office))


def _open(office: Office) -> list[Counter]:
    return list(Counter.objects.filter(office=office, is_open=True).prefetch_related("numbers"))


@dataclass(frozen=True)
class CounterDesk:
    """What an officer at a counter sees."""

    counter: Counter
    here: QueueNumber | None
    waiting: list[QueueNumber]
    set_aside: list[QueueNumber]

    @property
    def other_stations(self) -> list[tuple[str, str]]:
        others = [one for one in Station if one != self.counter.station]
        return [(one.value, str(one.label)) for one in others]


def desk_of(counter: Counter, *, at: datetime) -> CounterDesk:
    """`waiting` as they have come: priority numbers are called in between."""
    day = counter.office.local(at).date()
    here = QueueNumber.objects.filter(counter=counter).select_related("appointment__application")
    mine = QueueNumber.objects.filter(
        office=counter.office, day=day, station=counter.station, letter__in=counter.letters
    ).order_by("waits_since", "pk")
    return CounterDesk(
        counter,
        here.first(),
        list(mine.filter(status=NumberStatus.WAITING)),
        list(mine.filter(status=NumberStatus.SET_ASIDE)),
    )


def number_of(appointment: Appointment) -> QueueNumber | None:
    """With the counter it is called to."""
    rows = QueueNumber.objects.filter(appointment=appointment)
    return rows.select_related("counter", "office").first()
