"""`make paid`: seconds from the press at the bank until an open page turns, in a real browser.

By callback; with all callbacks lost; and lost when the code is older than the first five minutes,
in which the gateway is asked oftener. Starts its own PostgreSQL (durable) and Valkey, web, workers,
timetable and the simulated bank. Fails when the slowest twentieth is slower than promised.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.results import RESULTS
from benchmarks.servers import prepare, serving
from mpaspor.embedded import home as homes
from mpaspor.embedded import programs

TAKE_PART = ("simponi", "beat", "worker", "payments", "web")


def main() -> None:
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="mpaspor-paid-") as name, ExitStack() as running:
        folder = Path(name)
        prepare(folder, running, port=asked.port)
        home = homes.current()
        all_programs = programs.simulators(home, asked.port) + programs.service(home, asked.port)
        for program in all_programs:
            if program.name in TAKE_PART:
                running.enter_context(serving(program, folder))
        command = [sys.executable, "-m", "benchmarks.paying", json.dumps(vars(asked))]
        failed = subprocess.run(command, check=False).returncode
        if failed:
            print((folder / "payments.log").read_text()[-3000:], file=sys.stderr)
    sys.exit(failed)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--told", type=int, default=30, help="payments whose callback comes")
    parser.add_argument("--lost", type=int, default=10, help="payments whose callback is lost")
    parser.add_argument("--later", type=int, default=10, help="the same, minutes after the code")
    parser.add_argument("--port", type=int, default=8761)
    parser.add_argument("--results", default=str(RESULTS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
