"""PostgreSQL (durable), Valkey and web servers of a measurement's own; all of it ends with it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mpaspor.embedded import home as homes
from mpaspor.embedded import postgres, valkey
from mpaspor.embedded.environment import environment
from mpaspor.embedded.program import Program, spawn
from mpaspor.embedded.programs import answers

APPLICATIONS = {"product": "mpaspor.wsgi:application", "bare": "benchmarks.bare:application"}
READY_SECONDS = 120.0


def prepare(folder: Path, running: ExitStack, *, port: int = 8000) -> list[int]:
    """An empty service in `folder`; returns the processes of its database and its Redis."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ["MPASPOR_HOME"] = str(folder)
    os.environ["PORT"] = str(port)
    os.environ["DJANGO_SETTINGS_MODULE"] = "mpaspor.settings"
    os.environ["LOG_LEVEL"] = "ERROR"
    os.environ["QUEUE_FOLDER"] = str(folder / "queue")
    # All of the crowd have one address here.
    os.environ["POW_REQUESTS_A_MINUTE"] = "1000000000"
    environment()
    own = homes.current()
    running.callback(shutil.rmtree, own.place, ignore_errors=True)
    programs = (postgres.program(own), valkey.program(own))
    started = [running.enter_context(serving(program, folder)) for program in programs]
    python("manage.py", "migrate", "-v0")
    python("manage.py", "collectstatic", "-v0", "--no-input")
    return started


def web(name: str, port: int) -> Program:
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    options += ["--workers", "2", "--blocking-threads", "4", "--no-access-log"]
    return Program(
        name=name,
        command=[sys.executable, "-m", "granian", *options, APPLICATIONS[name]],
        ready=answers(port),
    )


@contextmanager
def serving(program: Program, folder: Path) -> Iterator[int]:
    """Gives the number of its process once it is ready."""
    with (folder / f"{program.name}.log").open("wb") as log:
        process = spawn(program, mark=str(folder), output=log.fileno())
        try:
            deadline = time.monotonic() + READY_SECONDS
            while not program.ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"{program.name} did not start:\n{Path(log.name).read_text()}")
                time.sleep(0.05)
            yield process.pid
        finally:
            process.send_signal(program.stop_signal)
            process.wait()


def python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True)
