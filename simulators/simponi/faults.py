"""The gateway's own faults, besides those of every neighbour."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from simulators import faults
from simulators.faults import Failure, Switchboard, milliseconds
from simulators.problems import Fields, Problem
from simulators.serving import hold

CALLBACKS = ("normal", "none", "duplicate", "late", "shuffled", "forged", "expired_after")
MONEY = ("normal", "twice", "short", "over", "late")
API = ("/v1/bills", "/v1/inquiries", "/v1/settlements")
MOST_COPIES = 20
MOST_NAMED = 1000
MOST_LINES = 100_000


@dataclass(frozen=True, kw_only=True)
class Faults(faults.Faults):
    callback: str = "normal"
    callback_copies: int = 2
    callback_delay_ms: int = 10_000
    money: str = "normal"
    next_codes: Sequence[str] = ()
    file_left_out: Sequence[str] = ()
    file_changed: Mapping[str, int] = field(default_factory=dict)
    file_added: int = 0
    file_broken: int = 0
    file_cut: bool = False


async def timeout_after(request: web.Request, handler: Handler) -> web.StreamResponse:
    with suppress(Problem, web.HTTPException):
        await handler(request)
    return await hold(request)


async def types(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Does the work, and answers with a text for each number and a list for each text."""
    return await rewritten(request, handler, odd)


async def forget(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers as if nobody had paid, whatever it said before."""
    return await rewritten(request, handler, unpaid)


async def rewritten(
    request: web.Request, handler: Handler, change: Callable[[Any], Any]
) -> web.StreamResponse:
    answer = await handler(request)
    if isinstance(answer, web.Response) and answer.content_type == "application/json":
        answer.text = json.dumps(change(json.loads(answer.text or "null")))
    return answer


def odd(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: odd(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [odd(inner) for inner in value]
    return [value] if isinstance(value, str) else str(value)


def unpaid(answer: Any) -> Any:
    if "bills" in answer:
        return answer | {"bills": [unpaid(bill) for bill in answer["bills"]]}
    status = "EXPIRED" if answer["status"] == "PAID" else answer["status"]
    return answer | {"status": status, "payments": []}


def codes(fields: Fields) -> list[str]:
    return named(fields, "next_codes", "[0-9]{15}", "billing codes of 15 digits")


def left_out(fields: Fields) -> list[str]:
    return named(fields, "file_left_out", "[A-Z0-9]{16}", "NTPNs of 16 letters and digits")


def changed(fields: Fields) -> dict[str, int]:
    amounts = fields.body.get("file_changed")
    if not isinstance(amounts, dict) or len(amounts) > MOST_NAMED:
        fields.refuse("file_changed", "Must be an object of an amount for each NTPN.")
        return {}
    inner = Fields(amounts, "/file_changed")
    read = {ntpn: inner.whole(ntpn, least=0, most=999_999_999_999) for ntpn in amounts}
    fields.errors += inner.errors
    return read


def named(fields: Fields, name: str, pattern: str, hint: str) -> list[str]:
    values = fields.body.get(name)
    if not isinstance(values, list) or len(values) > MOST_NAMED:
        fields.refuse(name, f"Must be a list of at most {MOST_NAMED} {hint}.")
        return []
    inner = Fields({str(place): value for place, value in enumerate(values)}, f"/{name}")
    read = [inner.text(place, pattern=pattern, hint=f"one of {hint}") for place in inner.body]
    fields.errors += inner.errors
    return read


OWN_FAILS: Mapping[str, Failure] = {
    "timeout_after": timeout_after,
    "types": types,
    "forget": forget,
}
OWN_SETTINGS: Mapping[str, Callable[[Fields], object]] = {
    "callback": lambda fields: fields.choice("callback", CALLBACKS),
    "callback_copies": lambda fields: fields.whole("callback_copies", least=1, most=MOST_COPIES),
    "callback_delay_ms": milliseconds("callback_delay_ms"),
    "money": lambda fields: fields.choice("money", MONEY),
    "next_codes": codes,
    "file_left_out": left_out,
    "file_changed": changed,
    "file_added": lambda fields: fields.whole("file_added", least=0, most=MOST_LINES),
    "file_broken": lambda fields: fields.whole("file_broken", least=0, most=MOST_LINES),
    "file_cut": lambda fields: fields.yes("file_cut"),
}


def switchboard() -> Switchboard:
    return Switchboard(API, Faults(), OWN_FAILS, OWN_SETTINGS)
