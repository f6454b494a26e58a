"""Asking for a bill: a row in PostgreSQL, from which a worker asks the gateway."""

import re
import unicodedata
from datetime import datetime

from django.db import transaction

from mpaspor.audit import trail
from mpaspor.core.nudge import nudge
from payments.models import Bill, BillLine
from payments.tariffs import Line

ISSUE = "payments.request_bills"


@transaction.atomic(savepoint=False)  # whoever asks for a bill gives up with it
def request_bill(
    *,
    payer: str,
    payer_name: str,
    lines: list[Line],
    pay_minutes: int,
    grace_minutes: int,
    latest: datetime | None = None,
    by: trail.By,
    at: datetime,
) -> Bill:
    """Makes the bill that `payer` will get a billing code for; its amount is frozen from now on.

    The minutes to pay run from the moment the gateway gives the code, not from this one.
    After an incident they are given back, but not beyond `latest`.
    """
    bill = Bill.objects.create(
        payer=payer,
        payer_name=gateway_name(payer_name),
        amount=sum(line.amount for line in lines),
        pay_minutes=pay_minutes,
        grace_minutes=grace_minutes,
        latest=latest,
        requested_at=at,
        next_at=at,
    )
    BillLine.objects.bulk_create(
        BillLine(
            bill=bill,
            tariff=line.tariff,
            description=line.description,
            amount=line.amount,
            for_code=line.for_code,
        )
        for line in lines
    )
    trail.record("bill.request", subject=f"bill:{bill.code}", by=by, at=at, amount=bill.amount)
    nudge(ISSUE)
    return bill


def gateway_name(name: str) -> str:
    """The name in the only letters the gateway bears (an apostrophe hangs the real one)."""
    one_line = " ".join(name.upper().split())
    plain = unicodedata.normalize("NFKD", one_line).encode("ascii", "ignore").decode()
    cleaned = re.sub(r" +", " ", re.sub(r"[^A-Z0-9 .,-]", "", plain)).strip()
    return cleaned[:60].strip() or "PEMOHON"
