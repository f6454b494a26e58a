"""Queue numbers and who is called to which counter: deeds, order, every move and its wall."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import Error, transaction

from appointments.arrival import check_in
from appointments.calls.calling import (
    CounterClosed,
    NobodyWaits,
    NumberElsewhere,
    SameStation,
    SomebodyThere,
    begin,
    call_again,
    call_next_number,
    call_set_aside,
    close_counter,
    finish,
    open_counter,
    send_on,
    set_aside,
)
from appointments.calls.enums import AT_A_COUNTER, NUMBER_MOVES, NumberStatus, Station
from appointments.calls.models import Call, Counter, QueueNumber
from appointments.calls.numbering import WalkInsSpent
from appointments.enums import SpecialNeed
from appointments.history import WORDS, events_of
from appointments.models import Appointment
from mpaspor.audit import trail
from mpaspor.core import clock
from quota.enums import Service
from quota.models import Office
from tests.database import sql
from tests.factories.applicants import make_person
from tests.factories.appointments import make_application, make_arrived, make_confirmed
from tests.factories.calls import make_arrivals, make_at_status, make_counter, make_number
from tests.factories.quota import make_office, make_open_slot, make_terms

pytestmark = pytest.mark.django_db

Status = NumberStatus


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def counter(office: Office) -> Counter:
    return make_counter(office)


def at_once(counter: Counter) -> dict[str, Any]:
    return {"counter": counter, "by": "test", "at": clock.now()}


def number_of(appointment: Appointment) -> str:
    return str(QueueNumber.objects.get(appointment=appointment))


# Numbers


@pytest.mark.parametrize(
    ("service", "person", "answers", "number"),
    [
        (Service.REGULAR, {}, {}, "A001"),
        (Service.ACCELERATED, {}, {"service": "accelerated"}, "B001"),
        (Service.PRIORITY, {"birth_date": date(1950, 3, 2)}, {}, "P001"),
        (Service.REGULAR, {"birth_date": date(1950, 3, 2)}, {}, "P001"),
        (Service.REGULAR, {}, {"need": SpecialNeed.PREGNANCY}, "P001"),
        (Service.ACCELERATED, {}, {"service": "accelerated", "need": "disability"}, "P001"),
    ],
)
def test_letter_of_a_number_is_that_of_the_service_or_of_a_need(
    service: str, person: dict[str, Any], answers: dict[str, Any], number: str
) -> None:
    if "need" in answers:
        answers = answers | {"need": SpecialNeed(answers["need"])}
    application = make_application(person=make_person(**person), **answers)
    slot = make_open_slot(service=service)
    arrived = make_arrived(make_confirmed(slot=slot, application=application))
    assert number_of(arrived) == number


def test_numbers_follow_each_other_at_an_office_and_begin_anew_each_day(office: Office) -> None:
    first, second = make_arrivals(2, office=office)
    tomorrow = make_open_slot(office=office, starts_at=clock.now() + timedelta(days=3))
    others = [make_arrivals(1), [QueueNumber.objects.get(appointment=_arrived_at(tomorrow))]]
    assert [str(first), str(second)] == ["A001", "A002"]
    assert [str(number) for (number,) in others] == ["A001", "A001"]


def _arrived_at(slot: Any) -> Appointment:
    return make_arrived(make_confirmed(slot=slot))


def test_check_in_twice_gives_one_number_and_says_it_in_the_audit() -> None:
    arrived = make_arrived()
    slot = arrived.slot
    check_in(appointment=arrived, office=slot.office, by="test", at=slot.starts_at)
    assert QueueNumber.objects.count() == 1
    (entry,) = [each for each in trail.of(f"appointment:{arrived.code}") if "check_in" in each.deed]
    assert entry.facts["number"] == "A001"


def test_walk_ins_get_priority_numbers_as_many_as_the_terms_say(office: Office) -> None:
    make_terms(office=office, walk_ins=2)
    given = [str(make_number(office, clock.now())) for _one in range(2)]
    with pytest.raises(WalkInsSpent), transaction.atomic():
        make_number(office, clock.now())
    assert (given, QueueNumber.objects.count()) == (["P001", "P002"], 2)
    later = make_number(office, clock.now() + timedelta(days=1))
    assert str(later) == "P001"


# The order


@pytest.mark.parametrize(
    ("others", "wanted"),
    [
        (2, ["P001", "A001", "A002", "P002", "A003"]),
        (1, ["P001", "A001", "P002", "A002", "A003"]),
        (0, ["P001", "P002", "A001", "A002", "A003"]),
        (9, ["P001", "A001", "A002", "A003", "P002"]),
    ],
)
def test_priority_numbers_are_mixed_in_as_the_terms_say(
    office: Office, others: int, wanted: list[str]
) -> None:
    make_terms(office=office, others_before_priority=others)
    at = make_arrivals(3, office=office)[0].waits_since
    for _two in range(2):
        make_number(office, at)
    counters = [make_counter(office, number=number) for number in range(5)]
    called = [call_next_number(counter=each, by="test", at=at) for each in counters]
    assert [str(number) for number in called] == wanted
    with pytest.raises(NobodyWaits):
        call_next_number(counter=make_counter(office, number=6), by="test", at=at)


def test_counter_calls_only_whom_it_serves(office: Office) -> None:
    at = make_arrivals(1, office=office)[0].waits_since
    make_number(office, at)
    only = make_counter(office, services=[Service.REGULAR])
    biometrics = make_counter(office, number=2, station=Station.BIOMETRICS)
    elsewhere = make_counter(make_office())
    for counter in (biometrics, elsewhere):
        with pytest.raises(NobodyWaits):
            call_next_number(counter=counter, by="test", at=at)
    with pytest.raises(NobodyWaits):
        call_next_number(counter=only, by="test", at=at + timedelta(days=1))
    assert str(call_next_number(counter=only, by="test", at=at)) == "A001"


def test_sent_on_waits_behind_those_of_the_other_station(office: Office) -> None:
    at = clock.now()
    interview = make_counter(office)
    biometrics = make_counter(office, number=2, station=Station.BIOMETRICS)
    for minutes in (0, 1):
        number = make_at_status(Status.SERVED, interview, at + timedelta(minutes=minutes))
        told: dict[str, Any] = {"counter": interview, "number": number, "by": "test", "at": at}
        with pytest.raises(SameStation):
            send_on(**told, station=Station.INTERVIEW)
        send_on(**told | {"at": at + timedelta(minutes=minutes)}, station=Station.BIOMETRICS)
    first = call_next_number(counter=biometrics, by="test", at=at)
    assert (str(first), first.status) == ("P001", Status.CALLED)


# Every move

PRESSES: dict[str, Callable[..., QueueNumber]] = {
    "again": call_again,
    "absent": set_aside,
    "begin": begin,
    "send_on": lambda **told: send_on(station=Station.BIOMETRICS, **told),
    "finish": finish,
    "back": call_set_aside,
}
LEADS = {
    (Status.CALLED, "again"): Status.CALLED,
    (Status.CALLED, "absent"): Status.SET_ASIDE,
    (Status.CALLED, "begin"): Status.SERVED,
    (Status.SERVED, "begin"): Status.SERVED,
    (Status.SERVED, "send_on"): Status.WAITING,
    (Status.SERVED, "finish"): Status.DONE,
    (Status.SET_ASIDE, "back"): Status.CALLED,
}


@pytest.mark.parametrize(("status", "press"), list(product(Status, PRESSES)))
def test_each_press_leads_where_it_should_or_is_refused(
    counter: Counter, status: NumberStatus, press: str
) -> None:
    told = at_once(counter)
    number = make_at_status(status, counter, told["at"])
    other = make_counter(counter.office, number=9)
    wanted = LEADS.get((status, press))
    lines = len(trail.of(f"queue_number:{number.pk}"))
    if wanted is None:
        refused = SomebodyThere if press == "back" and status in AT_A_COUNTER else NumberElsewhere
        with pytest.raises(refused):
            PRESSES[press](number=number, **told)
    else:
        if press != "back":
            with pytest.raises(NumberElsewhere):
                PRESSES[press](number=number, **told | {"counter": other})
        assert PRESSES[press](number=number, **told).status == wanted
    number.refresh_from_db()
    assert number.status == (wanted or status)
    added = len(trail.of(f"queue_number:{number.pk}")) - lines
    assert added == int(wanted is not None and (status, press) != (Status.SERVED, "begin"))


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_postgresql_lets_a_number_move_along_the_table_only(
    counter: Counter, before: NumberStatus, after: NumberStatus
) -> None:
    number = make_at_status(before, counter, clock.now())
    rows = QueueNumber.objects.filter(pk=number.pk)
    facts = {"status": after, "counter": counter if after in AT_A_COUNTER else None}
    if before == after or (before, after) in NUMBER_MOVES:
        assert rows.update(**facts) == 1
    else:
        with pytest.raises(Error, match="Invalid transition"), transaction.atomic():
            rows.update(**facts)


def test_set_aside_of_another_day_office_or_station_is_not_called(counter: Counter) -> None:
    at = clock.now()
    number = make_at_status(Status.SET_ASIDE, counter, at)
    office = counter.office
    biometrics = make_counter(office, number=2, station=Station.BIOMETRICS)
    for where, when in (
        (counter, at + timedelta(days=1)),
        (biometrics, at),
        (make_counter(make_office()), at),
    ):
        with pytest.raises(NumberElsewhere):
            call_set_aside(counter=where, number=number, by="test", at=when)


def test_counter_has_one_number_at_a_time_and_closes_without_one(counter: Counter) -> None:
    told = at_once(counter)
    number = make_at_status(Status.CALLED, counter, told["at"])
    make_number(counter.office, told["at"])
    for deed in (call_next_number, close_counter):
        with pytest.raises(SomebodyThere):
            deed(**told)
    set_aside(number=number, **told)
    for _twice in range(2):
        assert not close_counter(**told).is_open
    for deed in (call_next_number, lambda **given: call_set_aside(number=number, **given)):
        with pytest.raises(CounterClosed):
            deed(**told)
    assert open_counter(**told).is_open
    deeds = [entry.deed for entry in trail.of(f"counter:{counter.pk}")]
    assert deeds == ["counter.opened", "counter.closed", "counter.opened"]


def test_calls_are_kept_and_leave_a_line_each(counter: Counter) -> None:
    told = at_once(counter)
    (number,) = make_arrivals(1, office=counter.office)
    told["at"] = number.waits_since
    call_next_number(**told)
    call_again(number=number, **told)
    assert list(Call.objects.order_by("pk").values_list("again", flat=True)) == [False, True]
    assert number.appointment is not None
    deeds = [entry.deed for entry in trail.of(f"appointment:{number.appointment.code}")]
    assert deeds[-2:] == ["queue_number.called", "queue_number.called_again"]
    history, _looks = events_of(number.appointment)
    assert [event.what for event in history[:2]] == ["Number called again", "Number called"]


def test_officers_read_words_for_all_that_happens_to_a_number() -> None:
    done = [
        "called",
        "called_again",
        "served",
        "sent_on",
        NumberStatus.SET_ASIDE,
        NumberStatus.DONE,
    ]
    assert [deed for deed in done if f"queue_number.{deed}" not in WORDS] == []


# The walls


@pytest.mark.parametrize(
    ("attempt", "wall"),
    [
        ("UPDATE appointments_queuenumber SET counter_id = {other} WHERE id = {called}", "another"),
        (
            "UPDATE appointments_queuenumber SET status = 'called', counter_id = {counter} "
            "WHERE id = {waiting}",
            "one_number_at_a_counter",
        ),
        (
            "UPDATE appointments_queuenumber SET status = 'called', counter_id = {closed} "
            "WHERE id = {waiting}",
            "does not serve",
        ),
        (
            "UPDATE appointments_queuenumber SET status = 'called', counter_id = {elsewhere} "
            "WHERE id = {waiting}",
            "does not serve",
        ),
        (
            "UPDATE appointments_queuenumber SET status = 'called', counter_id = {biometrics} "
            "WHERE id = {waiting}",
            "does not serve",
        ),
        (
            "UPDATE appointments_queuenumber SET status = 'called' WHERE id = {waiting}",
            "called_number_has_a_counter",
        ),
        ("UPDATE appointments_queuenumber SET station = 'biometrics' WHERE id = {called}", "serve"),
        ("UPDATE appointments_queuenumber SET number = 9 WHERE id = {waiting}", "Cannot update"),
        ("UPDATE appointments_queuenumber SET letter = 'A' WHERE id = {waiting}", "Cannot update"),
        (
            "INSERT INTO appointments_queuenumber (office_id, day, letter, number, station, status,"
            " waits_since) SELECT office_id, day, 'P', number, station, 'waiting', waits_since"
            " FROM appointments_queuenumber WHERE id = {waiting}",
            "queue_number_given_once",
        ),
        (
            "INSERT INTO appointments_queuenumber (office_id, day, letter, number, station, status,"
            " waits_since) SELECT office_id, day, 'A', number, station, 'waiting', waits_since"
            " FROM appointments_queuenumber WHERE id = {waiting}",
            "walk_in_is_priority",
        ),
        ("UPDATE appointments_counter SET is_open = false WHERE id = {counter}", "somebody is at"),
        ("UPDATE appointments_counter SET station = 'x' WHERE id = {counter}", "somebody is at"),
        ("UPDATE appointments_counter SET services = '{{}}' WHERE id = {counter}", "something"),
        ("UPDATE appointments_counter SET services = '{{x}}' WHERE id = {counter}", "something"),
        ("UPDATE appointments_counter SET office_id = {away} WHERE id = {counter}", "Cannot"),
        ("DELETE FROM appointments_counter WHERE id = {counter}", "violates"),
        ("UPDATE appointments_call SET again = true", "Cannot update"),
    ],
)
def test_postgresql_refuses_past_every_deed(counter: Counter, attempt: str, wall: str) -> None:
    at, office = clock.now(), counter.office
    called = make_at_status(Status.CALLED, counter, at)
    facts = {
        "counter": counter.pk,
        "called": called.pk,
        "waiting": make_number(office, at).pk,
        "other": make_counter(office, number=2).pk,
        "closed": make_counter(office, number=3, is_open=False).pk,
        "biometrics": make_counter(office, number=4, station=Station.BIOMETRICS).pk,
        "elsewhere": make_counter(away := make_office()).pk,
        "away": away.pk,
    }
    with pytest.raises(Error, match=wall):
        sql(f"SET CONSTRAINTS ALL IMMEDIATE; {attempt.format(**facts)}")
