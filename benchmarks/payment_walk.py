"""`make walk`: 50,000 payments, three in ten of them dirty, settled by 16 threads at once.

Late, twice, too little, too much, for a withdrawn bill, for a code of nobody, before the code,
told again and by several doors in the same moment, while the bill ends. Fails unless each is
settled once: it paid its bill or is one open case. Starts its own PostgreSQL (durable) and Valkey.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.results import RESULTS
from benchmarks.servers import prepare


def main() -> None:
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="mpaspor-walk-") as name, ExitStack() as running:
        prepare(Path(name), running)
        command = [sys.executable, "-m", "benchmarks.walk", json.dumps(vars(asked))]
        failed = subprocess.run(command, check=False).returncode
    sys.exit(failed)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--results", default=str(RESULTS))
    return parser.parse_args()


if __name__ == "__main__":
    main()
