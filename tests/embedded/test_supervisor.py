"""The supervisor with small programs instead of the service."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mpaspor.embedded import remains
from mpaspor.embedded.log import Log
from mpaspor.embedded.program import Program
from mpaspor.embedded.supervisor import ChildFailed, Supervisor
from tests.embedded.waiting import wait_until

SLEEPER = "import time; print('awake', flush=True); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEPER
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPER!r}])"
SUPERVISED = """
import sys
from mpaspor.embedded.log import Log
from mpaspor.embedded.program import Program
from mpaspor.embedded.supervisor import Supervisor
supervisor = Supervisor(Log(), sys.argv[1], [])
supervisor.start(Program(name="child", command=[sys.executable, "-c", sys.argv[2]]))
supervisor.watch()
"""


def script(text: str, name: str = "child", patience: float = 10.0) -> Program:
    return Program(name=name, command=[sys.executable, "-c", text], patience=patience)


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(Log(io.StringIO()), str(tmp_path), [])
    yield made
    made.stop()


def said(supervisor: Supervisor) -> str:
    supervisor.listen(0)
    assert isinstance(supervisor.log.out, io.StringIO)
    return supervisor.log.out.getvalue()


def test_start_of_two_programs_puts_their_lines_into_one_log(supervisor: Supervisor) -> None:
    supervisor.start(script("print('one')", "first"), script("print('two')", "second"))
    wait_until(lambda: len(said(supervisor).splitlines()) == 2)
    assert sorted(said(supervisor).splitlines()) == ["first     | one", "second    | two"]


def test_start_of_a_program_that_ends_before_it_is_ready_fails(supervisor: Supervisor) -> None:
    broken = Program(
        name="web", command=[sys.executable, "-c", "print('no'); exit(3)"], ready=lambda: False
    )
    with pytest.raises(ChildFailed, match="web ended with 3"):
        supervisor.start(broken)
    assert said(supervisor) == "web       | no\n"


def test_revive_a_child_that_was_killed_starts_it_again(supervisor: Supervisor) -> None:
    supervisor.start(script(SLEEPER))
    child = supervisor.children[0]
    first = child.process.pid
    os.kill(first, signal.SIGKILL)

    def alive_again() -> bool:
        supervisor.revive(child)
        return child.process.pid != first

    wait_until(alive_again)
    assert child.process.poll() is None
    assert "child ended with -9; again in 1 s" in said(supervisor)


def test_revive_a_child_that_falls_often_waits_longer_each_time(supervisor: Supervisor) -> None:
    supervisor.start(script(SLEEPER))
    child = supervisor.children[0]
    pauses = []
    for fall in range(7):
        supervisor.lay_out(child, now=float(fall))
        assert child.again is not None
        pauses.append(child.again - fall)
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_stop_reaches_the_children_of_children(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(script(PARENT))
    wait_until(lambda: "awake" in said(supervisor))
    assert len(remains.marked(str(tmp_path))) == 2
    supervisor.stop()
    assert remains.marked(str(tmp_path)) == set()


def test_stop_of_a_child_that_does_not_listen_kills_it(supervisor: Supervisor) -> None:
    supervisor.start(script(DEAF, patience=0.2))
    wait_until(lambda: "awake" in said(supervisor))
    supervisor.stop()
    assert supervisor.children[0].process.returncode == -signal.SIGKILL


def test_stop_goes_backwards(supervisor: Supervisor) -> None:
    farewell = "import signal, time\ndef bye(*_):\n print('bye', flush=True); exit()\n"
    farewell += "signal.signal(signal.SIGTERM, bye); print('awake', flush=True); time.sleep(600)"
    supervisor.start(script(farewell, "first"), script(farewell, "second"))
    wait_until(lambda: said(supervisor).count("awake") == 2)
    supervisor.stop()
    last = said(supervisor).splitlines()[-2:]
    assert last == ["second    | bye", "first     | bye"]


def test_kill_of_the_supervisor_takes_its_children_along(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SUPERVISED, str(tmp_path), SLEEPER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervised:
        assert supervised.stdout is not None
        assert supervised.stdout.readline() == "child     | awake\n"
        assert len(remains.marked(str(tmp_path))) == 1
        supervised.kill()
    wait_until(lambda: remains.marked(str(tmp_path)) == set())


def test_end_of_what_a_killed_start_left_ends_all_of_it(tmp_path: Path) -> None:
    mark = {**os.environ, "MPASPOR_SUPERVISED": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", DEAF], env=mark, stdout=subprocess.PIPE) as left:
        assert left.stdout is not None
        left.stdout.readline()
        remains.end(str(tmp_path), [], patience=0.1)
        assert left.wait(5) == -signal.SIGKILL
