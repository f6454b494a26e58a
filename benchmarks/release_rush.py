"""`python -m benchmarks.release_rush`: thousands of people at an opening, as browsers do it.

They get in line, wait by the page's own rhythm, are called, choose, and hold a seat, over HTTP and
each with a connection of their own. Starts the whole service that takes part: PostgreSQL (durable),
Valkey, web, worker and timetable. Fails when anybody saw an error, lost a place or found no seat.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.results import RESULTS
from benchmarks.servers import prepare, serving
from mpaspor.embedded import home as homes
from mpaspor.embedded import programs

TAKE_PART = ("beat", "worker", "web")
# People a second that two cores take from the call to the seat, with the crowd on the same cores.
RATE = "6"


def main() -> None:
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="mpaspor-rush-") as name, ExitStack() as running:
        folder = Path(name)
        os.environ["QUEUE_RATE_MAX"] = RATE
        started = prepare(folder, running, port=asked.port)
        service = programs.service(homes.current(), asked.port)
        for program in service:
            if program.name in TAKE_PART:
                started.append(running.enter_context(serving(program, folder)))
        failed = crowd(asked, started)
        if failed:
            print((folder / "web.log").read_text()[-3000:], file=sys.stderr)
        sys.exit(failed)


def crowd(asked: argparse.Namespace, started: list[int]) -> int:
    """In a process of its own, which finds the servers in the environment."""
    facts = json.dumps(vars(asked) | {"processes": started})
    return subprocess.run([sys.executable, "-m", "benchmarks.rush", facts], check=False).returncode


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("--port", type=int, default=8761)
    parser.add_argument("--results", default=str(RESULTS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
