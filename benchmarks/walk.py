"""Sixteen hands settle payments, three in ten of them dirty; then every Rupiah is looked for.

Run by payment_walk.py, which has started the servers and named them in the environment; the tests
walk the same way at a small size. Each payment is told by one or several of the doors that learn of
money, and those who tell of the same bill do it at the same moment.
"""

import itertools
import json
import random
import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet, Sum

from appointments.confirming import catch_up
from appointments.enums import ApplicationStatus, AppointmentStatus
from appointments.invariants import broken
from appointments.models import Application, Appointment
from benchmarks import crowd, results
from mpaspor.core import clock
from payments.enums import BillStatus, CaseStatus
from payments.gateway.port import Issued, Money, Order
from payments.issuing import issue_requested
from payments.models import Bill, Payment
from payments.polling import ask_due
from payments.settlement import match_orphans, settle, settle_by_code
from payments.voiding import BillPaid, void_bill
from quota.models import Seat

THREADS = 16
DIRTY = 0.3
AMOUNT = 650_000
PAY_MINUTES, GRACE_MINUTES = 120, 15
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
# So many seats of one session, and rows made at once.
BLOCK = 2000
# Of what the walk leaves to others: nobody sends notices here.
NEIGHBOURS = ("outbox: ",)

Step = Callable[[], object]


