"""`manage.py up` for real: the first start takes a minute, so the tests share its home."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from mpaspor.embedded.home import CHECKOUT, Home
from tests.embedded.waiting import wait_until

pytestmark = pytest.mark.xdist_group("up")

FIRST_START_SECONDS = 240
# Nothing of the test run's own servers and settings may reach it.
KEPT = ("HOME", "LANG", "MPASPOR_TEMP", "PATH")


class Up:
    def __init__(self, home: Home, port: int) -> None:
        self.home, self.port = home, port
        self.log = home.path / f"test-{port}.log"
        command = [sys.executable, str(CHECKOUT / "manage.py"), "up"]
        own = {"MPASPOR_HOME": str(home.path), "PORT": str(port)}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                env={**{name: os.environ[name] for name in KEPT if name in os.environ}, **own},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, word: str) -> None:
        wait_until(lambda: word in self.said() or self.ended(), FIRST_START_SECONDS)
        assert word in self.said(), self.said()

    def ended(self) -> bool:
        return self.process.poll() is not None

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@contextmanager
def up(home: Home, port: int) -> Iterator[Up]:
    started = Up(home, port)
    try:
        yield started
    finally:
        started.stop(signal.SIGTERM)


@pytest.fixture
def port() -> int:
    """The first of ten free ones, below those that the system hands out by itself."""
    firsts = random.sample(range(20_000, 32_000, 10), k=1_200)
    return next(first for first in firsts if all_free(range(first, first + 10)))


def all_free(ports: range) -> bool:
    with ExitStack() as probes:
        try:
            for port in ports:
                probes.enter_context(socket.create_server(("127.0.0.1", port)))
        except OSError:
            return False
    return True


def processes_of(home: Home) -> list[str]:
    """The command lines of everything that names this home, by whatever trace."""
    return [
        (entry / "cmdline").read_text().replace("\0", " ")
        for entry in Path("/proc").glob("[0-9]*")
        if entry.name != str(os.getpid()) and mentions(entry, home)
    ]


def mentions(entry: Path, home: Home) -> bool:
    try:
        traces = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        traces += os.readlink(entry / "cwd").encode()
    except OSError:
        return False
    return bytes(home.path) in traces or bytes(home.place) in traces


def status_of(url_port: int, path: str) -> int:
    line = http.client.HTTPConnection("127.0.0.1", url_port, timeout=10)
    try:
        line.request("GET", path)
        return line.getresponse().status
    finally:
        line.close()


def test_up_serves_one_at_a_time_starts_after_kill_9_and_leaves_nothing(
    lasting_home: Home, port: int
) -> None:
    """On an empty home, on a home in use, and on one whose supervisor was killed."""
    first = Up(lasting_home, port)
    first.wait_for("Ready:")
    assert f"Ready: http://127.0.0.1:{port}\n" in first.said()
    assert (status_of(port, "/readyz"), status_of(port, "/")) == (200, 200), first.said()
    demo = json.loads((lasting_home.path / "demo.json").read_text())
    assert demo["base_url"] == f"http://127.0.0.1:{port}"

    second = Up(lasting_home, port + 5)
    assert second.process.wait(60) == 1
    assert f"Already running on {lasting_home.path} (process " in second.said()
    assert not first.ended()

    first.stop(signal.SIGKILL)
    with up(lasting_home, port) as again:
        again.wait_for("Ready:")
        assert status_of(port, "/readyz") == 200
    assert again.process.returncode == 0
    assert processes_of(lasting_home) == []
    assert all_free(range(port, port + 5))


def test_ctrl_c_while_starting_leaves_nothing(lasting_home: Home, port: int) -> None:
    with up(lasting_home, port) as started:
        started.wait_for("setup")
        assert started.stop(signal.SIGINT) == 0
    assert processes_of(lasting_home) == []


@pytest.mark.parametrize("offset", range(5))
def test_up_with_a_taken_port_names_it_and_the_remedy(
    lasting_home: Home, port: int, offset: int
) -> None:
    with socket.create_server(("127.0.0.1", port + offset)):
        refused = Up(lasting_home, port)
        assert refused.process.wait(60) == 1
    message = refused.said().strip().splitlines()[-1]
    assert message.startswith(f"CommandError: Port {port + offset} for ")
    assert message.endswith("PORT=9000 make run")
