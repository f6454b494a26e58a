"""The whole service as processes of its own around the test's database, to be hurt one by one."""

import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import redis
from django.db import connection

from appointments.invariants import broken
from mpaspor.core import clock
from mpaspor.embedded import programs, valkey
from mpaspor.embedded.home import Home
from mpaspor.embedded.program import Program, spawn
from payments.models import Bill
from tests.simulators.running import (
    Dukcapil,
    Inbox,
    Simponi,
    start_dukcapil,
    start_inbox,
    start_simponi,
    until,
)

# Generous, for a machine that does other things too; nothing waits longer than it must.
PATIENCE = 60.0
# Seconds a call to a neighbour may take here, and until a dead worker's rows are taken up.
GATEWAY_TIMEOUT, LEASE = 3, 8


@dataclass(kw_only=True)
class House:
    home: Home
    port: int
    simponi: Simponi
    inbox: Inbox
    dukcapil: Dukcapil
    env: Mapping[str, str]
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def redis(self) -> "redis.Redis":
        return redis.Redis.from_url(valkey.redis_url(self.home))

    def start(self, *names: str) -> None:
        """Returns when those that say so are ready."""
        for name in names:
            program = self.program(name)
            with self.log_of(name).open("ab") as log:
                mark = str(self.home.path)
                self.running[name] = spawn(program, mark=mark, output=log.fileno())
            until(program.ready, seconds=PATIENCE, what=f"{name} to be ready")

    def kill(self, *names: str) -> None:
        """SIGKILL for the process and all its children, as a power cut does."""
        for name in names:
            process = self.running.pop(name)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        self.kill(name)
        yield
        self.start(name)

    @contextmanager
    def silent(self, name: str) -> Iterator[None]:
        """It lives, takes connections and answers nobody."""
        os.killpg(self.running[name].pid, signal.SIGSTOP)
        yield
        os.killpg(self.running[name].pid, signal.SIGCONT)

    def close(self) -> None:
        for name in reversed(list(self.running)):
            self.running[name].send_signal(signal.SIGTERM)
        for process in self.running.values():
            process.wait(PATIENCE)

    def program(self, name: str) -> Program:
        """As `manage.py up` runs it, but that one worker does the work of two.

        The registry has its own, as it may be slow while the gateway's bills must not wait.
        """
        service = {program.name: program for program in programs.service(self.home, self.port)}
        service["valkey"] = valkey.program(self.home)
        second = str(self.home.path / "second-schedule")
        service["second beat"] = programs.celery("second beat", "beat", "--schedule", second)
        found = service[name]
        if name == "worker":
            both = [part.replace("celery,", "") for part in found.command]
            both[both.index("--queues") + 1] = "celery,payments"
            found = replace(found, command=both)
        return replace(found, env={**found.env, **self.env})

    def log_of(self, name: str) -> Path:
        return self.home.path / f"{name}.log"

    def logs(self) -> str:
        return "".join(log.read_text(errors="replace") for log in self.home.path.glob("*.log"))

    def bills_at_the_gateway(self, bill: Bill) -> int:
        """How many it has made for this payer, under whatever key."""
        with closing(sqlite3.connect(self.simponi.data / "simponi.sqlite3")) as store:
            likeness = f"{bill.code}%"
            asked = store.execute("SELECT count(*) FROM bills WHERE request_key LIKE ?", [likeness])
            return int(asked.fetchone()[0])


@contextmanager
def house(home: Path, port: int) -> Iterator[House]:
    url = f"http://127.0.0.1:{port}"
    callback = f"{url}/api/v1/payments/callbacks/simponi/"
    simponi = start_simponi(_folder(home, "bank"), callback, callback_pauses="0.2,0.5,1")
    inbox = start_inbox(_folder(home, "post"))
    dukcapil = start_dukcapil(_folder(home, "register"))
    own = Home(home)
    built = House(
        home=own,
        port=port,
        simponi=simponi,
        inbox=inbox,
        dukcapil=dukcapil,
        env={
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DATABASE_URL": database_url(),
            "REDIS_URL": valkey.redis_url(own),
            "BASE_URL": url,
            "SIMPONI_URL": simponi.url,
            "SIMPONI_KEY": simponi.key,
            "SIMPONI_TIMEOUT": str(GATEWAY_TIMEOUT),
            "SIMPONI_LEASE": str(LEASE),
            # Everybody has one address here, and nobody a browser.
            "POW_REQUESTS_A_MINUTE": "1000000000",
            "DUKCAPIL_URL": dukcapil.url,
            "DUKCAPIL_KEY": dukcapil.key,
            "DUKCAPIL_TIMEOUT": str(GATEWAY_TIMEOUT),
            "DUKCAPIL_LEASE": str(LEASE),
            "DUKCAPIL_REST": "1",
            "SMS_URL": inbox.url,
            "SMS_KEY": inbox.key,
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(inbox.smtp_port),
        },
    )
    try:
        built.start("valkey", "web", "worker", "registry", "beat")
        yield built
    finally:
        built.close()
        simponi.stop()
        inbox.stop()
        dukcapil.stop()


def _folder(home: Path, name: str) -> Path:
    folder = home / name
    folder.mkdir()
    return folder


def database_url() -> str:
    """The database of the test run, in the form the settings read."""
    name = connection.settings_dict["NAME"]
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def all_is_well() -> None:
    assert list(broken(at=clock.now())) == []
