"""Every environment variable the settings need, for a machine where nobody has set one."""

import os
from collections.abc import Mapping

from mpaspor.embedded import home
from mpaspor.embedded.home import Home
from mpaspor.embedded.postgres import database_url
from mpaspor.embedded.valkey import redis_url

LAST_PORT = 65_531


class BadPort(Exception):
    """PORT is not a number that leaves room for the five ports of the demonstration."""


def environment() -> None:
    """Set what is missing or empty in this process's environment; what is given stays."""
    here = home.current()
    for name, value in defaults(here, os.environ).items():
        os.environ[name] = os.environ.get(name) or value
    # Made absolute: children start in another folder.
    os.environ["MPASPOR_HOME"] = str(here.path)


def defaults(home: Home, given: Mapping[str, str]) -> dict[str, str]:
    """Addresses come from PORT: the pages, then the bank, the inbox and its SMTP, the registry."""
    port = first_port(given)
    return {
        "MPASPOR_HOME": str(home.path),
        "DATABASE_URL": database_url(home),
        "REDIS_URL": redis_url(home),
        **home.secrets,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "BASE_URL": f"http://127.0.0.1:{port}",
        "SIMPONI_URL": f"http://127.0.0.1:{port + 1}",
        "SMS_URL": f"http://127.0.0.1:{port + 2}",
        "WHATSAPP_URL": f"http://127.0.0.1:{port + 2}/whatsapp",
        "WHATSAPP_SENDER": "100200300400500",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(port + 3),
        "DUKCAPIL_URL": f"http://127.0.0.1:{port + 4}",
        "STATIC_ROOT": str(home.path / "static"),
        "QUEUE_FOLDER": str(home.path / "queue"),
        "DOCUMENTS_FOLDER": str(home.path / "documents"),
        "DEMO_FILE": str(home.path / "demo.json"),
        "DEBUG": "0",
        "DEMO": "1",
    }


def first_port(given: Mapping[str, str]) -> int:
    text = given.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LAST_PORT:
        raise BadPort(f"PORT={text} is not a port: take a number from 1 to {LAST_PORT}.")
    return int(text)
