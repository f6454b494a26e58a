"""Starts programs, merges their output into one log, restarts what dies, stops all in order."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from mpaspor.embedded import remains
from mpaspor.embedded.log import Log, Voice
from mpaspor.embedded.program import Program, spawn

TICK_SECONDS = 0.05
ASK_SECONDS = 0.1
READY_SECONDS = 120.0
# A child that lived this long was well: its next fall is restarted at once.
WELL_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 30.0
CHUNK = 65_536
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal: end, wherever the work stands."""


class ChildFailed(Exception):
    """A child ended, or said nothing for too long, before all was ready."""


@dataclass
class Child:
    program: Program
    process: subprocess.Popen[bytes]
    voice: Voice
    started: float = field(default_factory=time.monotonic)
    falls: int = 0
    # When to start it again; None while it lives.
    again: float | None = None


class Supervisor:
    def __init__(self, log: Log, mark: str, folders: Iterable[Path]) -> None:
        self.log, self.mark, self.folders = log, mark, list(folders)
        self.children: list[Child] = []
        self.output = selectors.DefaultSelector()

    def start(self, *programs: Program) -> None:
        """Start them side by side and wait until each is ready. Raises ChildFailed."""
        waiting = [self.begin(program) for program in programs]
        deadline = time.monotonic() + READY_SECONDS
        while waiting := [child for child in waiting if not self.is_ready(child)]:
            if time.monotonic() > deadline:
                late = waiting[0].program.name
                raise ChildFailed(f"{late} was not ready in {READY_SECONDS:.0f} s.")
            self.listen_for(ASK_SECONDS)

    def watch(self) -> None:
        """Until a signal says stop: pass on what children say and start again what fell."""
        while True:
            self.listen(1.0)
            for child in self.children:
                self.revive(child)

    def stop(self) -> None:
        """In the opposite order of the start, then whatever of them is still there."""
        for child in reversed(self.children):
            self.halt(child)
        remains.end(self.mark, self.folders)
        for key in list(self.output.get_map().values()):
            self.hang_up(key.fd)

    def begin(self, program: Program) -> Child:
        voice = Voice(self.log, program.name)
        child = Child(program, self.launch(program, voice), voice)
        self.children.append(child)
        return child

    def launch(self, program: Program, voice: Voice) -> subprocess.Popen[bytes]:
        reading, writing = os.pipe()
        self.output.register(reading, selectors.EVENT_READ, voice)
        try:
            return spawn(program, mark=self.mark, output=writing)
        finally:
            os.close(writing)

    def is_ready(self, child: Child) -> bool:
        if child.process.poll() is not None:
            self.listen(TICK_SECONDS)
            raise ChildFailed(f"{child.program.name} ended with {child.process.returncode}.")
        return child.program.ready()

    def listen_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.listen(left)

    def listen(self, seconds: float) -> None:
        """Until somebody says something, at most so long."""
        for key, _events in self.output.select(seconds):
            heard = os.read(key.fd, CHUNK)
            if heard:
                key.data.write(heard.decode(errors="replace"))
            else:
                self.hang_up(key.fd)

    def hang_up(self, line: int) -> None:
        self.output.unregister(line)
        os.close(line)

    def revive(self, child: Child) -> None:
        now = time.monotonic()
        if child.again is None and child.process.poll() is not None:
            self.lay_out(child, now)
        elif child.again is not None and now >= child.again:
            self.restart(child)

    def lay_out(self, child: Child, now: float) -> None:
        """It fell: end what it left running and set a time for the next try."""
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.falls = 1 if now - child.started > WELL_SECONDS else child.falls + 1
        pause = min(2.0 ** (child.falls - 1), LONGEST_PAUSE_SECONDS)
        child.again = now + pause
        ended = child.process.returncode
        self.log.say(f"{child.program.name} ended with {ended}; again in {pause:.0f} s")

    def restart(self, child: Child) -> None:
        child.process = self.launch(child.program, child.voice)
        child.started, child.again = time.monotonic(), None

    def halt(self, child: Child) -> None:
        with suppress(ProcessLookupError):
            child.process.send_signal(child.program.stop_signal)
        deadline = time.monotonic() + child.program.patience
        while child.process.poll() is None and time.monotonic() < deadline:
            self.listen(TICK_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()
        self.listen(0)


def raise_on_signals() -> None:
    """Also where a shell started us with SIGINT ignored; but nohup's SIGHUP stays ignored."""
    for number in SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, request_stop)


def request_stop(number: int, frame: FrameType | None) -> None:
    finish_undisturbed()
    raise StopRequested


def finish_undisturbed() -> None:
    """From here on another Ctrl-C must not interrupt the stopping."""
    for number in SIGNALS:
        signal.signal(number, ignore)


def ignore(number: int, frame: FrameType | None) -> None:
    return None
