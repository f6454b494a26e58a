"""Slots and seats of a release, however many there are."""

from collections.abc import Iterable, Sequence

from django.db import connection

from mpaspor.core.codes import new_code
from quota.models import Release
from quota.planning import Session
from quota.queries import terms_for
from quota.reserves import kept_seats

# In one statement, and the seats from the sessions it has just made.
MAKE = """
WITH slot AS (
  INSERT INTO quota_slot (code, release_id, office_id, date, starts, ends,
                          starts_at, ends_at, service, capacity)
  SELECT code, %(release)s, %(office)s, day, starts, ends,
         (day + starts) AT TIME ZONE %(zone)s, (day + ends) AT TIME ZONE %(zone)s, service, seats
    FROM unnest(%(codes)s::text[], %(days)s::date[], %(starts)s::time[], %(ends)s::time[],
                %(services)s::text[], %(seats)s::int[])
      AS session (code, day, starts, ends, service, seats)
  RETURNING id, code, capacity)
INSERT INTO quota_seat (slot_id, number, reserve)
SELECT slot.id, number, coalesce(kept.reserve, '')
  FROM slot CROSS JOIN generate_series(1, slot.capacity) number
  LEFT JOIN unnest(%(kept_codes)s::text[], %(kept_numbers)s::int[], %(reserves)s::text[])
         AS kept (code, number, reserve) USING (code, number)
"""
# For the triggers' plans, see plan_anew.
BY_INDEX = "SET LOCAL enable_seqscan = off"
# Nobody waits for the disk: after a crash of the server the timetable opens again, and whoever
# booked in between made all before durable by a commit of their own.
REPEATABLE = "SET LOCAL synchronous_commit = off"


def make_slots_and_seats(release: Release, sessions: Sequence[Session]) -> tuple[int, int]:
    """Returns how many of each. An office's session that exists already is an IntegrityError."""
    coded = {new_code(): session for session in sessions}
    kept = kept_seats(coded, terms=terms_for(release.office, release.first_day))
    with connection.cursor() as cursor:
        cursor.execute(f"{BY_INDEX}; {REPEATABLE}")
        cursor.execute(
            MAKE,
            {
                "release": release.pk,
                "office": release.office_id,
                "zone": release.office.zone,
                "codes": _array(coded),
                "days": _array(session.day for session in sessions),
                "starts": _array(session.starts for session in sessions),
                "ends": _array(session.ends for session in sessions),
                "services": _array(session.service for session in sessions),
                "seats": _array(session.seats for session in sessions),
                "kept_codes": _array(code for code, _number, _reserve in kept),
                "kept_numbers": _array(number for _code, number, _reserve in kept),
                "reserves": _array(reserve for _code, _number, reserve in kept),
            },
        )
        return len(coded), cursor.rowcount


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