class Bank:
    """The truth about money, as far as it was told to the gateway."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.money: dict[str, list[Money]] = {}
        self.told: set[str] = set()

    def create(self, order: Order) -> Issued:
        return Issued(self.codes[order.request_key], order.expires_at, order.expires_at)

    def inquire(self, billing_codes: Iterable[str]) -> dict[str, list[Money]]:
        return {code: self.told_for(code) for code in billing_codes}

    def told_for(self, code: str) -> list[Money]:
        return [money for money in self.money.get(code, []) if money.ntpn in self.told]

    def take(self, code: str, *, paid_at: datetime, amount: int = AMOUNT) -> Money:
        money = Money(secrets.token_hex(8).upper(), "1", amount, paid_at, "atm")
        self.money.setdefault(code, []).append(money)
        return money


@dataclass
class World:
    """`steps`: those that stand side by side are done at the same moment."""

    bank: Bank = field(default_factory=Bank)
    steps: list[Step] = field(default_factory=list)
    clean: int = 0

    @property
    def money(self) -> list[Money]:
        return [money for paid in self.bank.money.values() for money in paid]


# People who wait for their payment, made as rows


def make_awaiting(number: int, *, issued_at: datetime, requested: int = 0) -> list[Bill]:
    """A bill each for so many new people with a seat; the last `requested` have no code yet."""
    bills: list[Bill] = []
    for begun in range(0, number, BLOCK):
        some = min(BLOCK, number - begun)
        waiting = max(0, begun + some - (number - requested))
        bills += _block(some, issued_at=issued_at, requested=min(waiting, some))
    return bills


@transaction.atomic
def _block(number: int, *, issued_at: datetime, requested: int) -> list[Bill]:
    at = clock.now()
    drafts = crowd.make_applications(number, at=at)
    slot = crowd.make_slot(number, at=at)
    first = 10**14 + 10**9 * secrets.randbelow(10**5)
    held = [
        Appointment(
            application=draft,
            identity=draft.identity,
            slot=slot,
            status=AppointmentStatus.AWAITING_PAYMENT,
            hold_until=at,
        )
        for draft in drafts
    ]
    bills = [
        Bill(
            payer=one.code,
            payer_name="SITI RAHAYU",
            amount=AMOUNT,
            status=BillStatus.ISSUED,
            billing_code=str(first + place),
            pay_minutes=PAY_MINUTES,
            grace_minutes=GRACE_MINUTES,
            requested_at=issued_at,
            issued_at=issued_at,
            pay_until=issued_at + PAY_MINUTES * MINUTE,
        )
        for place, one in enumerate(held)
    ]
    for bill in bills[number - requested :]:
        bill.status, bill.billing_code = BillStatus.REQUESTED, None
        bill.requested_at, bill.issued_at, bill.pay_until = at, None, None
    Bill.objects.bulk_create(bills)
    for one, bill in zip(held, bills, strict=True):
        one.bill = bill
    Appointment.objects.bulk_create(held)
    Application.objects.filter(pk__in=[draft.pk for draft in drafts]).update(
        status=ApplicationStatus.SUBMITTED
    )
    seats = list(slot.seats.order_by("number"))
    for seat, one in zip(seats, held, strict=True):
        seat.holder = one.code
    Seat.objects.bulk_update(seats, ["holder"], batch_size=500)
    return bills


# What happens to a bill; each story's steps are done at the same moment


class Stories:
    """Each kind of payment, clean and dirty, as the steps that many hands do at once."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.doors = itertools.cycle([self.by_bill, self.by_code, self.asked])

    # Doors

    def by_bill(self, bill: Bill, money: Money) -> None:
        settle(bill_code=bill.code, money=money, by="simponi", at=clock.now())

    def by_code(self, bill: Bill, money: Money) -> None:
        code = self.bank.codes[bill.code]
        settle_by_code(billing_code=code, money=money, by="reconciliation", at=clock.now())

    def asked(self, bill: Bill, money: Money) -> None:
        self.bank.told.add(money.ntpn)
        self.ask(bill)

    def ask(self, bill: Bill) -> None:
        """Where the time to pay is over and nobody told the gateway of money, the bill ends."""
        at = clock.now()
        Bill.objects.filter(pk=bill.pk, billing_code__isnull=False).update(next_at=at)
        ask_due(gateway=self.bank, at=at)

    def issue(self, bill: Bill) -> None:
        at = clock.now()
        Bill.objects.filter(pk=bill.pk, status=BillStatus.REQUESTED).update(next_at=at)
        issue_requested(gateway=self.bank, at=at)

    def withdraw(self, bill: Bill) -> None:
        with suppress(BillPaid):
            void_bill(bill_code=bill.code, by="walk", at=clock.now())

    # Money

    def pay(self, bill: Bill, *, seconds: int = -60, amount: int = AMOUNT) -> Money:
        """By default a minute before the end of a bill whose time is over, else now."""
        code = self.bank.codes[bill.code]
        end = (bill.pay_until or clock.now() + MINUTE) + GRACE_MINUTES * MINUTE
        return self.bank.take(code, paid_at=end + seconds * SECOND, amount=amount)

    # Stories

    def clean(self, bill: Bill) -> list[Step]:
        return [partial(next(self.doors), bill, self.pay(bill))]

    def late(self, bill: Bill) -> list[Step]:
        money = self.pay(bill, seconds=1)
        return [partial(self.by_bill, bill, money), partial(self.asked, bill, money)]

    def twice(self, bill: Bill) -> list[Step]:
        return [partial(door, bill, self.pay(bill)) for door in (self.by_bill, self.by_code)]

    def short(self, bill: Bill) -> list[Step]:
        money = self.pay(bill, amount=AMOUNT - 1000)
        return [partial(self.by_code, bill, money), partial(self.by_bill, bill, money)]

    def over(self, bill: Bill) -> list[Step]:
        money = self.pay(bill, amount=AMOUNT + 1000)
        return [partial(self.asked, bill, money), partial(self.by_code, bill, money)]

    def withdrawn(self, bill: Bill) -> list[Step]:
        money = self.pay(bill)
        told = [partial(self.by_bill, bill, money), partial(self.by_code, bill, money)]
        return [partial(self.withdraw, bill), *told]

    def ended(self, bill: Bill) -> list[Step]:
        """The gateway says "not paid" after the end while somebody knows better."""
        money = self.pay(bill)
        told = [partial(self.by_bill, bill, money), partial(self.asked, bill, money)]
        return [partial(self.ask, bill), *told]

    def out_of_order(self, bill: Bill) -> list[Step]:
        """Money for a code that we do not have yet."""
        money = self.pay(bill)
        first, again = partial(self.by_code, bill, money), partial(self.by_code, bill, money)
        return [first, partial(self.issue, bill), again]

    def repeated(self, bill: Bill) -> list[Step]:
        money = self.pay(bill)
        return [partial(self.by_bill, bill, money)] * 5

    def two_doors(self, bill: Bill) -> list[Step]:
        money = self.pay(bill)
        doors = (self.by_bill, self.by_code, self.asked)
        return [partial(door, bill, money) for door in doors]

    def orphan(self) -> list[Step]:
        """A code that no bill has, told by two at once."""
        nobody = Bill()
        self.bank.codes[nobody.code] = f"9{secrets.randbelow(10**14):014}"
        money = self.pay(nobody)
        return [partial(self.by_code, nobody, money)] * 2

    @property
    def dirty(self) -> "list[Callable[[Bill], list[Step]]]":
        return [
            self.late,
            self.twice,
            self.short,
            self.over,
            self.withdrawn,
            self.ended,
            self.repeated,
            self.two_doors,
        ]


