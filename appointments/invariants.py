"""What must hold of the whole service; each broken rule is one line."""

import logging
from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from appointments.enums import LIVE_APPOINTMENT, TO_COME
from mpaspor.audit import roots, trail
from mpaspor.notifications import delivery
from payments import invariants as payments
from quota import invariants as quota

log = logging.getLogger(__name__)

RULES = {
    "live appointment without its seat": """
        SELECT a.code FROM appointments_appointment a WHERE a.status = ANY(%(live)s) AND NOT EXISTS
        (SELECT 1 FROM quota_seat s WHERE s.holder = a.code AND s.slot_id = a.slot_id)""",
    "seat held by a dead or unknown appointment": """
        SELECT s.holder FROM quota_seat s WHERE s.holder IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM appointments_appointment a
        WHERE a.code = s.holder AND a.status = ANY(%(live)s))
        AND s.holder NOT IN
        (SELECT unnest(o.holders) FROM quota_offer o WHERE o.status = 'open')""",
    "open offer without its seats": """
        SELECT o.code FROM quota_offer o WHERE o.status = 'open' AND cardinality(o.holders) <>
        (SELECT count(*) FROM quota_seat s WHERE s.holder = ANY(o.holders)
        AND s.slot_id = o.slot_id)""",
    "offer open ten minutes after its end": """
        SELECT o.code FROM quota_offer o WHERE o.status = 'open'
        AND o.until < %(at)s - interval '10 minutes'""",
    "wish of another size than its party": """
        SELECT w.code FROM quota_wish w WHERE w.status = 'waiting' AND w.size <>
        (SELECT count(*) FROM quota_wishmember m WHERE m.wish_id = w.id AND m.live)""",
    "two live appointments of one person": """
        SELECT max(code) FROM appointments_appointment WHERE status = ANY(%(to_come)s)
        GROUP BY identity_id HAVING count(*) > 1""",
    "confirmed without money": """
        SELECT a.code FROM appointments_appointment a LEFT JOIN payments_bill b ON b.id = a.bill_id
        WHERE a.status IN ('confirmed', 'checked_in') AND b.status IS DISTINCT FROM 'paid'""",
    "settled yet expired": """
        SELECT a.code FROM appointments_appointment a JOIN payments_bill b ON b.id = a.bill_id
        WHERE a.status IN ('expired', 'released') AND b.status = 'paid'
        AND b.closed_at < %(at)s - interval '1 minute' AND NOT EXISTS
        (SELECT 1 FROM payments_case c WHERE c.payment_id = b.paid_by_id
        AND c.ending NOT IN ('matched', 'seated'))""",
    "paid bill without appointment or case": """
        SELECT b.code FROM payments_bill b WHERE b.status = 'paid'
        AND b.closed_at < %(at)s - interval '1 minute' AND NOT EXISTS
        (SELECT 1 FROM appointments_appointment a WHERE a.bill_id = b.id) AND NOT EXISTS
        (SELECT 1 FROM payments_case c WHERE c.payment_id = b.paid_by_id)""",
    "paid but not confirmed for ten minutes": """
        SELECT a.code FROM appointments_appointment a JOIN payments_bill b ON b.id = a.bill_id
        WHERE a.status = 'awaiting_payment' AND b.status = 'paid'
        AND b.closed_at < %(at)s - interval '10 minutes'""",
    "expired but not given back for ten minutes": """
        SELECT a.code FROM appointments_appointment a JOIN payments_bill b ON b.id = a.bill_id
        WHERE a.status = 'awaiting_payment' AND b.status IN ('expired', 'void')
        AND b.closed_at < %(at)s - interval '10 minutes'""",
    "bill of several accounts": """
        SELECT b.code FROM appointments_appointment a JOIN payments_bill b ON b.id = a.bill_id
        JOIN appointments_application p ON p.id = a.application_id
        GROUP BY b.code HAVING count(DISTINCT p.account_id) > 1""",
    "application and appointment disagree": """
        SELECT p.code FROM appointments_application p WHERE p.status IN
        ('submitted', 'paid', 'scheduled', 'arrived') AND NOT EXISTS
        (SELECT 1 FROM appointments_appointment a WHERE a.application_id = p.id
        AND a.status = CASE p.status WHEN 'submitted' THEN 'awaiting_payment'
        WHEN 'paid' THEN 'expired' WHEN 'scheduled' THEN 'confirmed'
        ELSE 'checked_in' END)""",
}


def broken(*, at: datetime) -> Iterator[str]:
    """Every broken rule of the service, in words with the code of the row."""
    yield from quota.broken()
    yield from payments.broken(at=at)
    for rule, statement in RULES.items():
        with connection.cursor() as cursor:
            cursor.execute(
                statement, {"at": at, "live": list(LIVE_APPOINTMENT), "to_come": list(TO_COME)}
            )
            for (code,) in cursor.fetchall():
                yield f"{rule}: {code}"
    yield from (f"outbox: {line}" for line in delivery.overdue(at=at))
    yield from (f"audit chain broken at entry {pk}" for pk in trail.broken_links())
    yield from (f"audit root of {day} does not fit the chain" for day in roots.broken_roots())


def report(*, at: datetime) -> list[str]:
    lines = list(broken(at=at))
    for line in lines:
        log.error("invariant broken: %s", line)
    return lines
