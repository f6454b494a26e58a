"""Counters, and people who wait for them."""

from datetime import datetime
from typing import Any

from appointments.calls.calling import begin, call_next_number, finish, open_counter, set_aside
from appointments.calls.enums import NumberStatus
from appointments.calls.models import Counter, QueueNumber
from appointments.calls.numbering import give_walk_in_number
from mpaspor.core import clock
from quota.enums import Service
from quota.models import Office
from tests.factories.appointments import make_arrived, make_confirmed
from tests.factories.quota import make_open_slot


def make_counter(office: Office, *, number: int = 1, is_open: bool = True, **facts: Any) -> Counter:
    usual: dict[str, Any] = {"services": list(Service)}
    counter = Counter.objects.create(office=office, number=number, **usual | facts)
    return open_counter(counter=counter, by="test", at=clock.now()) if is_open else counter


def make_number(office: Office, at: datetime) -> QueueNumber:
    """Of a walk-in."""
    return give_walk_in_number(office=office, by="test", at=at)


def make_arrivals(count: int, **facts: Any) -> list[QueueNumber]:
    """Of people who have come to the same session; the first has the lowest number."""
    slot = make_open_slot(seats=count, **facts)
    arrived = [make_arrived(make_confirmed(slot=slot)) for _one in range(count)]
    return [QueueNumber.objects.get(appointment=each) for each in arrived]


def make_at_status(status: str, counter: Counter, at: datetime) -> QueueNumber:
    """A walk-in of the counter's office, so far."""
    number = make_number(counter.office, at)
    told: dict[str, Any] = {"counter": counter, "by": "test", "at": at}
    if status == NumberStatus.WAITING:
        return number
    called = call_next_number(**told)
    assert called.pk == number.pk
    if status == NumberStatus.SET_ASIDE:
        return set_aside(number=called, **told)
    if status in (NumberStatus.SERVED, NumberStatus.DONE):
        begin(number=called, **told)
    if status == NumberStatus.DONE:
        finish(number=called, **told)
    called.refresh_from_db()
    return called
