"""One recorded day of money, replayed in many orders: its end must not hang on the order.

A bill of every dirty kind, and money for a code of nobody. Each piece of news (a callback, a line
of the settlement file, a code that came late) arrives at a random moment after it happened, one to
five times, among forged calls; the workers look in between, and now and then what is announced
after a commit is lost, as when a process dies. A day is played in one transaction that is rolled
back, so that the same rows serve the next order.
"""

import hashlib
import hmac
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test import Client, TestCase

from appointments.confirming import catch_up
from appointments.invariants import broken
from appointments.models import Appointment
from benchmarks.walk import (
    AMOUNT,
    GRACE_MINUTES,
    MINUTE,
    NEIGHBOURS,
    PAY_MINUTES,
    SECOND,
    Bank,
    make_awaiting,
)
from mpaspor.core import clock
from payments.callbacks import JSON_TYPE, NotFromGateway, take_callback
from payments.enums import BillStatus, CaseStatus
from payments.gateway.port import Money
from payments.issuing import issue_requested
from payments.models import Bill, Case, Payment
from payments.moments import end_of
from payments.polling import ask_due
from payments.settlement import match_orphans, settle_by_code
from payments.straying import ask_strays
from payments.voiding import void_bill
from quota.models import Seat
from tests.database import check_deferred

MOST_REPEATS = 5
FORGED, LOST = 0.1, 0.1
# In every tenth order all rules of the service are looked at, too.
CHECKED_EVERY = 10
# How often the workers look, besides at the end; news is up to so late.
LOOKS, LATEST = 3, timedelta(hours=6)
END = PAY_MINUTES + GRACE_MINUTES
# When people paid, in minutes after the code came, and how much more or less than the bill says.
IN_TIME, LATE = 30, END + 1
PAYING: dict[str, Sequence[tuple[int, int]]] = {
    "at the last moment": [(END, 0)],
    "short, twice and late": [(IN_TIME, -1000), (IN_TIME, 0), (IN_TIME + 1, 0), (LATE, 0)],
    "late": [(LATE, 0)],
    "over": [(IN_TIME, 1000)],
    "withdrawn": [(IN_TIME, 0)],
    "nothing": [],
    "before the code": [(IN_TIME, 0)],
}
WITHDRAWN, EARLY = "withdrawn", "before the code"
NOBODY = "7" * 15

# Whether a call was believed: by its body, the key it is signed with, how old it is, and when.
Door = Callable[[bytes, str, int, datetime], bool]
# By kind of bill: what became of it.
State = dict[str, object]


def by_deed(body: bytes, key: str, age: int, at: datetime) -> bool:
    stamp = str(int(at.timestamp()) - age)
    try:
        take_callback(
            body=body,
            content_type=JSON_TYPE,
            timestamp=stamp,
            signature=_signed(body, stamp, key),
            at=at,
        )
    except NotFromGateway:
        return False
    return True


def by_http(body: bytes, key: str, age: int, _at: datetime) -> bool:
    """At the door's own clock."""
    stamp = str(int(clock.now().timestamp()) - age)
    signature = {"X-Simponi-Timestamp": stamp, "X-Simponi-Signature": _signed(body, stamp, key)}
    url = "/api/v1/payments/callbacks/simponi/"
    answer = Client().post(url, body, content_type=JSON_TYPE, headers=signature)
    assert answer.status_code in (200, 401), answer.content
    return answer.status_code == 200


