"""A counter and who is called to it: one number at a time, each to one counter."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Case, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from appointments.calls.enums import PRIORITY, NumberStatus, Station
from appointments.calls.models import Call, Counter, QueueNumber
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.queries import terms_for


class CounterClosed(Refusal):
    code = "counter-closed"
    message = _("This counter is closed.")
    remedy = _("Open it first.")


class SomebodyThere(Refusal):
    code = "somebody-there"
    message = _("Number %(number)s is still at this counter.")
    remedy = _("Say first what becomes of it: begun, done, sent on, or did not come.")


class NobodyWaits(Refusal):
    code = "nobody-waits"
    message = _("Nobody is waiting for this counter.")
    remedy = _("Press again when somebody has come, or call who did not come before.")


class NumberElsewhere(Refusal):
    code = "number-elsewhere"
    message = _("Number %(number)s is no longer here: %(status)s.")
    remedy = _("Look at the page again: somebody else may have gone on with it.")


class SameStation(Refusal):
    code = "same-station"
    message = _("That is where the person is now.")
    remedy = _("Choose another station.")
    field = "station"
    status = 422


@transaction.atomic
def open_counter(*, counter: Counter, by: trail.By, at: datetime) -> Counter:
    """Numbers may be called to it from now on; repeatable."""
    return _set_open(counter, True, by=by, at=at)


@transaction.atomic
def close_counter(*, counter: Counter, by: trail.By, at: datetime) -> Counter:
    """Repeatable. Raises SomebodyThere."""
    return _set_open(counter, False, by=by, at=at)


@transaction.atomic
def call_next_number(*, counter: Counter, by: trail.By, at: datetime) -> QueueNumber:
    """The next one whom this counter serves, in the order in which they wait.

    Between two priority numbers as many others are called as the office's terms say, while there
    are any of them. Who is being called elsewhere at this moment is passed over.
    Raises CounterClosed, SomebodyThere, NobodyWaits, TermsMissing.
    """
    locked = _free(counter)
    waiting = _waiting(locked, locked.office.local(at).date())
    number = waiting.select_for_update(skip_locked=True).first()
    if number is None:
        raise NobodyWaits
    return _call(number, locked, by=by, at=at)


@transaction.atomic
def call_set_aside(
    *, counter: Counter, number: QueueNumber, by: trail.By, at: datetime
) -> QueueNumber:
    """Who did not come before is here now. Raises CounterClosed, SomebodyThere, NumberElsewhere."""
    open_ = _free(counter)
    locked = _locked(number)
    today = open_.office.local(at).date()
    here = (open_.office_id, open_.station, today, NumberStatus.SET_ASIDE)
    if (locked.office_id, locked.station, locked.day, locked.status) != here:
        raise _elsewhere(locked)
    return _call(locked, open_, by=by, at=at)


@transaction.atomic
def call_again(*, counter: Counter, number: QueueNumber, by: trail.By, at: datetime) -> QueueNumber:
    """The same number once more on the display. Raises NumberElsewhere."""
    locked = _at(counter, number, NumberStatus.CALLED)
    Call.objects.create(number=locked, counter=counter, again=True, at=at)
    return _noted(locked, "called_again", by=by, at=at, counter=counter.number)


@transaction.atomic
def set_aside(*, counter: Counter, number: QueueNumber, by: trail.By, at: datetime) -> QueueNumber:
    """Did not come to the counter; can be called later. Raises NumberElsewhere."""
    locked = _at(counter, number, NumberStatus.CALLED)
    return _leave(locked, NumberStatus.SET_ASIDE, by=by, at=at)


@transaction.atomic
def begin(*, counter: Counter, number: QueueNumber, by: trail.By, at: datetime) -> QueueNumber:
    """The person stands at the counter; repeatable. Raises NumberElsewhere."""
    locked = _at(counter, number, NumberStatus.CALLED, NumberStatus.SERVED)
    if locked.status == NumberStatus.SERVED:
        return locked
    locked.status = NumberStatus.SERVED
    locked.save(update_fields=["status"])
    return _noted(locked, "served", by=by, at=at, counter=counter.number)


@transaction.atomic
def send_on(
    *, counter: Counter, number: QueueNumber, station: str, by: trail.By, at: datetime
) -> QueueNumber:
    """Waits for another station, behind all there. Raises SameStation, NumberElsewhere."""
    if station not in Station or station == counter.station:
        raise SameStation
    locked = _at(counter, number, NumberStatus.SERVED)
    locked.station, locked.waits_since = station, at
    return _leave(locked, NumberStatus.WAITING, by=by, at=at, station=station)


@transaction.atomic
def finish(*, counter: Counter, number: QueueNumber, by: trail.By, at: datetime) -> QueueNumber:
    """Has been at every counter. Raises NumberElsewhere."""
    locked = _at(counter, number, NumberStatus.SERVED)
    return _leave(locked, NumberStatus.DONE, by=by, at=at)


def _set_open(counter: Counter, is_open: bool, *, by: trail.By, at: datetime) -> Counter:
    locked = Counter.objects.select_for_update().get(pk=counter.pk)
    if locked.is_open == is_open:
        return locked
    if not is_open:
        _refuse_occupied(locked)
    locked.is_open = is_open
    locked.save(update_fields=["is_open"])
    deed = f"counter.{'opened' if is_open else 'closed'}"
    trail.record(deed, subject=f"counter:{locked.pk}", by=by, at=at)
    return locked


def _free(counter: Counter) -> Counter:
    """Locked: two presses at one counter call one number."""
    rows = Counter.objects.select_related("office").select_for_update(of=("self",))
    locked = rows.get(pk=counter.pk)
    if not locked.is_open:
        raise CounterClosed
    _refuse_occupied(locked)
    return locked


def _refuse_occupied(counter: Counter) -> None:
    if there := QueueNumber.objects.filter(counter=counter).first():
        raise SomebodyThere(number=str(there))


def _waiting(counter: Counter, day: date) -> "QuerySet[QueueNumber]":
    """Those whom the counter may call, the next one first."""
    priority, others = (0, 1) if _is_turn_of_priority(counter, day) else (1, 0)
    turn = Case(When(letter=PRIORITY, then=Value(priority)), default=Value(others))
    rows = QueueNumber.objects.filter(
        office=counter.office,
        day=day,
        station=counter.station,
        status=NumberStatus.WAITING,
        letter__in=counter.letters,
    )
    return rows.order_by(turn, "waits_since", "pk")


def _is_turn_of_priority(counter: Counter, day: date) -> bool:
    """Whether no priority number is among the last that were called at the station."""
    others = terms_for(counter.office, day).others_before_priority
    calls = Call.objects.filter(
        number__office=counter.office,
        number__day=day,
        counter__station=counter.station,
        again=False,
    )
    last = calls.order_by("-pk").values_list("number__letter", flat=True)[:others]
    return PRIORITY not in last


def _call(number: QueueNumber, counter: Counter, *, by: trail.By, at: datetime) -> QueueNumber:
    number.status, number.counter = NumberStatus.CALLED, counter
    number.save(update_fields=["status", "counter"])
    Call.objects.create(number=number, counter=counter, at=at)
    return _noted(number, "called", by=by, at=at, counter=counter.number)


def _locked(number: QueueNumber) -> QueueNumber:
    return QueueNumber.objects.select_for_update().get(pk=number.pk)


def _at(counter: Counter, number: QueueNumber, *statuses: NumberStatus) -> QueueNumber:
    """The number, locked, if it is at this counter and so far. Raises NumberElsewhere."""
    locked = _locked(number)
    if locked.counter_id != counter.pk or locked.status not in statuses:
        raise _elsewhere(locked)
    return locked


def _elsewhere(number: QueueNumber) -> NumberElsewhere:
    return NumberElsewhere(number=str(number), status=number.get_status_display())


def _leave(
    number: QueueNumber, status: NumberStatus, *, by: trail.By, at: datetime, **facts: str
) -> QueueNumber:
    number.status, number.counter = status, None
    number.save(update_fields=["status", "counter", "station", "waits_since"])
    return _noted(number, "sent_on" if facts else status, by=by, at=at, **facts)


def _noted(
    number: QueueNumber, what: str, *, by: trail.By, at: datetime, **facts: object
) -> QueueNumber:
    """One line each: of the appointment, where there is one."""
    visit = number.appointment
    subject = f"appointment:{visit.code}" if visit else f"queue_number:{number.pk}"
    trail.record(f"queue_number.{what}", subject=subject, by=by, at=at, number=str(number), **facts)
    return number
