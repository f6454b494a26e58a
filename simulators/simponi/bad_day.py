"""python -m simulators.simponi.bad_day --url http://127.0.0.1:8001 --speed 10

Plays a treasury's bad day at a simulator that runs: one fault after the other, each printed as it
begins, and a line at the end with what became of the requests. A minute of the day takes 60 s, at
speed 10 six. Interrupted, it takes the faults off.
"""

import argparse
import asyncio
import secrets
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from simulators.serving import say

PATIENCE = 10.0
MINUTE = 60.0


@dataclass(frozen=True)
class Trouble:
    """What holds for so many minutes; what came before is taken off first."""

    title: str
    minutes: float
    settings: Mapping[str, object]
    orphans: int = 0
    closes: bool = False


TIMETABLE = (
    Trouble("all is well", 1, {}),
    Trouble("answers are slow", 1, {"latency_ms": 3000, "latency_rate": 0.5}),
    Trouble("some answers are none", 2, {"rates": {"500": 0.2, "html": 0.1, "empty": 0.1}}),
    Trouble("some answers have wrong types", 1, {"rates": {"types": 0.3}}),
    Trouble("work is done and the answer lost", 1, {"rates": {"timeout_after": 0.3}}),
    Trouble("payments are not announced", 1, {"callback": "none"}),
    Trouble("announcements are forged", 1, {"callback": "forged"}),
    Trouble("announcements come out of order", 1, {"callback": "shuffled"}),
    Trouble("announcements come five times", 1, {"callback": "duplicate", "callback_copies": 5}),
    Trouble("EXPIRED follows PAID", 1, {"callback": "expired_after", "rates": {"forget": 0.3}}),
    Trouble("banks book everything twice", 1, {"money": "twice"}),
    Trouble("banks book too little", 1, {"money": "short"}),
    Trouble("banks take money after the deadline", 1, {"money": "late"}),
    Trouble("money comes for codes that nobody gave", 1, {}, orphans=3),
    Trouble("nobody is there", 2, {}, closes=True),
    Trouble("all is well again", 1, {}),
)


class BadDay:
    def __init__(self, web: aiohttp.ClientSession, url: str, speed: float) -> None:
        self.web, self.url, self.minute = web, url.rstrip("/"), MINUTE / speed
        self.orphans = 0

    async def play(self) -> None:
        began, before = time.monotonic(), await self.tally()
        try:
            for trouble in TIMETABLE:
                await self.suffer(trouble)
        finally:
            await self.post("/control/reset", {})
        met = await self.tally() - before
        say(summary(met, self.orphans, time.monotonic() - began))

    async def suffer(self, trouble: Trouble) -> None:
        seconds = trouble.minutes * self.minute
        say(f"{trouble.title} ({seconds:.0f} s)")
        await self.post("/control/reset", {})
        await self.post("/control", trouble.settings)
        for _ in range(trouble.orphans):
            await self.pay_for_nobody()
        if trouble.closes:
            await self.post("/control/close", {"seconds": max(1, round(seconds))})
        await asyncio.sleep(seconds)

    async def pay_for_nobody(self) -> None:
        code = str(secrets.randbelow(9 * 10**14) + 10**14)
        money = {"billing_code": code, "channel": "atm", "anyhow": True, "amount": 350_000}
        await self.post("/v1/pay", money)
        self.orphans += 1

    async def tally(self) -> Counter[str]:
        async with self.web.get(self.url + "/control/tally") as answer:
            answer.raise_for_status()
            return Counter(await answer.json())

    async def post(self, path: str, body: Mapping[str, Any]) -> None:
        """Waits for a door that is about to open again."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                async with self.web.post(self.url + path, json=body) as answer:
                    answer.raise_for_status()
                return
            except aiohttp.ClientConnectionError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.2)


def summary(met: Counter[str], orphans: int, seconds: float) -> str:
    spared = met.pop("none", 0)
    struck = ", ".join(f"{fail} {number}" for fail, number in sorted(met.items())) or "nothing"
    return (
        f"bad day over after {seconds:.0f} s: {spared + met.total()} API requests, "
        f"{spared} spared, struck: {struck}; {orphans} orphans"
    )


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulators.simponi.bad_day")
    parser.add_argument("--url", default="http://127.0.0.1:8001")
    parser.add_argument("--speed", type=float, default=1.0, help="10: a minute takes six seconds")
    arguments = parser.parse_args()
    if not 0 < arguments.speed <= 1000:
        parser.error("--speed must be above 0 and at most 1000")
    return arguments


async def main(url: str, speed: float) -> None:
    async with aiohttp.ClientSession() as web:
        await BadDay(web, url, speed).play()


if __name__ == "__main__":
    chosen = read_arguments()
    try:
        asyncio.run(main(chosen.url, chosen.speed))
    except aiohttp.ClientError as error:
        sys.exit(f"bad_day: {error}")
    except KeyboardInterrupt:
        sys.exit("bad_day: interrupted, the faults are off")
