"""Where a bank takes money, by a page or by POST /v1/pay, and tells the gateway."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiohttp import web

from simulators.clock import now
from simulators.faults import SWITCHBOARD
from simulators.problems import Fields, Problem, json_object
from simulators.simponi import bills, money
from simulators.simponi.api import DB, MOST_RUPIAH, payment_json
from simulators.simponi.bills import Bill
from simulators.simponi.callbacks import Callbacks
from simulators.simponi.money import CHANNELS, Payment
from simulators.store import transaction

CALLBACKS = web.AppKey("callbacks", Callbacks)
ERROR_RUPIAH = 1000
AMOUNT_NEEDED = {"pointer": "/amount", "detail": "Is needed where there is no bill."}


@dataclass(frozen=True, kw_only=True)
class Deposit:
    """`anyhow`: also for a code that is unknown, paid or expired. None: as is usual."""

    billing_code: str
    channel: str
    amount: int | None = None
    paid_at: datetime | None = None
    settled_on: date | None = None
    anyhow: bool = False


def take(app: web.Application, deposit: Deposit) -> Payment:
    """The payment, the last one where the bank sends two. Raises Unpayable."""
    at, faults = now(), app[SWITCHBOARD].faults
    with transaction(app[DB]):
        bill = asked_for(app, deposit, anytime=faults.money == "late", at=at)
        taken = [
            book(app, deposit, bill, faults.money, at=at)
            for _ in range(2 if faults.money == "twice" else 1)
        ]
        planned = [
            number
            for payment in taken
            for number in app[CALLBACKS].plan(payment.ntpn, faults, at=at)
        ]
    app[CALLBACKS].start(planned)
    return taken[-1]


def asked_for(
    app: web.Application, deposit: Deposit, *, anytime: bool, at: datetime
) -> Bill | None:
    bill = bills.with_code(app[DB], deposit.billing_code)
    if deposit.anyhow or (anytime and bill and not bill.payments):
        return bill
    return bills.payable(app[DB], deposit.billing_code, at=deposit.paid_at or at)


def book(
    app: web.Application, deposit: Deposit, bill: Bill | None, oddity: str, *, at: datetime
) -> Payment:
    error = {"short": -ERROR_RUPIAH, "over": ERROR_RUPIAH}.get(oddity, 0)
    paid_at = deposit.paid_at or at
    if oddity == "late" and bill:
        paid_at = max(paid_at, bill.expires_at + timedelta(seconds=1))
    amount = deposit.amount or (bill.amount if bill else 0)
    if not amount:
        raise Problem(422, "invalid", "No bill says how much.", [AMOUNT_NEEDED])
    return money.book(
        app[DB],
        deposit.billing_code,
        deposit.channel,
        amount=max(1, amount + error),
        paid_at=paid_at,
        settled_on=deposit.settled_on or at.date(),
    )


async def pay_by_script(request: web.Request) -> web.Response:
    payment = take(request.app, read_deposit(Fields(await json_object(request))))
    answer = {"billing_code": payment.billing_code, "status": "PAID"}
    return web.json_response(answer | payment_json(payment))


def read_deposit(fields: Fields) -> Deposit:
    sent = fields.body
    deposit = Deposit(
        billing_code=fields.text("billing_code", pattern="[0-9]{15}", hint="a text of 15 digits"),
        channel=fields.choice("channel", CHANNELS),
        amount=fields.whole("amount", least=1, most=MOST_RUPIAH) if "amount" in sent else None,
        paid_at=fields.moment("paid_at") if "paid_at" in sent else None,
        settled_on=fields.day("settled_on") if "settled_on" in sent else None,
        anyhow=fields.yes("anyhow"),
    )
    fields.settle()
    return deposit
