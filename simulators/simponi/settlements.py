"""GET /v1/settlements/{date}: all money of one banking day, also that which no bill asked for."""

import csv
import io
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from datetime import date
from itertools import islice
from random import Random

from aiohttp import web

from simulators.faults import SWITCHBOARD
from simulators.problems import Problem, require_bearer
from simulators.serving import hang_up
from simulators.simponi import money
from simulators.simponi.api import DB, KEY
from simulators.simponi.faults import Faults

COLUMNS = ("ntpn", "ntb", "billing_code", "amount", "paid_at", "channel", "settled_on")
BROKEN = ('"AAAA', "TOTAL", "a,b,c", "AAAAAAAAAAAAAAAA,1,123456789012345,Rp350.000,soon,atm,today")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

Row = dict[str, object]


async def show(request: web.Request) -> web.StreamResponse:
    require_bearer(request, request.app[KEY])
    day, faults = read_day(request.match_info["date"]), request.app[SWITCHBOARD].faults
    answer = web.StreamResponse(headers={"Content-Type": "text/csv; charset=utf-8"})
    await answer.prepare(request)
    with suppress(ConnectionError):  # the reader has gone
        async for block in blocks(request.app[DB], day, faults):
            await answer.write(block)
        if faults.file_cut:
            hang_up(request)
        else:
            await answer.write_eof()
    return answer


async def blocks(db: sqlite3.Connection, day: date, faults: Faults) -> AsyncIterator[bytes]:
    yield (",".join(COLUMNS) + "\r\n").encode()
    for rows in money.of_day(db, day):
        yield as_csv(altered((dict(row) for row in rows), faults))
    invented = nobodys(day, faults.file_added)
    while block := list(islice(invented, money.BLOCK)):
        yield as_csv(block)
    for number in range(faults.file_broken):
        yield (BROKEN[number % len(BROKEN)] + "\r\n").encode()


def read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(404, "http", "The path ends in a day such as 2026-11-03.") from None


def altered(rows: Iterable[Row], faults: Faults) -> Iterator[Row]:
    """Without the lines that are to be missing, and with the amounts that are to be wrong."""
    out = set(faults.file_left_out)
    for row in rows:
        if row["ntpn"] not in out:
            amount = faults.file_changed.get(str(row["ntpn"]), row["amount"])
            yield row | {"amount": amount}


def nobodys(day: date, number: int) -> Iterator[Row]:
    """Lines that nobody knows: the same ones for the same day."""
    dice = Random(day.toordinal())  # noqa: S311 - no secret
    for _ in range(number):
        yield {
            "ntpn": "".join(dice.choices(ALPHABET, k=16)),
            "ntb": f"{dice.randrange(10**12):012}",
            "billing_code": str(dice.randrange(10**14, 10**15)),
            "amount": 350_000,
            "paid_at": f"{day}T12:00:00+07:00",
            "channel": "teller",
            "settled_on": day.isoformat(),
        }


def as_csv(rows: Iterable[Row]) -> bytes:
    text = io.StringIO()
    csv.DictWriter(text, COLUMNS, extrasaction="ignore").writerows(rows)
    return text.getvalue().encode()
