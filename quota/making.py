"""Slots and seats of a release in two statements, however many there are."""

from collections.abc import Iterable, Sequence

from django.db import connection

from mpaspor.core.codes import new_code
from quota.models import Release
from quota.planning import Session
from quota.queries import terms_for

MAKE_SLOTS = """
INSERT INTO quota_slot (code, release_id, office_id, date, starts, ends,
                        starts_at, ends_at, service, capacity)
SELECT code, %(release)s, %(office)s, day, starts, ends,
       (day + starts) AT TIME ZONE %(zone)s, (day + ends) AT TIME ZONE %(zone)s, service, seats
  FROM unnest(%(codes)s::text[], %(days)s::date[], %(starts)s::time[], %(ends)s::time[],
              %(services)s::text[], %(seats)s::int[])
    AS session (code, day, starts, ends, service, seats)
"""
# A day's reserve is taken from the last seats of its sessions in turn, so that none gives more than
# its share.
MAKE_SEATS = """
INSERT INTO quota_seat (slot_id, number, reserve)
SELECT slot_id, number, CASE WHEN turn <= restored THEN 'restoration'
                             WHEN turn <= restored + assisted THEN 'assisted' ELSE '' END
  FROM (SELECT slot.id AS slot_id, number,
               row_number() OVER (PARTITION BY slot.date, slot.service
                                  ORDER BY slot.capacity - number, slot.starts) AS turn,
               (count(*) OVER day * %(restoration)s + 99) / 100 AS restored,
               (count(*) OVER day * %(assisted)s + 99) / 100 AS assisted
          FROM quota_slot slot, generate_series(1, slot.capacity) number
         WHERE slot.release_id = %(release)s
        WINDOW day AS (PARTITION BY slot.date, slot.service)) seat
"""


BY_INDEX = "SET LOCAL enable_seqscan = off"
# Nobody waits for the disk: after a crash of the server the timetable opens again, and whoever
# booked in between made all before durable by a commit of their own.
REPEATABLE = "SET LOCAL synchronous_commit = off"


def make_slots_and_seats(release: Release, sessions: Sequence[Session]) -> tuple[int, int]:
    """Returns how many of each. An office's session that exists already is an IntegrityError."""
    with connection.cursor() as cursor:
        cursor.execute(f"{BY_INDEX}; {REPEATABLE}")
        cursor.execute(
            MAKE_SLOTS,
            {
                "release": release.pk,
                "office": release.office_id,
                "zone": release.office.zone,
                "codes": _array(new_code() for _session in sessions),
                "days": _array(session.day for session in sessions),
                "starts": _array(session.starts for session in sessions),
                "ends": _array(session.ends for session in sessions),
                "services": _array(session.service for session in sessions),
                "seats": _array(session.seats for session in sessions),
            },
        )
        slots = cursor.rowcount
        terms = terms_for(release.office, release.first_day)
        kept = {"restoration": terms.restoration_percent, "assisted": terms.assisted_percent}
        cursor.execute(MAKE_SEATS, {"release": release.pk, **kept})
        return slots, cursor.rowcount


def _array(values: Iterable[object]) -> str:
    """As PostgreSQL reads it; the values are codes, days, hours and numbers: nothing to escape."""
    return "{" + ",".join(map(str, values)) + "}"


def plan_anew() -> None:
    """The triggers that look at each seat keep the plans of their questions.

    Made while there are few seats, such a plan reads the whole table each time: a country's month
    took 53 seconds instead of 4.
    """
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")


def refresh_statistics() -> None:
    """Many ask for free seats at once, and autovacuum looks only once a minute.

    Until then the planner takes the new seats for taken ones: seconds a question, measured.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE quota_slot, quota_seat, quota_queueticket, quota_queuemember")
