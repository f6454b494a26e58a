"""A month of the whole country opened at once, and the same rows inserted as plainly as can be."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as hour

from django.db import connection, transaction

from quota.enums import ReleaseStatus, Service, Zone
from quota.models import Office, Plan, PlanLine, Release, Seat, Slot
from quota.release import open_due_releases

OFFICES, DAYS, SESSIONS, SEATS = 150, 22, 8, 5
SLOTS = OFFICES * DAYS * SESSIONS
INSERT_SLOTS = """
INSERT INTO quota_slot (code, release_id, office_id, date, starts, ends, starts_at, ends_at,
                        service, capacity)
SELECT substr(md5(release.id || '-' || day || '-' || hour), 1, 10), release.id,
       release.office_id, release.first_day + day, make_time(8 + hour, 0, 0),
       make_time(9 + hour, 0, 0), release.first_day + day + make_interval(hours => 1 + hour),
       release.first_day + day + make_interval(hours => 2 + hour), 'regular', %(seats)s
  FROM quota_release release, generate_series(0, %(days)s - 1) day,
       generate_series(0, %(sessions)s - 1) hour
 WHERE release.id = ANY (%(releases)s)
"""
PLANS_FOR_MANY = "SET LOCAL enable_seqscan = off; SET LOCAL enable_nestloop = off; DISCARD PLANS"
INSERT_SEATS = """
INSERT INTO quota_seat (slot_id, number, reserve)
SELECT slot.id, number, '' FROM quota_slot slot, generate_series(1, %(seats)s) number
 WHERE slot.release_id = ANY (%(releases)s)
"""


def opening() -> float:
    """Slots a second by the deed: audited, each release in a transaction of its own."""
    releases = make_releases()
    rate = timed(lambda: open_due_releases(at=datetime.now(UTC)))
    # Again does nothing: neither a slot nor a seat more.
    assert open_due_releases(at=datetime.now(UTC)) == 0
    return cleared(releases, rate)


def plain_insert() -> float:
    releases = make_releases()
    facts: dict[str, int | list[int]] = {
        "seats": SEATS,
        "days": DAYS,
        "sessions": SESSIONS,
        "releases": releases,
    }

    def insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # Plans kept from an empty table would flatter the deed: minutes instead of seconds.
            cursor.execute(PLANS_FOR_MANY)
            cursor.execute(INSERT_SLOTS, facts)
            cursor.execute(INSERT_SEATS, facts)

    return cleared(releases, timed(insert))


def timed(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return SLOTS / (time.perf_counter() - began)


def cleared(releases: list[int], rate: float) -> float:
    """Counted, and taken away so that the next one finds the same tables."""
    slots = Slot.objects.filter(release__in=releases)
    assert (slots.count(), Seat.objects.filter(slot__in=slots).count()) == (SLOTS, SLOTS * SEATS)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE quota_release CASCADE")
        cursor.execute("VACUUM ANALYZE quota_slot, quota_seat")
    return rate


def make_releases() -> list[int]:
    """One for each office, due now; weekdays only, so that the days are the same for all."""
    now = datetime.now(UTC)
    monday = now.date() + timedelta(days=21 - now.weekday())
    releases = []
    for number in range(OFFICES):
        office, _new = Office.objects.get_or_create(
            code=f"open-{number}", defaults={"name": f"Open {number}", "zone": Zone.WIB}
        )
        plan = Plan.objects.filter(office=office).first() or make_plan(office)
        release = Release.objects.create(
            office=office,
            plan=plan,
            first_day=monday,
            last_day=monday + timedelta(days=DAYS - 1),
            publish_at=now,
        )
        for status in (ReleaseStatus.REVIEWED, ReleaseStatus.SCHEDULED):
            Release.objects.filter(pk=release.pk).update(status=status)
        releases.append(release.pk)
    return releases


def make_plan(office: Office) -> Plan:
    """The same sessions on each day of the week."""
    plan = Plan.objects.create(office=office, name="month")
    PlanLine.objects.bulk_create(
        PlanLine(
            plan=plan,
            weekday=weekday,
            starts=hour(8 + session),
            ends=hour(9 + session),
            service=Service.REGULAR,
            seats=SEATS,
        )
        for weekday in range(7)
        for session in range(SESSIONS)
    )
    return plan
