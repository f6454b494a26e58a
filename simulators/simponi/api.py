"""The treasury's side: /v1/bills and /v1/inquiries, as docs/simponi.md describes them."""

import re
import sqlite3
from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from simulators.clock import now
from simulators.faults import SWITCHBOARD
from simulators.problems import Fields, Problem, json_object, require_bearer
from simulators.simponi import bills
from simulators.simponi.bills import Bill, Order
from simulators.simponi.money import Payment

DB = web.AppKey("db", sqlite3.Connection)
KEY = web.AppKey("key", str)
MOST_RUPIAH = 999_999_999_999
MOST_CODES = 500
MOST_LINES = 20
PAYER_NAME = r"[A-Z0-9 .,-]{1,60}"
ANY_TEXT = r"(?s)(?=.*\S).{1,200}"


async def create_bill(request: web.Request) -> web.Response:
    require_bearer(request, request.app[KEY])
    order = read_order(await json_object(request))
    at = now()
    bill, new = bills.issue(request.app[DB], order, code_maker(request.app), at=at)
    return web.json_response(bill_json(bill, at), status=201 if new else 200)


def code_maker(app: web.Application) -> Callable[[], str]:
    """The codes that were asked for at /control first, then any."""
    wanted = iter(app[SWITCHBOARD].faults.next_codes)
    return lambda: next(wanted, None) or bills.any_code()


async def show_bill(request: web.Request) -> web.Response:
    require_bearer(request, request.app[KEY])
    return found(bills.with_code(request.app[DB], request.match_info["billing_code"]))


async def find_bill(request: web.Request) -> web.Response:
    require_bearer(request, request.app[KEY])
    fields = Fields(dict(request.query))
    request_key = read_request_key(fields)
    fields.settle()
    return found(bills.with_request_key(request.app[DB], request_key))


async def inquire(request: web.Request) -> web.Response:
    require_bearer(request, request.app[KEY])
    codes = read_codes(await json_object(request))
    at = now()
    known = {bill.billing_code: bill for bill in bills.with_codes(request.app[DB], codes)}
    answer = {"bills": [bill_json(known[code], at) for code in codes if code in known]}
    return web.json_response(answer | {"unknown": [code for code in codes if code not in known]})


def found(bill: Bill | None) -> web.Response:
    if bill is None:
        raise Problem(404, "unknown-bill", "There is no such bill.")
    return web.json_response(bill_json(bill, now()))


def read_order(body: dict[str, object]) -> Order:
    fields = Fields(body)
    order = Order(
        request_key=read_request_key(fields),
        payer_name=fields.text(
            "payer_name", pattern=PAYER_NAME, hint="1 to 60 of A-Z, 0-9, space, . , -"
        ),
        amount=fields.whole("amount", least=1, most=MOST_RUPIAH),
        description=fields.text(
            "description", pattern=ANY_TEXT, hint="a text of 1 to 200 characters"
        ),
        lines=read_lines(fields),
        expires_at=fields.moment("expires_at"),
    )
    fields.settle()
    return order


def read_request_key(fields: Fields) -> str:
    return fields.text(
        "request_key", pattern=r"[!-~]{1,100}", hint="1 to 100 letters, digits and signs, no space"
    )


def read_lines(fields: Fields) -> list[dict[str, object]]:
    """What the amount is made of; may be left out, and where it is given it must add up."""
    lines = fields.body.get("lines", [])
    if not isinstance(lines, list) or len(lines) > MOST_LINES:
        fields.refuse("lines", f"Must be a list of at most {MOST_LINES} lines.")
        return []
    read = [read_line(fields, number, line) for number, line in enumerate(lines)]
    if read and not fields.errors and sum(amount for _, amount in read) != fields.body["amount"]:
        fields.refuse("lines", "The amounts of the lines must add up to amount.")
    return [line for line, _ in read]


def read_line(parent: Fields, number: int, line: object) -> tuple[dict[str, object], int]:
    fields = Fields(line if isinstance(line, dict) else {}, pointer=f"/lines/{number}")
    code = fields.text(
        "code", pattern=r"[!-~]{1,40}", hint="1 to 40 letters, digits and signs, no space"
    )
    description = fields.text("description", pattern=ANY_TEXT, hint="a text of 1 to 200 characters")
    amount = fields.whole("amount", least=1, most=MOST_RUPIAH)
    parent.errors += fields.errors
    return {"code": code, "description": description, "amount": amount}, amount


def read_codes(body: dict[str, object]) -> list[str]:
    codes = body.get("billing_codes")
    fields = Fields(body)
    if not isinstance(codes, list) or len(codes) > MOST_CODES:
        fields.refuse("billing_codes", f"Must be a list of at most {MOST_CODES} billing codes.")
    elif not all(isinstance(code, str) and re.fullmatch("[0-9]{15}", code) for code in codes):
        fields.refuse("billing_codes", "Each billing code is a text of 15 digits.")
    fields.settle()
    return list(dict.fromkeys(codes)) if isinstance(codes, list) else []


def bill_json(bill: Bill, at: datetime) -> dict[str, object]:
    return {
        "billing_code": bill.billing_code,
        "status": bill.status(at),
        "request_key": bill.request_key,
        "payer_name": bill.payer_name,
        "amount": bill.amount,
        "description": bill.description,
        "lines": bill.lines,
        "issued_at": bill.issued_at.isoformat(),
        "expires_at": bill.expires_at.isoformat(),
        "payments": [payment_json(payment) for payment in bill.payments],
    }


def payment_json(payment: Payment) -> dict[str, object]:
    return {
        "ntpn": payment.ntpn,
        "ntb": payment.ntb,
        "amount": payment.amount,
        "channel": payment.channel,
        "paid_at": payment.paid_at.isoformat(),
    }
