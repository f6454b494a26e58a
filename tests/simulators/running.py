"""Starts the simulators as real processes for any test that needs them.

    simponi = start_simponi(tmp_path, callback_url="http://127.0.0.1:8000/…")
    simponi.control(fail="500", fail_count=2)
    simponi.pay(billing_code)
    simponi.stop()

The same data directory can be started again: bills and messages are kept, and so is the port.
"""

import atexit
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
STOP_SECONDS = 10.0


@dataclass(kw_only=True)
class Simulator:
    name: str
    data: Path
    env: dict[str, str]
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    web: requests.Session = field(default_factory=requests.Session)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    @property
    def log_file(self) -> Path:
        return self.data / f"{self.name}.log"

    def failures(self) -> list[str]:
        """Handlers and tasks that fell over; empty while the simulator is well."""
        signs = ("Error handling request", "Task exception was never retrieved")
        return [line for line in self.log.splitlines() if line.startswith(signs)]

    def ports(self) -> list[str]:
        return ["--port", str(self.port)]

    def options(self) -> list[str]:
        return [*self.ports(), "--data", str(self.data / f"{self.name}.sqlite3")]

    def start(self) -> None:
        """Returns when it answers. A port of 0 becomes the port the process chose."""
        self.web.trust_env = False
        self.log_file.write_bytes(b"")
        atexit.register(self.kill)
        command = [sys.executable, "-W", "error", "-m", f"simulators.{self.name}", *self.options()]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | {"HOST": "127.0.0.1"} | self.env,
                stdout=log,
                stderr=log,
            )
        until(lambda: self.is_ready(), seconds=START_SECONDS, what=f"{self.name} to be ready")
        self.port = int(self.logged(f"{self.name} ready on ").rpartition(":")[2])

    def is_ready(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError(f"{self.name} did not start:\n{self.log}")
        return f"{self.name} ready on " in self.log and self.log.endswith("\n")

    def logged(self, text: str) -> str:
        return next(line for line in self.log.splitlines() if text in line)

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, as a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.web.close()
        atexit.unregister(self.kill)

    def control(self, **faults: object) -> dict[str, Any]:
        """Set faults such as fail="500", fail_count=2; the settings now in force."""
        return self.answer(self.web.post(f"{self.url}/control", json=faults, timeout=10))

    def reset(self) -> dict[str, Any]:
        return self.answer(self.web.post(f"{self.url}/control/reset", timeout=10))

    def tally(self, fail: str) -> int:
        """How many API requests met this failure so far."""
        told = self.answer(self.web.get(f"{self.url}/control/tally", timeout=10))
        return int(told.get(fail, 0))

    def answer(self, response: requests.Response) -> dict[str, Any]:
        assert response.ok, f"{response.status_code} {response.text}"
        body: dict[str, Any] = response.json()
        return body


@dataclass(kw_only=True)
class Simponi(Simulator):
    key: str

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def pay(
        self, billing_code: str, channel: str = "mobile_banking", **oddities: object
    ) -> dict[str, Any]:
        """Pay at the bank; the payment's NTPN, NTB, amount, channel and time.

        `oddities`: amount, paid_at, settled_on, anyhow.
        """
        body = {"billing_code": billing_code, "channel": channel} | oddities
        return self.answer(self.web.post(f"{self.url}/v1/pay", json=body, timeout=10))


@dataclass(kw_only=True)
class Inbox(Simulator):
    key: str
    smtp_port: int = 0

    def ports(self) -> list[str]:
        return [*super().ports(), "--smtp-port", str(self.smtp_port)]

    def start(self) -> None:
        super().start()
        self.smtp_port = int(self.logged("inbox takes mail on ").rpartition(":")[2])

    def messages(self, to: str = "", since: int = 0) -> list[dict[str, Any]]:
        """What arrived, newest first."""
        query: dict[str, str | int] = {"to": to, "since": since}
        response = self.web.get(f"{self.url}/messages.json", params=query, timeout=10)
        assert response.ok, f"{response.status_code} {response.text}"
        rows: list[dict[str, Any]] = response.json()
        return rows

    def wait_for(self, to: str, *, since: int = 0, seconds: float = 20.0) -> dict[str, Any]:
        """The newest message to this recipient after `since`, as soon as there is one."""
        until(lambda: bool(self.messages(to, since)), seconds=seconds, what=f"a message to {to}")
        return self.messages(to, since)[0]


@dataclass(kw_only=True)
class Dukcapil(Simulator):
    key: str

    def options(self) -> list[str]:
        """It keeps nothing."""
        return self.ports()


def start_simponi(
    data_dir: Path,
    callback_url: str = "",
    *,
    key: str = "",
    callback_pauses: str = "",
    port: int = 0,
) -> Simponi:
    """`callback_pauses`: seconds between tries such as "0.1,0.1"; empty for the real ones."""
    key = key or secrets.token_hex(16)
    env = {"SIMPONI_KEY": key, "CALLBACK_URL": callback_url, "CALLBACK_PAUSES": callback_pauses}
    simponi = Simponi(name="simponi", data=data_dir, env=env, key=key, port=port)
    simponi.start()
    return simponi


def start_inbox(
    data_dir: Path, *, key: str = "", port: int = 0, smtp_port: int = 0, demo_file: str = ""
) -> Inbox:
    key = key or secrets.token_hex(16)
    env = {"SMS_KEY": key, "WHATSAPP_TOKEN": key, "DEMO_FILE": demo_file}
    inbox = Inbox(name="inbox", data=data_dir, env=env, key=key, port=port, smtp_port=smtp_port)
    inbox.start()
    return inbox


def start_dukcapil(data_dir: Path, *, key: str = "", port: int = 0) -> Dukcapil:
    """`data_dir` is for its log."""
    key = key or secrets.token_hex(16)
    dukcapil = Dukcapil(
        name="dukcapil", data=data_dir, env={"DUKCAPIL_KEY": key}, key=key, port=port
    )
    dukcapil.start()
    return dukcapil


def until(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {seconds:g} s for {what}.")
        time.sleep(0.02)
