"""What an earlier start left behind when it was killed without a chance to stop its children."""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from mpaspor.embedded.program import MARK

PROC = Path("/proc")
PEACE_SECONDS = 5.0
TICK_SECONDS = 0.05
SERVERS = {"postgres", "valkey-server"}


def can_tell() -> bool:
    return (PROC / "self" / "environ").exists()


def processes(mark: str, folders: Iterable[Path]) -> set[int]:
    """Pids with our mark in their environment, and servers at work in one of our folders: a server
    that shows its state in the process list writes over its environment."""
    found = marked(mark)
    for folder in folders:
        found |= working_in(folder)
    return found - {os.getpid()}


def marked(mark: str) -> set[int]:
    wanted = f"{MARK}={mark}".encode()
    return {pid for pid in every_pid() if wanted in environment_of(pid)}


def working_in(folder: Path) -> set[int]:
    return {pid for pid in every_pid() if is_server(pid) and link(pid, "cwd") == str(folder)}


def is_server(pid: int) -> bool:
    return Path(link(pid, "exe")).name in SERVERS


def every_pid() -> Iterable[int]:
    return [int(entry.name) for entry in PROC.glob("[0-9]*")]


def environment_of(pid: int) -> list[bytes]:
    with suppress(OSError):
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    return []


def link(pid: int, name: str) -> str:
    with suppress(OSError):
        return os.readlink(PROC / str(pid) / name)
    return ""


def end(mark: str, folders: Iterable[Path], *, patience: float = PEACE_SECONDS) -> None:
    """They were told to stop when their parent died: wait for that, then end them."""
    folders = list(folders)
    deadline = time.monotonic() + patience
    while (left := processes(mark, folders)) and time.monotonic() < deadline:
        time.sleep(TICK_SECONDS)
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while processes(mark, folders):
        time.sleep(TICK_SECONDS)
