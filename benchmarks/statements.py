"""The SQL of a booking, statement for statement as the deeds ask PostgreSQL; and the textbook's.

On the same tables with the same constraints and triggers; no models, no rules.
"""

import random
from typing import Any

from mpaspor.core.codes import new_code
from quota.seats import TAKE_ANY

HOLD = [
    "SELECT clock_timestamp()",
    "SELECT * FROM appointments_application WHERE code = %(application)s FOR UPDATE",
    """SELECT * FROM quota_slot s JOIN quota_release r ON r.id = s.release_id
       JOIN quota_office o ON o.id = s.office_id
       WHERE s.code = %(slot)s AND r.status = 'open' AND s.starts_at > now()""",
    """SELECT * FROM appointments_appointment p JOIN appointments_application a
       ON a.id = p.application_id WHERE a.code = %(application)s AND p.status = 'held'
       ORDER BY p.id LIMIT 1""",
    """SELECT 1 FROM appointments_application WHERE identity_id =
       (SELECT identity_id FROM appointments_application WHERE code = %(application)s)
       AND status IN ('submitted', 'scheduled', 'arrived') LIMIT 1""",
    """SELECT * FROM quota_terms WHERE in_force_from <= now() AND office_id IS NULL
       ORDER BY in_force_from DESC LIMIT 1""",
    """INSERT INTO appointments_appointment
       (code, application_id, identity_id, slot_id, status, held_at, hold_until)
       SELECT %(code)s, a.id, a.identity_id, s.id, 'held', now(), now() + interval '15 minutes'
       FROM appointments_application a, quota_slot s
       WHERE a.code = %(application)s AND s.code = %(slot)s RETURNING id""",
    """INSERT INTO audit_entry (at, deed, subject, door, facts)
       VALUES (now(), 'appointment.hold', %(code)s, 'bare', '{}') RETURNING id""",
]
PAY = [
    "SELECT clock_timestamp()",
    """SELECT * FROM appointments_appointment p JOIN appointments_application a
       ON a.id = p.application_id JOIN applicants_person n ON n.id = a.person_id
       JOIN quota_slot s ON s.id = p.slot_id JOIN quota_office o ON o.id = s.office_id
       WHERE a.code = %(application)s AND p.status = 'held' FOR UPDATE OF p""",
    """SELECT * FROM quota_terms WHERE in_force_from <= now() AND office_id IS NULL
       ORDER BY in_force_from DESC LIMIT 1""",
    "SELECT * FROM payments_tariff WHERE code = 'EPASSPORT-5' AND in_force_from <= now()",
    """INSERT INTO payments_bill (code, payer, payer_name, amount, status, pay_minutes,
       grace_minutes, requested_at, next_at, attempts, order_number, trouble)
       SELECT %(bill)s, p.code, 'BARE', 650000, 'requested', 120, 15, now(), now(), 0, 1, ''
       FROM appointments_appointment p JOIN appointments_application a ON a.id = p.application_id
       WHERE a.code = %(application)s AND p.status = 'held' RETURNING id""",
    """INSERT INTO payments_billline (bill_id, tariff, description, amount)
       SELECT id, 'EPASSPORT-5', 'Electronic passport', 650000 FROM payments_bill
       WHERE code = %(bill)s RETURNING id""",
    """INSERT INTO audit_entry (at, deed, subject, door, facts)
       VALUES (now(), 'bill.request', %(bill)s, 'bare', '{}') RETURNING id""",
    """UPDATE appointments_appointment p SET status = 'awaiting_payment', bill_id = b.id
       FROM payments_bill b, appointments_application a WHERE b.code = %(bill)s
       AND a.id = p.application_id AND a.code = %(application)s AND p.status = 'held'""",
    "UPDATE appointments_application SET status = 'submitted' WHERE code = %(application)s",
    """INSERT INTO audit_entry (at, deed, subject, door, facts)
       VALUES (now(), 'appointment.submit', %(bill)s, 'bare', '{}') RETURNING id""",
]


# What textbooks do: the number of seats taken is a column of one row, locked while one is taken.
TEXTBOOK_TABLES = """
CREATE TABLE IF NOT EXISTS bench_slot (id int PRIMARY KEY, capacity int, taken int);
CREATE TABLE IF NOT EXISTS bench_booking (id bigserial PRIMARY KEY, slot int, person text);
TRUNCATE bench_slot, bench_booking;
INSERT INTO bench_slot VALUES (1, 1000000, 0);
"""
TEXTBOOK = [
    "SELECT capacity, taken FROM bench_slot WHERE id = 1 FOR UPDATE",
    "UPDATE bench_slot SET taken = taken + 1 WHERE id = 1",
    "INSERT INTO bench_booking (slot, person) VALUES (1, %(application)s)",
]


def hold(cursor: Any, *, application: str, slot: str) -> bool:
    """In the caller's transaction; whether there was a seat."""
    facts = {"application": application, "slot": slot, "code": new_code()}
    found = _run(cursor, HOLD[:3], facts)
    _run(cursor, HOLD[3:], facts)
    start = random.randint(1, found["capacity"])
    cursor.execute(TAKE_ANY, {"slot": found["slot"], "holder": facts["code"], "start": start})
    return cursor.fetchone() is not None


def pay(cursor: Any, *, application: str) -> None:
    _run(cursor, PAY, {"application": application, "bill": new_code()})


def textbook(cursor: Any, *, application: str) -> None:
    _run(cursor, TEXTBOOK, {"application": application})


def _run(cursor: Any, statements: list[str], facts: dict[str, str]) -> dict[str, int]:
    row = None
    for statement in statements:
        cursor.execute(statement, facts)
        row = cursor.fetchone() if cursor.description else None
    names = [column.name for column in cursor.description or []]
    found = dict(zip(names[::-1], (row or ())[::-1], strict=False))
    return {"slot": found.get("id", 0), "capacity": found.get("capacity", 1)}
