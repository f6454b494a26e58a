"""Fifty people at an opening over HTTP, as benchmarks/release_rush.py sends thousands."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.conftest import free_ports

PEOPLE, SECONDS = 50, 25
PATIENCE = 600

pytestmark = pytest.mark.xdist_group("faults")


def test_release_rush_gives_everybody_called_a_seat_and_nobody_an_error(tmp_path: Path) -> None:
    asked = ["--people", str(PEOPLE), "--seconds", str(SECONDS), "--results", str(tmp_path)]
    port = ["--port", str(free_ports(1))]
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.release_rush", *asked, *port],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads((tmp_path / "release_rush.json").read_text())
    wrong = {name: found[name] for name in ("errors", "places_lost", "oversold", "broken")}
    assert wrong == {"errors": 0, "places_lost": 0, "oversold": 0, "broken": []}
    assert found["drawn"] > 0 < found["seated"] <= found["seats"]
