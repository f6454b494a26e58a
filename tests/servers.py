"""PostgreSQL and Valkey for a test run, when the environment names none; texts compiled.

A plugin loaded with -p: a conftest would come after Django's settings were read. The first process
starts the servers, the xdist workers inherit their addresses and take a Redis database each.
"""

import gc
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from mpaspor.embedded import home as homes
from mpaspor.embedded import postgres, remains, valkey
from mpaspor.embedded.environment import environment
from mpaspor.embedded.program import Program, spawn
from mpaspor.embedded.translations import compile_catalogue, outdated

PREFIX = "mpaspor-test-"
READY_SECONDS = 60.0
TICK_SECONDS = 0.02


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """As a wrapper, before pytest-django reads the settings."""
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        os.environ["REDIS_URL"] = database_of(worker, os.environ["REDIS_URL"])
    else:
        running = ExitStack()
        early_config.add_cleanup(running.close)
        running.enter_context(servers())
        for source in outdated(homes.CHECKOUT / "locale"):
            compile_catalogue(source)
    return (yield)


def database_of(worker: str, url: str) -> str:
    """gw0 has the one of the URL (or 0), gw1 the next one."""
    number = int(worker.removeprefix("gw"))
    if not re.search(r"(/|db=)\d+$", url):
        url = url.rstrip("/") + "/0"
    return re.sub(r"\d+$", lambda given: str(int(given[0]) + number), url)


@contextmanager
def servers() -> Iterator[None]:
    """Only what is not given is started; it ends with this process, however that ends."""
    given = set(os.environ)
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    # Passable, as the server's user may be another one.
    folder.chmod(0o711)
    os.environ["MPASPOR_HOME"] = os.environ["MPASPOR_TEMP"] = str(folder)
    environment()
    Path(os.environ["STATIC_ROOT"]).mkdir(exist_ok=True)
    home = homes.current()
    with ExitStack() as running:
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        if "DATABASE_URL" not in given:
            running.enter_context(serving(postgres.program(home, durable=False), folder))
        if "REDIS_URL" not in given:
            running.enter_context(serving(valkey.program(home), folder))
        yield


def sweep() -> None:
    """Data of runs that were killed; their servers ended with them."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        runner = left.name.removeprefix(PREFIX).partition("-")[0]
        ended = remains.can_tell() and not Path("/proc", runner).exists()
        if ended and left.stat().st_uid == os.geteuid():
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def serving(program: Program, folder: Path) -> Iterator[None]:
    with (folder / f"{program.name}.log").open("wb") as log:
        process = spawn(program, mark=str(folder), output=log.fileno())
        try:
            deadline = time.monotonic() + READY_SECONDS
            while not program.ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.exit(f"{program.name} did not start:\n{Path(log.name).read_text()}", 1)
                time.sleep(TICK_SECONDS)
            yield
        finally:
            process.send_signal(program.stop_signal)
            process.wait()


def pytest_collection_finish() -> None:
    """What is there by now stays: the collector need not go through it again and again."""
    gc.freeze()
