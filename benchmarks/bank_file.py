"""`python -m benchmarks.bank_file`: a banking day of 100,000 payments against our books.

End to end: the simulated gateway writes the file, a worker's deed reads it over HTTP, compares each
line and books what only the bank knows: two lines in a hundred, one in a thousand for a code of
nobody. Starts its own PostgreSQL (durable), Valkey and gateway. Fails when a sum is wrong, when the
run does not tell how far it is, or when it takes more than a minute.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.gateway import simulator
from benchmarks.results import RESULTS
from benchmarks.servers import prepare, serving


def main() -> None:
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="mpaspor-file-") as name, ExitStack() as running:
        folder = Path(name)
        prepare(folder, running)
        program = simulator(asked.port, folder, asked.lines)
        running.enter_context(serving(program, folder))
        facts = json.dumps(vars(asked) | {"data": str(folder / "simponi.sqlite3")})
        command = [sys.executable, "-m", "benchmarks.bank_file_read", facts]
        failed = subprocess.run(command, check=False).returncode
    sys.exit(failed)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--port", type=int, default=8761)
    parser.add_argument("--results", default=str(RESULTS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
