"""The simulated payment gateway of a measurement, with open bills of a number that is asked for."""

import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mpaspor.embedded.program import Program
from mpaspor.embedded.programs import answers
from simulators.simponi.bills import SCHEMA

KEY = "bench"
FILL = "INSERT INTO bills VALUES (?, ?, 'SITI', 650000, 'Paspor', '[]', ?, ?)"


def code_of(number: int) -> str:
    return f"{8 * 10**14 + number}"


def simulator(port: int, folder: Path, bills: int) -> Program:
    data = folder / "simponi.sqlite3"
    _fill(data, bills)
    command = [sys.executable, "-m", "simulators.simponi", "--port", str(port)]
    return Program(
        name="simponi",
        command=[*command, "--data", str(data)],
        env={"SIMPONI_KEY": KEY},
        ready=answers(port),
    )


def _fill(data: Path, bills: int) -> None:
    at = datetime.now(UTC).astimezone()
    times = (at.isoformat(), (at + timedelta(days=1)).isoformat())
    db = sqlite3.connect(data)
    db.executescript(SCHEMA)
    rows = ((code_of(number), f"bench-{number}", *times) for number in range(bills))
    db.executemany(FILL, rows)
    db.commit()
    db.close()
