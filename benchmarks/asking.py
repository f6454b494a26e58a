"""Open bills asked about at the simulated gateway, and the same calls by a client that only asks.

Both ask for 500 codes a call, one call after the other; the gateway waits 50 ms before each answer.
What we ask about is claimed first, read with suspicion and written back.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.db import connection

from benchmarks import crowd, load
from benchmarks.gateway import KEY, code_of
from benchmarks.measures import Failed, cookie, now
from payments.enums import BillStatus
from payments.gateway.simponi import Simponi
from payments.models import Bill
from payments.polling import ask_all_due

LATENCY_MS = 50
A_CALL = 500
ROWS = 5000
PAGES, PAUSE = 100, 0.05
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class Asking:
    """`ports`: where the gateway and the product answer; `bills`: how many are open."""

    def __init__(self, ports: dict[str, int], bills: int) -> None:
        self.ports, self.bills = ports, bills

    def asking(self) -> float:
        """Bills a second, by one worker."""
        self._slow()
        all_due(self.bills)
        began, at = time.perf_counter(), now()
        asked = ask_all_due(gateway=gateway(self.ports["simponi"]))
        seconds = time.perf_counter() - began
        noted = Bill.objects.filter(asked_at__gte=at, next_at__gt=now(), trouble="").count()
        if asked != self.bills or noted != self.bills:
            raise Failed(f"{asked} asked about, {noted} of {self.bills} written down")
        return asked / seconds

    def bare_calls(self) -> float:
        self._slow()
        codes = [code_of(number) for number in range(self.bills)]
        calls = [[self._call(codes[n : n + A_CALL])] for n in range(0, self.bills, A_CALL)]
        result = load.run(self.ports["simponi"], calls, connections=1)
        if result.statuses != {200: len(calls)}:
            raise Failed(f"the gateway answers {result.statuses}")
        return self.bills / result.seconds

    def pages(self) -> float:
        return 1 / slowest_in_twenty(self.ports["product"])

    def pages_beside_asking(self) -> float:
        self._slow()
        with worker(self.ports["simponi"], self.bills):
            return 1 / slowest_in_twenty(self.ports["product"])

    def _slow(self) -> None:
        body = json.dumps({"latency_ms": LATENCY_MS})
        setting = [[http("/control", body)]]
        load.run(self.ports["simponi"], setting, connections=1)

    def _call(self, codes: list[str]) -> bytes:
        return http("/v1/inquiries", json.dumps({"billing_codes": codes}))


def http(path: str, body: str) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {KEY}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def gateway(port: int) -> Simponi:
    return Simponi(f"http://127.0.0.1:{port}", KEY, timeout=8)


def all_due(bills: int) -> None:
    """Issued an hour ago, each to be asked about now; made if they are not there yet."""
    if not Bill.objects.filter(billing_code=code_of(0)).exists():
        for first in range(0, bills, ROWS):
            numbers = range(first, min(first + ROWS, bills))
            Bill.objects.bulk_create(bill(number, now()) for number in numbers)
    Bill.objects.filter(billing_code__gte=code_of(0)).update(next_at=now() - SECOND)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE payments_bill")


def bill(number: int, at: datetime) -> Bill:
    return Bill(
        payer=f"B{number:09}",
        payer_name="SITI",
        amount=650_000,
        status=BillStatus.ISSUED,
        billing_code=code_of(number),
        pay_minutes=24 * 60,
        grace_minutes=15,
        requested_at=at - HOUR,
        issued_at=at - HOUR,
        pay_until=at + 23 * HOUR,
    )


def slowest_in_twenty(port: int) -> float:
    """Seconds of a signed-in page, by the 95th percentile, read at a steady pace."""
    draft = crowd.make_drafts(1, at=now())[0]
    page = load.get(f"/applications/{draft.application}/answers/", cookie(draft))
    return asyncio.run(_read(port, page))


async def _read(port: int, page: bytes) -> float:
    seconds = []
    for _turn in range(PAGES):
        began = time.perf_counter()
        made = await load.one(port, page)
        seconds.append(time.perf_counter() - began)
        if made != 200:
            raise Failed(f"the page answers {made}")
        await asyncio.sleep(PAUSE)
    return quantiles(seconds, n=20)[-1]


@contextmanager
def worker(port: int, bills: int) -> Iterator[None]:
    """A process that asks about all bills again and again."""
    command = [sys.executable, "-m", "benchmarks.asking", str(port), str(bills)]
    folder = Path(__file__).parents[1]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=folder, **pipes) as process:  # type: ignore[call-overload]
        process.stdout.readline()
        try:
            yield
            if process.poll() is not None:
                raise Failed("nobody asked any more")
        finally:
            process.kill()


def main(port: int, bills: int) -> None:
    all_due(bills)
    print("asking", flush=True)
    while True:
        ask_all_due(gateway=gateway(port))
        Bill.objects.filter(billing_code__gte=code_of(0)).update(next_at=now() - SECOND)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