def _signed(body: bytes, stamp: str, key: str) -> str:
    digest = hmac.new(key.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


def _call(code: str, kind: str, **facts: str) -> bytes:
    """Of one event always the same body."""
    event = {"event_id": f"{kind} {code} {facts}"[:64], "type": kind, "billing_code": code}
    return json.dumps(event | facts).encode()


@dataclass
class Day:
    """What was recorded. `news`: since when it may arrive, and what happens then."""

    began: datetime
    door: Door
    bank: Bank = field(default_factory=Bank)
    bills: dict[str, Bill] = field(default_factory=dict)
    news: list[tuple[datetime, Callable[[datetime], object]]] = field(default_factory=list)
    tried: int = 0
    believed: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def over(self) -> datetime:
        return self.began + timedelta(days=2)

    # What arrives

    def told(self, code: str, money: Money, at: datetime) -> None:
        self.bank.told.add(money.ntpn)
        taken = self.door(_call(code, "bill.paid", ntpn=money.ntpn), settings.SIMPONI_KEY, 0, at)
        assert taken

    def told_expired(self, code: str, at: datetime) -> None:
        assert self.door(_call(code, "bill.expired"), settings.SIMPONI_KEY, 0, at)

    def filed(self, code: str, money: Money, at: datetime) -> None:
        self.bank.told.add(money.ntpn)
        settle_by_code(billing_code=code, money=money, by="reconciliation", at=at)

    def issued(self, bill: Bill, at: datetime) -> None:
        Bill.objects.filter(pk=bill.pk, status=BillStatus.REQUESTED).update(next_at=at)
        issue_requested(gateway=self.bank, at=at)

    def forged(self, code: str, number: int, at: datetime) -> None:
        key, age = [("another key", 0), (settings.SIMPONI_KEY, 302), ("", 0)][number % 3]
        self.tried += 1
        self.believed += self.door(_call(code, "bill.paid", ntpn=f"F{number:015}"), key, age, at)

    # What workers do

    def work(self, at: datetime) -> None:
        ask_due(gateway=self.bank, at=at)
        ask_strays(gateway=self.bank, at=at)
        match_orphans(at=at)
        catch_up(at=at)

    def end(self) -> None:
        """The timetable goes on until everything is known and done."""
        at = self.over
        self.bank.told = {money.ntpn for paid in self.bank.money.values() for money in paid}
        self.issued(self.bills[EARLY], at)
        Bill.objects.filter(billing_code__isnull=False).update(next_at=at)
        while ask_due(gateway=self.bank, at=at) or ask_strays(gateway=self.bank, at=at):
            pass
        while match_orphans(at=at) or catch_up(at=at):
            pass


# Recording and playing


def record(door: Door = by_deed) -> Day:
    """People are made and rolled back with the caller's transaction."""
    began = clock.now() - timedelta(hours=8)
    day = Day(began, door)
    bills = make_awaiting(len(PAYING), issued_at=began, requested=1)
    Bill.objects.filter(status=BillStatus.ISSUED).update(next_at=began + END * MINUTE + SECOND)
    Bill.objects.filter(status=BillStatus.REQUESTED).update(next_at=None)
    for (kind, paid), bill in zip(PAYING.items(), bills, strict=True):
        code = bill.billing_code or "8" * 15
        day.bills[kind], day.bank.codes[bill.code] = bill, code
        for minute, off in paid:
            _record(day, code, paid_at=began + minute * MINUTE, amount=AMOUNT + off)
    told_twice = str(day.bills["at the last moment"].billing_code)
    day.news.append((began + END * MINUTE, partial(day.told_expired, told_twice)))
    day.news.append((began, partial(day.issued, day.bills[EARLY])))
    # What people do themselves comes before all news of money: afterwards it is refused.
    void_bill(bill_code=day.bills[WITHDRAWN].code, by="day", at=began + MINUTE)
    _record(day, NOBODY, paid_at=began + IN_TIME * MINUTE, amount=AMOUNT)
    return day


def _record(day: Day, code: str, *, paid_at: datetime, amount: int) -> None:
    """Each payment has a callback, and every third one a line of the file as well."""
    money = day.bank.take(code, paid_at=paid_at, amount=amount)
    day.news.append((paid_at, partial(day.told, code, money)))
    if len(day.news) % 3 == 2:
        day.news.append((paid_at, partial(day.filed, code, money)))


def play(day: Day, *, seed: int) -> State:
    """In an order of its own; everything is rolled back. Raises what a door raises."""
    dice = random.Random(seed)
    copies = [news for news in day.news for _time in range(dice.randint(1, MOST_REPEATS))]
    codes = list(day.bank.money)
    copies += [
        (day.began, partial(day.forged, dice.choice(codes), number))
        for number in range(round(len(copies) * FORGED / (1 - FORGED)))
    ]
    copies += [(day.began, day.work)] * LOOKS
    arriving = [(since + dice.random() * LATEST, happens) for since, happens in copies]
    arriving.sort(key=lambda arrival: arrival[0])
    day.bank.told = set()
    with transaction.atomic():
        for at, happens in arriving:
            with TestCase.captureOnCommitCallbacks(execute=dice.random() >= LOST):
                happens(at)
        with TestCase.captureOnCommitCallbacks(execute=True):
            day.end()
        check_deferred()
        state = _state(day)
        if seed % CHECKED_EVERY == 0:
            rules = broken(at=day.over)
            day.broken += [line for line in rules if not line.startswith(NEIGHBOURS)]
        transaction.set_rollback(True)
    return state


def _state(day: Day) -> State:
    fresh = Bill.objects.in_bulk([bill.pk for bill in day.bills.values()])
    ones = {one.bill_id: one for one in Appointment.objects.filter(bill__in=fresh)}
    seats = set(Seat.objects.exclude(holder=None).values_list("holder", "slot"))
    money, cases = defaultdict[int | None, list[Payment]](list), defaultdict[int, list[str]](list)
    for payment in Payment.objects.all():
        money[payment.bill_id].append(payment)
    for one_case in Case.objects.exclude(status=CaseStatus.CLOSED):
        cases[one_case.payment_id].append(one_case.kind)
    state: State = {}
    for kind, bill in day.bills.items():
        now, one = fresh[bill.pk], ones[bill.pk]
        seated = (one.code, one.slot_id) in seats
        state[kind] = (now.status, _money(now, money[bill.pk], cases), one.status, seated)
    state["nobody"] = [(each.amount, cases[each.pk]) for each in money[None]]
    return state


def _money(bill: Bill, payments: list[Payment], cases: dict[int, list[str]]) -> list[Any]:
    """Of two payments that could pay, the one we learned of first does: the same money.

    Beside it the kind of a case says only which of the two that was (late or too little before it,
    a second one after it); the money goes back either way.
    """
    found: list[Any] = []
    for payment in payments:
        if payment.pk == bill.paid_by_id:
            assert not cases[payment.pk]
            found.append((payment.amount, "pays", payment.paid_at <= end_of(bill)))
        else:
            kinds = cases[payment.pk]
            is_paid = bill.status == BillStatus.PAID and len(kinds) == 1
            found.append((payment.amount, "goes back" if is_paid else str(kinds), None))
    return sorted(found, key=str)


def differences(states: Sequence[State]) -> dict[str, Counter[str]]:
    """What ended in more than one way, and how often in which."""
    ways = {kind: Counter(str(state[kind]) for state in states) for kind in states[0]}
    return {kind: ends for kind, ends in ways.items() if len(ends) > 1}
