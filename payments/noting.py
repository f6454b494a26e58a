"""Most answers say nothing new: all of those of a batch are written down by one statement."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from payments.gateway.port import Money
from payments.models import Bill, Payment

# Only where the bill is as it was when it was claimed: otherwise somebody must look at it alone.
# A waiting claim is an answer to be given, too.
NOTE = """
    UPDATE payments_bill AS bill
    SET asked_at = %(at)s, trouble = '', undecided_at = NULL, next_at = planned.next_at
    FROM unnest(%(keys)s::bigint[], %(statuses)s::varchar[], %(moments)s::timestamptz[])
        AS planned (id, status, next_at)
    WHERE bill.id = planned.id AND bill.status = planned.status AND bill.next_at = %(lease)s
        AND NOT EXISTS (
            SELECT 1 FROM payments_claim AS claim
            WHERE claim.bill_id = bill.id AND claim.answered_at IS NULL
        )
    RETURNING bill.id
"""


def note_nothing_new(
    planned: Mapping[Bill, datetime | None], *, lease: datetime, at: datetime
) -> set[int]:
    """The keys of those that are noted. `planned`: when to ask about each again."""
    if not planned:
        return set()
    facts: dict[str, Any] = {
        "keys": [bill.pk for bill in planned],
        "statuses": [str(bill.status) for bill in planned],
        "moments": list(planned.values()),
        "lease": lease,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, facts)
        return {key for (key,) in cursor.fetchall()}


def booked(money: Mapping[int, list[Money]]) -> set[int]:
    """Of these bills, by their keys, those all of whose money is booked for them already."""
    ntpns = [each.ntpn for paid in money.values() for each in paid]
    rows = Payment.objects.filter(ntpn__in=ntpns) if ntpns else Payment.objects.none()
    bills = dict(rows.values_list("ntpn", "bill_id"))
    return {key for key, paid in money.items() if all(bills.get(each.ntpn) == key for each in paid)}
