"""A foreground process of ours: it never outlives the process that started it."""

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mpaspor.embedded import tied as tie
from mpaspor.embedded.home import CHECKOUT

MARK = "MPASPOR_SUPERVISED"


def always() -> bool:
    return True


def nothing() -> None:
    return None


@dataclass(frozen=True)
class Program:
    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    before: Callable[[], None] = nothing
    ready: Callable[[], bool] = always
    stop_signal: signal.Signals = signal.SIGTERM
    # Seconds it gets to stop in peace.
    patience: float = 10.0


def spawn(program: Program, *, mark: str, output: int | None = None) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, so that a Ctrl-C reaches it only through us.

    To be called in the main thread: Linux ties the child's life to the thread that starts it.
    """
    program.before()
    return subprocess.Popen(
        tied(program.command, program.stop_signal, program.user),
        env={**os.environ, **program.env, MARK: mark, "PYTHONUNBUFFERED": "1"},
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output and subprocess.STDOUT,
        start_new_session=True,
    )


def tied(
    command: Sequence[str], when_parent_dies: signal.Signals, user: str | None = None
) -> list[str]:
    """The command, run by a user, told with a signal when the thread that starts it is gone."""
    uid, gid = identity_of(user)
    parent = [str(int(when_parent_dies)), str(os.getpid()), f"{uid}:{gid}"]
    return [sys.executable, "-I", "-S", tie.__file__, *parent, *command]


def identity_of(user: str | None) -> tuple[int, int]:
    if user is None:
        return os.geteuid(), os.getegid()
    entry = pwd.getpwnam(user)
    return entry.pw_uid, entry.pw_gid
