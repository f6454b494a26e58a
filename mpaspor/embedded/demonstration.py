"""The whole service on one machine: what `manage.py up` does, from first check to last stop."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connections

from mpaspor.embedded import home as homes
from mpaspor.embedded import postgres, programs, remains, static_files, valkey
from mpaspor.embedded.environment import first_port
from mpaspor.embedded.home import Home
from mpaspor.embedded.log import Log, Voice
from mpaspor.embedded.supervisor import (
    StopRequested,
    Supervisor,
    finish_undisturbed,
    raise_on_signals,
)

PORTS = ("the pages", "the bank", "the inbox", "the inbox's SMTP", "the civil registry")


class AlreadyRunning(Exception):
    """Another `up` has this home."""


class PortTaken(Exception):
    """A port of ours is in use."""


def run(log: Log) -> None:
    """Runs until a signal says stop, and leaves no process behind.

    Raises AlreadyRunning, PortTaken, and ChildFailed when a part does not come up.
    """
    home, port = homes.current(), first_port(os.environ)
    with alone(home):
        supervisor = Supervisor(log, str(home.path), server_folders(home))
        raise_on_signals()
        try:
            remains.end(supervisor.mark, supervisor.folders)
            check_ports(os.environ["HOST"], port)
            bring_up(supervisor, home, port)
            supervisor.watch()
        except StopRequested:
            log.say("Stopping …")
        finally:
            finish_undisturbed()
            supervisor.stop()
        log.say("Stopped.")


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """The lock goes with the process, however it ends."""
    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home.path / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunning(
                f"Already running on {home.path} (process {lock.read()}). Stop that one first, "
                "or start a second one with MPASPOR_HOME=another-folder and PORT=9000."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def server_folders(home: Home) -> list[Path]:
    return [postgres.data_folder(home), valkey.data_folder(home)]


def check_ports(host: str, first: int) -> None:
    for port, use in enumerate(PORTS, start=first):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise PortTaken(
                    f"Port {port} for {use} cannot be used ({error.strerror}). "
                    "Move all five ports, for example: PORT=9000 make run"
                ) from None


def bring_up(supervisor: Supervisor, home: Home, port: int) -> None:
    supervisor.start(*programs.servers(home))
    set_up(Voice(supervisor.log, "setup"))
    # The first start takes a while, and the web server would share a port taken meanwhile.
    check_ports(os.environ["HOST"], port)
    supervisor.start(*programs.simulators(home, port), *programs.service(home, port))
    supervisor.log.block(ready_text(home))


def set_up(voice: Voice) -> None:
    """Everything that is already done costs next to nothing."""
    call_command("compile_translations", stdout=voice)
    call_command("migrate", stdout=voice)
    static_files.collect(voice)
    call_command("seed_demo", stdout=voice)
    connections.close_all()


def ready_text(home: Home) -> list[str]:
    given = os.environ
    return [
        f"Ready: {given['BASE_URL']}",
        f"Bank (simulator):           {given['SIMPONI_URL']}",
        f"Messages (simulator):       {given['SMS_URL']}",
        f"Civil registry (simulator): {given['DUKCAPIL_URL']}",
        f"Sign-ins and API client:    {home.path / 'demo.json'}",
        "Ctrl-C stops all of it.",
    ]
