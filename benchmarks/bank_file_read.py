"""Fills both books and reconciles; run by bank_file.py, which has started the servers."""

import json
import sqlite3
import sys
import threading
import time
from datetime import date, datetime, timedelta
from datetime import time as hour
from pathlib import Path

import django

django.setup()

from django.db import connection, transaction

from benchmarks import asking, results
from benchmarks.gateway import code_of
from benchmarks.measures import now
from payments.enums import Outcome
from payments.models import Bill, Payment, Settlement
from payments.reconciliation.asking import BANKS, ask_reconciliation
from payments.reconciliation.enums import RunStatus
from payments.reconciliation.models import Reconciliation
from payments.reconciliation.reading import reconcile_due

MOST_SECONDS = 60
AMOUNT = 650_000
# Of so many lines one is new to us, and one is for a code of nobody.
NEW, NOBODYS = 50, 1000
MONEY = "INSERT INTO money VALUES (NULL, ?, ?, ?, 650000, 'atm', ?, ?)"
PAID = """
UPDATE payments_bill bill SET status = 'paid', closed_at = payment.paid_at, paid_by_id = payment.id
  FROM payments_payment payment WHERE payment.bill_id = bill.id AND payment.id = ANY (%s)
"""


def main() -> int:
    facts = json.loads(sys.argv[1])
    lines, day = facts["lines"], now().astimezone(BANKS).date() - timedelta(days=1)
    noon = datetime.combine(day, hour(12), BANKS)
    fill_theirs(Path(facts["data"]), lines, noon)
    fill_ours(lines, noon)
    ask_reconciliation(day=day, by="bench", at=now())
    steps: set[int] = set()
    watching = threading.Event()
    watcher = threading.Thread(target=watch, args=(day, steps, watching))
    watcher.start()
    began = time.monotonic()
    reconcile_due(files=asking.gateway(facts["port"]), at=now())
    seconds = time.monotonic() - began
    watching.set()
    watcher.join()
    return told(facts, Reconciliation.objects.get(day=day), seconds, len(steps))


def told(facts: dict[str, str | int], run: Reconciliation, seconds: float, steps: int) -> int:
    lines = int(facts["lines"])
    new = sum(is_new(number) for number in range(lines))
    right = (run.status, run.lines, run.found, run.theirs) == (
        RunStatus.DONE,
        lines,
        new,
        run.ours,
    )
    is_well = right and run.theirs == lines * AMOUNT and steps > 2 and seconds <= MOST_SECONDS
    page = (
        f"{run.lines:,} lines in {seconds:.1f} s ({run.lines / seconds:,.0f}/s), {run.found:,} of "
        f"them new to us and booked; progress told {steps} times; difference Rp "
        f"{run.theirs - run.ours}"
    )
    measured = {"lines": run.lines, "found": run.found, "seconds": round(seconds, 1)}
    results.write("bank_file", measured, page, folder=Path(str(facts["results"])))
    print(f"{'OK' if is_well else 'NOT OK'}: {page}")
    return not is_well


def watch(day: date, steps: set[int], over: threading.Event) -> None:
    """As a treasurer's page does: how many lines are read."""
    while not over.wait(0.2):
        steps |= set(Reconciliation.objects.filter(day=day).values_list("lines", flat=True))
    connection.close()


def is_new(number: int) -> bool:
    return number % NEW == 0


def ntpn_of(number: int) -> str:
    return f"BENCH{number:011}"


def fill_theirs(data: Path, lines: int, noon: datetime) -> None:
    rows = (
        (
            ntpn_of(number),
            code_of(10**9 + number if number % NOBODYS == 0 else number),
            f"{number:012}",
            noon.isoformat(),
            noon.date().isoformat(),
        )
        for number in range(lines)
    )
    db = sqlite3.connect(data)
    db.executemany(MONEY, rows)
    db.commit()
    db.close()


def fill_ours(lines: int, noon: datetime) -> None:
    """Paid bills, and open ones where we do not know yet that they are paid."""
    for first in range(0, lines, asking.ROWS):
        numbers = range(first, min(first + asking.ROWS, lines))
        bills = Bill.objects.bulk_create(
            asking.bill(number, noon) for number in numbers if number % NOBODYS
        )
        with transaction.atomic():
            book([bill for bill in bills if not is_new(number_of(bill))], noon)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def number_of(bill: Bill) -> int:
    return int(bill.payer.removeprefix("B"))


def book(bills: list[Bill], noon: datetime) -> None:
    payments = Payment.objects.bulk_create(
        Payment(
            bill=bill,
            billing_code=bill.billing_code or "",
            ntpn=ntpn_of(number_of(bill)),
            ntb=f"{number_of(bill):012}",
            amount=AMOUNT,
            paid_at=noon,
            channel="atm",
            known_at=noon,
        )
        for bill in bills
    )
    Settlement.objects.bulk_create(
        Settlement(payment=payment, outcome=Outcome.BILL_PAID, at=noon) for payment in payments
    )
    with connection.cursor() as cursor:
        cursor.execute(PAID, [[payment.pk for payment in payments]])


if __name__ == "__main__":
    sys.exit(main())
