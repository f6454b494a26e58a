"""The whole service as `make run` starts it, for the journeys of people through a real browser."""

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page

from tests.simulators.running import until

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 300.0
STOP_SECONDS = 60.0
GIVEN = (
    "DATABASE_URL",
    "REDIS_URL",
    "BASE_URL",
    "SIMPONI_URL",
    "SMS_URL",
    "WHATSAPP_URL",
    "EMAIL_PORT",
    "DUKCAPIL_URL",
)


@dataclass(frozen=True)
class Service:
    """The addresses and sign-ins of a running demonstration, as demo.json has them."""

    facts: dict[str, Any]
    log: Path

    @property
    def url(self) -> str:
        return str(self.facts["base_url"])

    @property
    def bank(self) -> str:
        return str(self.facts["simulators"]["bank"])

    def newest_message(self, to: str, *, holding: str) -> str:
        """The text of the newest message to a recipient that holds these words."""
        found: list[str] = []

        def arrived() -> bool:
            rows = self._messages(to)
            found[:] = [text for text in rows if holding in text]
            return bool(found)

        until(arrived, seconds=30, what=f"a message to {to} with {holding!r}")
        return found[0]

    def code_sent_to(self, to: str) -> str:
        """The six digits of the newest code."""
        text = self.newest_message(to, holding="M-Paspor")
        found = re.search(r"(?<!\d)\d{6}(?!\d)", text)
        assert found, text
        return found[0]

    def _messages(self, to: str) -> list[str]:
        url = f"{self.facts['simulators']['inbox']}/messages.json"
        rows = requests.get(url, params={"to": to}, timeout=10).json()
        return [f"{row.get('subject', '')}\n{row['text']}" for row in rows]


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("home")
    log = home / "up.log"
    env = {name: value for name, value in os.environ.items() if not _is_ours(name)}
    env |= {"MPASPOR_HOME": str(home), "PORT": str(free_ports(5))}
    with log.open("wb") as output:
        up = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=env, stdout=output, stderr=output
        )
        try:
            until(lambda: is_ready(up, log), seconds=READY_SECONDS, what="the service")
            yield Service(json.loads((home / "demo.json").read_text()), log)
        finally:
            up.send_signal(signal.SIGTERM)
            up.wait(STOP_SECONDS)


def _is_ours(name: str) -> bool:
    """What the plugin for the tests' own servers, or a developer, has set."""
    return name in {
        *GIVEN,
        *("SECRET_KEY", "SEAL_KEYS", "INDEX_KEYS", "STATIC_ROOT"),
        *("SIMPONI_KEY", "SMS_KEY", "WHATSAPP_TOKEN", "DUKCAPIL_KEY"),
        *("DEMO_FILE", "DJANGO_SETTINGS_MODULE", "EMAIL_HOST", "HOST", "PORT", "DEBUG", "DEMO"),
    }


def is_ready(up: "subprocess.Popen[bytes]", log: Path) -> bool:
    assert up.poll() is None, log.read_text()
    return "Ready: " in log.read_text()


def free_ports(number: int) -> int:
    """The first of so many ports in a row that nobody uses.

    Below those that the system gives to outgoing connections, which come and go by the second.
    """
    while True:
        first = 20_000 + secrets.randbelow(12_000)
        if all(_is_free(first + offset) for offset in range(number)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@pytest.fixture
def phone(page: Page) -> Page:
    """A page on a small phone, that waits no longer than a person would."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.set_default_timeout(15_000)
    return page
