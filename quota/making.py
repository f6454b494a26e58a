"""Slots and seats of a release in two statements, however many there are."""

from collections.abc import Sequence

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
               ceil(sum(1) OVER day * %(restoration)s / 100.0) AS restored,
               ceil(sum(1) OVER day * %(assisted)s / 100.0) AS assisted
          FROM quota_slot slot, generate_series(1, slot.capacity) number
         WHERE slot.release_id = %(release)s
        WINDOW day AS (PARTITION BY slot.date, slot.service)) seat
"""


# The triggers that look at each seat keep the plans of their questions. Made while there are few
# seats, such a plan reads the whole table each time: a country's month took 53 seconds, not 6.
PLAN_ANEW = "SET LOCAL enable_seqscan = off; DISCARD PLANS"


def make_slots_and_seats(release: Release, sessions: Sequence[Session]) -> tuple[int, int]:
    """Returns how many of each. An office's session that exists already is an IntegrityError."""
    with connection.cursor() as cursor:
        cursor.execute(PLAN_ANEW)
        cursor.execute(
            MAKE_SLOTS,
            {
                "release": release.pk,
                "office": release.office_id,
                "zone": release.office.zone,
                "codes": [new_code() for _session in sessions],
                "days": [session.day for session in sessions],
                "starts": [session.starts for session in sessions],
                "ends": [session.ends for session in sessions],
                "services": [session.service for session in sessions],
                "seats": [session.seats for session in sessions],
            },
        )
        slots = cursor.rowcount
        terms = terms_for(release.office, release.first_day)
        kept = {"restoration": terms.restoration_percent, "assisted": terms.assisted_percent}
        cursor.execute(MAKE_SEATS, {"release": release.pk, **kept})
        return slots, cursor.rowcount


def refresh_statistics() -> None:
    """Many ask for free seats at once, and autovacuum looks only once a minute.

    Until then the planner takes the new seats for taken ones: seconds a question, measured.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE quota_slot, quota_seat, quota_queueticket, quota_queuemember")
