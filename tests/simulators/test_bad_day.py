"""The scripted bad day, at a speed that fits a test."""

import os
import subprocess
import sys

from simulators.simponi.bad_day import TIMETABLE
from tests.simulators.running import ROOT, Simponi
from tests.simulators.test_faults import NO_FAULTS

COMMAND = [sys.executable, "-W", "error", "-m", "simulators.simponi.bad_day"]


def play(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_bad_day_plays_every_trouble_ends_with_a_summary_and_leaves_no_fault(
    simponi: Simponi,
) -> None:
    result = play("--url", simponi.url, "--speed", "600")
    said = [line.partition(" ")[2] for line in result.stdout.splitlines()]
    assert (result.returncode, result.stderr) == (0, "")
    assert [line.partition(" (")[0] for line in said[:-1]] == [day.title for day in TIMETABLE]
    assert said[-1].startswith("bad day over after ")
    assert said[-1].endswith(" s: 0 API requests, 0 spared, struck: nothing; 3 orphans")
    assert simponi.web.get(f"{simponi.url}/control", timeout=10).json() == NO_FAULTS


def test_bad_day_without_a_simulator_says_so() -> None:
    result = play("--url", "http://127.0.0.1:9")
    assert result.returncode == 1
    assert result.stderr.startswith("bad_day: Cannot connect to host 127.0.0.1:9 ")
    assert result.stderr.count("\n") == 1
