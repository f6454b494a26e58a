"""Faults on demand: a neighbour on a bad day. Held in memory; a restart begins without."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from random import Random
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from simulators.problems import Fields, Problem, json_object
from simulators.serving import DOOR, hang_up

LONGEST_MS = 600_000
MOST_REQUESTS = 1_000_000
MOST_SEED = 2**32
MAINTENANCE = "<!doctype html><title>Pemeliharaan</title><h1>Sistem sedang dalam pemeliharaan</h1>"

# What becomes of a request instead of, or besides, its work.
Failure = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True)
class Faults:
    latency_ms: int = 0
    latency_rate: float = 1
    slow_ms: int = 28_000
    fail: str = "none"
    fail_count: int | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0


class Switchboard:
    """Faults of the paths that begin with `api`, and how often each has struck.

    `fails` are those besides the usual ones; `more` reads the neighbour's own settings.
    """

    def __init__(
        self,
        api: tuple[str, ...],
        normal: Any,
        fails: Mapping[str, Failure],
        more: Mapping[str, Callable[[Fields], object]] | None = None,
    ) -> None:
        self.api, self.normal, self.faults = api, normal, normal
        self.dice, self.tally = Random(normal.seed), Counter[str]()  # noqa: S311 - no secret
        usual = {"500": server_error, "html": maintenance, "empty": nothing, "slow": slow}
        self.fails = usual | dict(fails)
        self.readers = {
            "fail": lambda fields: fields.choice("fail", ("none", "down", *self.fails)),
            "latency_ms": milliseconds("latency_ms"),
            "slow_ms": milliseconds("slow_ms"),
            "latency_rate": lambda fields: fields.share("latency_rate"),
            "rates": self.read_rates,
            "seed": lambda fields: fields.whole("seed", least=0, most=MOST_SEED),
            **(more or {}),
        }

    def set(self, faults: Any, *, throw_anew: bool) -> None:
        """`throw_anew`: the dice begin their row from the seed again."""
        self.faults = faults
        if throw_anew:
            self.dice.seed(faults.seed)

    def take(self) -> tuple[str, float]:
        """The failure of the next API request, and the seconds that it waits."""
        late = self.faults.latency_ms and self.dice.random() < self.faults.latency_rate
        fail = self.next_fail()
        self.tally[fail] += 1
        return fail, self.faults.latency_ms / 1000 if late else 0

    def next_fail(self) -> str:
        """Counts down where a number was asked for; without `fail` the dice decide."""
        fail, left = str(self.faults.fail), self.faults.fail_count
        if left is not None:
            more = {"fail_count": left - 1} if left > 1 else {"fail": "none", "fail_count": None}
            self.faults = replace(self.faults, **more)
        return fail if fail != "none" else self.throw()

    def throw(self) -> str:
        if not self.faults.rates:
            return "none"
        thrown = self.dice.random()
        for fail, rate in self.faults.rates.items():
            thrown -= rate
            if thrown < 0:
                return str(fail)
        return "none"

    def read_rates(self, fields: Fields) -> dict[str, float]:
        rates = fields.body.get("rates")
        if not isinstance(rates, dict):
            fields.refuse("rates", 'Must be an object such as {"500": 0.1}.')
            return {}
        parts = Fields(rates, "/rates")
        for name in rates.keys() - {"down", *self.fails}:
            parts.refuse(name, "Is not a failure.")
        read = {name: parts.share(name) for name in rates if not parts.errors}
        fields.errors += parts.errors
        if sum(read.values()) > 1:
            fields.refuse("rates", "Must not add up to more than 1.")
        return read

    def read_changes(self, body: Mapping[str, object]) -> dict[str, object]:
        fields, changes = Fields(body), dict[str, object]()
        for name in body:
            if name in self.readers:
                changes[name] = self.readers[name](fields)
            elif name != "fail_count":
                fields.refuse(name, "Is not a setting.")
        if "fail" in body or "fail_count" in body:
            changes["fail_count"] = read_count(fields)
        fields.settle()
        return changes


SWITCHBOARD = web.AppKey("switchboard", Switchboard)


def routes() -> Iterable[web.RouteDef]:
    return [
        web.get("/control", show),
        web.post("/control", change),
        web.post("/control/reset", reset),
        web.get("/control/tally", tally),
        web.post("/control/close", close),
    ]


@web.middleware
async def inject_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    board = request.app[SWITCHBOARD]
    if not request.app[DOOR].is_open:  # a connection from before
        return hang_up(request)
    if not request.path.startswith(board.api):
        return await handler(request)
    fail, wait = board.take()
    if fail == "down":
        return hang_up(request)
    await request.read()  # before the wait: a caller that gives up takes the body along
    await asyncio.sleep(wait)
    if fail in board.fails:
        return await board.fails[fail](request, handler)
    return await handler(request)


async def server_error(request: web.Request, handler: Handler) -> web.StreamResponse:
    raise Problem(500, "fault", "The neighbour failed, as it was told to.")


async def maintenance(request: web.Request, handler: Handler) -> web.StreamResponse:
    return web.Response(text=MAINTENANCE, content_type="text/html")


async def nothing(request: web.Request, handler: Handler) -> web.StreamResponse:
    return web.Response(content_type="application/json")


async def slow(request: web.Request, handler: Handler) -> web.StreamResponse:
    await asyncio.sleep(request.app[SWITCHBOARD].faults.slow_ms / 1000)
    return await handler(request)


async def close(request: web.Request) -> web.Response:
    """Refuses all connections for so long, also to /control."""
    fields = Fields(await json_object(request))
    seconds = fields.whole("seconds", least=1, most=3600)
    fields.settle()
    request.app[DOOR].close(seconds)
    return web.json_response({"seconds": seconds})


async def tally(request: web.Request) -> web.Response:
    """How many API requests met which failure since the start; "none" met none."""
    return web.json_response(request.app[SWITCHBOARD].tally)


async def show(request: web.Request) -> web.Response:
    return web.json_response(asdict(request.app[SWITCHBOARD].faults))


async def change(request: web.Request) -> web.Response:
    """Only the fields sent change; a new `fail` without a count holds until changed."""
    board = request.app[SWITCHBOARD]
    changes = board.read_changes(await json_object(request))
    board.set(replace(board.faults, **changes), throw_anew="seed" in changes)
    return await show(request)


async def reset(request: web.Request) -> web.Response:
    board = request.app[SWITCHBOARD]
    board.set(board.normal, throw_anew=True)
    return await show(request)


def milliseconds(name: str) -> Callable[[Fields], int]:
    return lambda fields: fields.whole(name, least=0, most=LONGEST_MS)


def read_count(fields: Fields) -> int | None:
    if fields.body.get("fail_count") is None:
        return None
    return fields.whole("fail_count", least=1, most=MOST_REQUESTS)