def make_world(payments: int, *, seed: int = 0) -> World:
    """So many payments, of which the share DIRTY is dirty.

    A tenth of the dirty ones comes before its bill has a code, and a tenth for a code of nobody.
    """
    world = World()
    stories, dirty = Stories(world.bank), round(payments * DIRTY)
    early = orphans = dirty // 10
    world.clean = payments - dirty
    issued_at = clock.now() - 3 * 60 * MINUTE
    bills = make_awaiting(payments - orphans, issued_at=issued_at, requested=early)
    for bill in bills:
        world.bank.codes[bill.code] = bill.billing_code or f"8{secrets.randbelow(10**14):014}"
    told = [stories.clean(bill) for bill in bills[: world.clean]]
    told += [stories.out_of_order(bill) for bill in bills[len(bills) - early :]]
    told += [stories.orphan() for _ in range(orphans)]
    kinds = itertools.cycle(stories.dirty)
    for bill in bills[world.clean : len(bills) - early]:
        if len(world.money) >= payments:
            break  # some were paid twice, so there are people who do not pay at all
        told.append(next(kinds)(bill))
    random.Random(seed).shuffle(told)
    world.steps = [step for story in told for step in story]
    return world


# The walk


def walk(world: World, *, say: Callable[[str], object] = lambda _line: None) -> Counter[str]:
    """All steps, by THREADS hands with connections of their own; returns what went wrong."""
    numbers, together = itertools.count(), threading.Barrier(THREADS)
    failed: Counter[str] = Counter()
    began, mark = time.monotonic(), max(1, len(world.steps) // 20)

    def hand(_number: int) -> None:
        connection.ensure_connection()
        together.wait()
        try:
            while (number := next(numbers)) < len(world.steps):
                try:
                    world.steps[number]()
                except Exception as odd:
                    failed[f"{type(odd).__name__}: {odd}".splitlines()[0]] += 1
                if number % mark == mark - 1:
                    rate = (number + 1) / (time.monotonic() - began)
                    say(f"{number + 1:,} of {len(world.steps):,} steps, {rate:,.0f}/s")
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as hands:
        list(hands.map(hand, range(THREADS)))
    follow_up(world)
    return failed


def follow_up(world: World) -> None:
    """What the timetable repeats, until there is nothing left to do."""
    at = clock.now()
    Bill.objects.filter(status=BillStatus.REQUESTED).update(next_at=at)
    while issue_requested(gateway=world.bank, at=at):
        pass
    while match_orphans(at=at) or catch_up(at=at):
        pass


@dataclass(frozen=True)
class Found:
    """What became of the money that banks took."""

    payments: int
    settled_once: int
    paid_twice: int
    seats_twice: int
    unconfirmed: int
    rupiah_astray: int
    broken: list[str]

    @property
    def is_well(self) -> bool:
        astray = self.paid_twice or self.seats_twice or self.unconfirmed or self.rupiah_astray
        return self.settled_once == self.payments and not astray and not self.broken

    def __str__(self) -> str:
        return (
            f"{self.settled_once:,} of {self.payments:,} settled once, "
            f"{self.paid_twice} bills paid twice, {self.seats_twice} seats twice, "
            f"{self.unconfirmed} paid and not confirmed, Rp{self.rupiah_astray:,} astray, "
            f"{len(self.broken)} rules broken"
        )


def look(world: World) -> Found:
    told = {money.ntpn: money.amount for money in world.money}
    rows = list(
        Payment.objects.annotate(
            bills=Count("pays", distinct=True),
            open=Count("cases", filter=~Q(cases__status=CaseStatus.CLOSED), distinct=True),
        ).values_list("ntpn", "bills", "open")
    )
    times = Counter(ntpn for ntpn, _bills, _open in rows)
    ends = {ntpn: bills + open_ for ntpn, bills, open_ in rows}
    whole = Payment.objects.filter(bill__amount=F("amount"), cases=None)
    paid_by = Counter(whole.values_list("bill", flat=True))
    holders = Counter(Seat.objects.exclude(holder=None).values_list("holder", flat=True))
    paid = Bill.objects.filter(status=BillStatus.PAID)
    confirmed = Appointment.objects.filter(status=AppointmentStatus.CONFIRMED).values("bill")
    booked = Payment.objects.aggregate(sum=Sum("amount"))["sum"] or 0
    return Found(
        payments=len(told),
        settled_once=sum(times[ntpn] == 1 and ends[ntpn] == 1 for ntpn in told),
        paid_twice=sum(number > 1 for number in paid_by.values()),
        seats_twice=sum(number > 1 for number in holders.values()),
        unconfirmed=paid.exclude(pk__in=confirmed).count(),
        rupiah_astray=abs(booked - sum(told.values())),
        broken=[line for line in broken(at=clock.now()) if not line.startswith(NEIGHBOURS)],
    )


# The control: the same walk without what guards it

GUARDED = ("payments_", "appointments_appointment", "quota_seat")
UNIQUE = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE contype = 'u' AND conrelid::regclass::text LIKE ANY(%s)
"""
PARTIAL = """
SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE 'CREATE UNIQUE%%WHERE%%'
   AND schemaname = 'public' AND tablename LIKE ANY(%s)
"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE ANY(%s)"


@contextmanager
def guards_off() -> Iterator[None]:
    """No row is locked, and PostgreSQL has neither triggers nor unique rows of money and seats.

    At the end the guards are back and the tables of money are empty.
    """
    names = [f"{name}%" for name in GUARDED]
    with connection.cursor() as cursor:
        tables = _asked(cursor, TABLES, names)
        unique, partial_ = _asked(cursor, UNIQUE, names), _asked(cursor, PARTIAL, names)
        for table, name, _definition in unique:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _definition in partial_:
            cursor.execute(f'DROP INDEX "{name}"')
        for (table,) in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        with mock.patch.object(QuerySet, "select_for_update", lambda rows, **_how: rows.all()):
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(table for (table,) in tables)} CASCADE")
            for table, name, definition in unique:
                cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
            for _name, definition in partial_:
                cursor.execute(definition)
            for (table,) in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _asked(cursor: Any, statement: str, names: Sequence[str]) -> list[tuple[str, ...]]:
    cursor.execute(statement, [list(names)])
    return list(cursor.fetchall())


# At full size


def main() -> int:
    facts = json.loads(sys.argv[1])
    print(f"making {facts['payments']:,} payments …", flush=True)
    world = make_world(facts["payments"], seed=facts["seed"])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    began = time.monotonic()
    failed = walk(world, say=lambda line: print(line, flush=True))
    seconds = time.monotonic() - began
    found = look(world)
    is_well = found.is_well and not failed
    for line in [*found.broken[:20], *(f"{times} × {what}" for what, times in failed.items())]:
        print("broken:", line)
    dirty = len(world.money) - world.clean
    summary = f"{len(world.money):,} payments, {dirty:,} dirty, {THREADS} threads: {found}"
    took = f"{seconds:,.0f} s, {len(world.money) / seconds:,.0f} payments/s"
    measured = vars(found) | {"dirty": dirty, "threads": THREADS, "seconds": round(seconds)}
    page = f"{summary}\n\n{took}"
    results.write(
        "payment_walk", measured | {"failed": failed}, page, folder=Path(facts["results"])
    )
    print(f"{'OK' if is_well else 'NOT OK'}: {summary} ({took})")
    return not is_well


if __name__ == "__main__":
    sys.exit(main())
