from contextlib import suppress
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mpaspor.core import clock
from quota.enums import ReleaseStatus, Service
from quota.models import Office, Release, Slot, Terms
from quota.queries import (
    SlotGone,
    TermsMissing,
    earliest_free,
    free_dates,
    free_sessions,
    next_releases,
    offices,
    offices_with_free,
    slot_for_booking,
    terms_for,
)
from quota.seats import take_seat
from tests.database import triggers_off
from tests.factories.quota import make_office, make_open_slot, make_plan, make_release, make_terms

pytestmark = pytest.mark.django_db

REGULAR = Service.REGULAR


@pytest.mark.parametrize(
    ("search", "found"),
    [("", 3), ("denpasar", 1), ("  KANTOR  bali ", 1), ("a", 3), ("zzz", 0), ("%", 0), ("\0", 3)],
)
def test_offices_by_words_finds_names_cities_and_provinces(search: str, found: int) -> None:
    make_office(name="Kantor Denpasar", city="Kota Denpasar", province="Bali")
    make_office(name="Kantor Jayapura", city="Kota Jayapura", province="Papua")
    make_office(name="Kantor Medan", city="Kota Medan", province="Sumatera Utara")

    assert offices(search).count() == found


def test_terms_for_office_prefers_its_own_then_the_latest_in_force() -> None:
    office, other = make_office(), make_office()
    make_terms(office=office, in_force_from=date(2026, 1, 1), hold_minutes=20)
    make_terms(office=office, in_force_from=date(2026, 6, 1), hold_minutes=25)
    make_terms(office=office, in_force_from=date(2027, 1, 1), hold_minutes=30)
    make_terms(in_force_from=date(2026, 8, 1), hold_minutes=10)

    assert terms_for(office, date(2026, 9, 1)).hold_minutes == 25
    assert terms_for(office, date(2026, 5, 31)).hold_minutes == 20
    assert terms_for(office, date(2025, 1, 1)).hold_minutes == 15
    assert terms_for(other, date(2026, 9, 1)).hold_minutes == 10


def test_terms_for_office_takes_one_question() -> None:
    office = make_office()

    with CaptureQueriesContext(
        connection,
    ) as asked:
        terms_for(office, date(2026, 9, 1))

    assert len(asked) == 1


def test_terms_for_office_without_any_in_force_refuses_loudly() -> None:
    office = make_office()
    Terms.objects.all().delete()

    with pytest.raises(TermsMissing) as no:
        terms_for(office, date(2026, 9, 1))

    assert office.name in str(no.value)


def test_slot_for_booking_takes_what_is_bookable_and_nothing_else() -> None:
    at = clock.now()
    for minutes, status, closed in product((-1, 0, 1), ReleaseStatus, (None, at)):
        slot = make_open_slot(starts_at=at + timedelta(minutes=minutes))
        with triggers_off():
            Release.objects.filter(pk=slot.release_id).update(status=status)
            Slot.objects.filter(pk=slot.pk).update(closed_at=closed)
    codes = [*Slot.objects.values_list("code", flat=True), "NOSUCHSLOT", "NUL\0"]
    found = set()
    for code in codes:
        with suppress(SlotGone):
            found.add(slot_for_booking(code, at))
    assert found == set(Slot.objects.bookable(at))
    assert len(found) == 1


def test_slot_for_booking_that_is_unknown_closed_or_begun_refuses() -> None:
    begun = make_open_slot(starts_at=clock.now() - timedelta(minutes=1))
    closed = make_open_slot()
    Release.objects.filter(pk=closed.release_id).update(status=ReleaseStatus.CLOSED)

    for code in ("NOSUCH", begun.code, closed.code):
        with pytest.raises(SlotGone):
            slot_for_booking(code, clock.now())


def test_free_dates_counts_free_seats_of_open_future_sessions_by_day() -> None:
    office, now = make_office(), clock.now()
    soon, later = now + timedelta(days=5), now + timedelta(days=6)
    full = make_open_slot(office=office, seats=1, starts_at=soon)
    make_open_slot(office=office, seats=4, starts_at=later)
    part = make_open_slot(office=office, seats=3, starts_at=later + timedelta(minutes=1))
    make_open_slot(office=office, seats=9, starts_at=later, service=Service.ACCELERATED)
    make_open_slot(office=office, seats=9, starts_at=now - timedelta(days=1))
    make_open_slot(seats=9, starts_at=later)
    take_seat(slot=full, holder="A")
    take_seat(slot=part, holder="B")

    found = free_dates(
        office, full.date - timedelta(days=30), full.date + timedelta(days=30), REGULAR, now
    )

    assert found == {full.date: 0, part.date: 6}


def test_free_dates_leaves_out_days_beyond_the_asked_ones() -> None:
    slot = make_open_slot()

    day = slot.date + timedelta(days=1)

    assert free_dates(slot.office, day, day, REGULAR, clock.now()) == {}


@pytest.mark.parametrize("number", [1, 3])
def test_free_sessions_takes_one_question_however_many(number: int) -> None:
    office, start = make_office(), clock.now().replace(hour=3, minute=0) + timedelta(days=9)
    for hour in range(number):
        slot = make_open_slot(office=office, starts_at=start + timedelta(hours=hour))

    now = clock.now()
    with CaptureQueriesContext(connection) as asked:
        sessions = free_sessions(office, slot.date, REGULAR, now)
        found = [(session.free, session.office.name) for session in sessions]

    assert found == [(3, office.name)] * number
    assert len(asked) == 1


def test_free_sessions_shows_full_ones_as_nought() -> None:
    slot = make_open_slot(seats=1)
    take_seat(slot=slot, holder="A")

    assert [s.free for s in free_sessions(slot.office, slot.date, REGULAR, clock.now())] == [0]


def test_earliest_free_passes_full_days() -> None:
    office, now = make_office(), clock.now()
    full = make_open_slot(office=office, seats=1, starts_at=now + timedelta(days=2))
    take_seat(slot=full, holder="A")
    free = make_open_slot(office=office, starts_at=now + timedelta(days=4))

    assert earliest_free(office, REGULAR, now) == free.date
    assert earliest_free(office, Service.ACCELERATED, now) is None


def test_offices_with_free_names_the_fullest_first() -> None:
    make_office(name="A")
    make_open_slot(seats=2, office=make_office(name="B"))
    make_open_slot(seats=5, office=make_office(name="C"))

    found = offices_with_free(search="", service=REGULAR, at=clock.now())

    assert [(row.name, vars(row)["free"]) for row in found] == [("C", 5), ("B", 2), ("A", 0)]


def test_next_releases_are_the_announced_ones_soonest_first() -> None:
    now = clock.now()
    plan = make_plan(make_office())

    def announced(hours: int, status: str = ReleaseStatus.SCHEDULED, **facts: Any) -> Release:
        return make_release(status=status, publish_at=now + timedelta(hours=hours), **facts)

    late, soon = announced(9, plan=plan), announced(2)
    announced(1, ReleaseStatus.REVIEWED)
    announced(-1)

    assert next_releases(now, 5) == [soon, late]
    assert next_releases(now, 1) == [soon]
    assert next_releases(now, 5, plan.office) == [late]


def test_offices_are_sorted_by_name() -> None:
    make_office(name="B")
    make_office(name="A")

    assert [office.name for office in Office.objects.all()] == ["A", "B"]
