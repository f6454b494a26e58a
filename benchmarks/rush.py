"""The crowd of release_rush.py: prepares the opening, sends everybody, counts, compares.

Run with the facts of the measurement as JSON; the servers are named in the environment.
"""

import asyncio
import json
import math
import random
import resource
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings

from appointments.invariants import broken
from appointments.models import Appointment
from benchmarks import crowd, results
from benchmarks.servers import READY_SECONDS
from benchmarks.visitor import Seen, Visitor
from quota.models import Release, Seat
from quota.waiting_room.models import QueueTicket

# Of the time: until the opening, and until the last one has come. It is an hour in truth.
OPENS, LAST = 0.45, 0.42
# Seats for so many of a hundred people.
SEATS = 90
STEPS = ("join page", "join", "queue page", "status file", "come in", "days", "sessions", "hold")


def main() -> int:
    facts = json.loads(sys.argv[1])
    people, seconds = int(facts["people"]), float(facts["seconds"])
    drafts = crowd.make_drafts(people, at=datetime.now(UTC))
    wait_for_the_timetable()
    opens = datetime.now(UTC) + timedelta(seconds=seconds * OPENS)
    release = crowd.make_announced(people * SEATS // 100, opens=opens)
    many_files()
    seen, memory, drawn = asyncio.run(everybody(facts, drafts, release))
    found = compare(release, seen, drawn)
    report(facts, seen, memory, found)
    return 0 if is_well(found) else 1


def wait_for_the_timetable() -> None:
    """Until the worker writes the status of an opening that is announced."""
    probe = crowd.make_announced(20, opens=datetime.now(UTC) + timedelta(minutes=50))
    file = Path(settings.QUEUE_FOLDER) / f"{probe.code}.json"
    deadline = time.monotonic() + READY_SECONDS
    while not file.exists():
        if time.monotonic() > deadline:
            sys.exit("The timetable does not run.")
        time.sleep(0.2)


async def everybody(
    facts: dict[str, Any], drafts: list[crowd.Draft], release: Release
) -> tuple[Seen, int, dict[str, int | None]]:
    seen, until = Seen(), time.monotonic() + facts["seconds"]
    base = f"http://127.0.0.1:{facts['port']}"
    watching = asyncio.create_task(watch(facts["processes"]))
    drawing = asyncio.create_task(first_numbers(release, until))
    await asyncio.gather(
        *(
            Visitor(base, release.code, draft, seen, until).come(
                after=random.uniform(0, facts["seconds"] * LAST)
            )
            for draft in drafts
        )
    )
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    return seen, max(PEAK, default=0), await drawing


PEAK: list[int] = []


async def watch(processes: list[int]) -> None:
    """Adds up the memory of the service, in kB, again and again."""
    while True:
        PEAK.append(await asyncio.to_thread(memory_of, processes))
        await asyncio.sleep(5)


async def first_numbers(release: Release, until: float) -> dict[str, int | None]:
    """Places as the draw gave them, as soon as it was made."""
    while time.monotonic() < until:
        numbers = await asyncio.to_thread(numbers_of, release)
        if any(numbers.values()):
            return numbers
        await asyncio.sleep(0.5)
    return {}


def numbers_of(release: Release) -> dict[str, int | None]:
    rows = QueueTicket.objects.filter(room__release=release, drawn__isnull=False)
    return dict(rows.values_list("code", "drawn"))


def memory_of(processes: list[int]) -> int:
    """Proportional set size of the processes and all their children."""
    return sum(pss(process) for process in with_children(processes))


def with_children(processes: list[int]) -> set[int]:
    found, new = set(processes), list(processes)
    while new:
        process = new.pop()
        with suppress(OSError):
            for task in Path(f"/proc/{process}/task").iterdir():
                children = [int(child) for child in (task / "children").read_text().split()]
                new += [child for child in children if child not in found]
                found |= set(children)
    return found


def pss(process: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def compare(release: Release, seen: Seen, drawn: dict[str, int | None]) -> dict[str, Any]:
    """What people saw against what the database has."""
    ends = Counter(seen.ended.values())
    live = Appointment.objects.filter(slot__release=release, status="held")
    seats = Seat.objects.filter(slot__release=release)
    later = numbers_of(release)
    held = set(seats.exclude(holder=None).values_list("holder", flat=True))
    return {
        "requests": seen.requests,
        "errors": len(seen.faults),
        "seated": ends["seated"],
        "waiting": ends["waits"],
        "seats": seats.count(),
        "places_lost": sum(later.get(code) != place for code, place in drawn.items())
        + sum(len(numbers) > 1 for numbers in seen.numbers.values())
        + ends["never in line"],
        "oversold": max(live.count() - len(held), 0) + abs(live.count() - ends["seated"]),
        "broken": [str(line) for line in broken(at=datetime.now(UTC))],
        "drawn": len(drawn),
    }


def is_well(found: dict[str, Any]) -> bool:
    wrong = ("errors", "places_lost", "oversold", "broken")
    return not any(found[name] for name in wrong) and found["seated"] > 0


def report(facts: dict[str, Any], seen: Seen, memory: int, found: dict[str, Any]) -> None:
    latency = {step: percentiles(seen.took[step]) for step in STEPS if seen.took[step]}
    rows = [
        [step, str(count), *(f"{value * 1000:.0f}" for value in (p50, p95, p99))]
        for step, (count, p50, p95, p99) in latency.items()
    ]
    shown = results.table(["step", "times", "p50 ms", "p95 ms", "p99 ms"], rows)
    summary = (
        f"{facts['people']} people, {facts['seconds']} s: {found['requests']} requests, "
        f"{found['errors']} errors, {found['places_lost']} places lost, "
        f"{found['oversold']} oversold, {found['seated']} of {found['seats']} seats held, "
        f"{memory // 1024} MB"
    )
    measured = {
        "people": facts["people"],
        "seconds": facts["seconds"],
        **found,
        "memory_mb": memory // 1024,
        "milliseconds": {
            step: {"times": count, "p50": ms(p50), "p95": ms(p95), "p99": ms(p99)}
            for step, (count, p50, p95, p99) in latency.items()
        },
        "faults": [f"{times} × {fault}" for fault, times in Counter(seen.faults).most_common(10)],
    }
    folder = Path(facts["results"])
    results.write("release_rush", measured, f"{summary}\n\n{shown}", folder=folder)
    print(shown)
    for fault in measured["faults"]:
        print("fault:", fault)
    for line in found["broken"]:
        print("broken:", line)
    print(f"{'OK' if is_well(found) else 'NOT OK'}: {summary}")


def percentiles(took: list[float]) -> tuple[int, float, float, float]:
    ranked = sorted(took)
    last = len(ranked) - 1
    p50, p95, p99 = (ranked[math.ceil(last * share)] for share in (0.5, 0.95, 0.99))
    return len(ranked), p50, p95, p99


def ms(seconds: float) -> int:
    return round(seconds * 1000)


def many_files() -> None:
    """Everybody has a connection."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    sys.exit(main())
