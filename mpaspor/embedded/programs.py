"""The processes of the demonstration, in the order they start."""

import http.client
import os
import sys
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from mpaspor.embedded import postgres, valkey
from mpaspor.embedded.home import Home
from mpaspor.embedded.program import Program

PATIENCE_SECONDS = 2.0
# Connections that each process of the web server keeps at once.
VISITORS = "4096"
# For a demonstration; in containers the workers have a user of their own.
ROOT_IS_FINE = "ignore:You're running the worker with superuser:Warning"


def servers(home: Home) -> list[Program]:
    """Only those that were not given by the environment."""
    own = []
    if os.environ["DATABASE_URL"] == postgres.database_url(home):
        own.append(postgres.program(home))
    if os.environ["REDIS_URL"] == valkey.redis_url(home):
        own.append(valkey.program(home))
    return own


def simulators(home: Home, port: int) -> list[Program]:
    callback = os.environ["BASE_URL"] + "/api/v1/payments/callbacks/simponi/"
    simponi = ["--port", str(port + 1), "--data", str(home.path / "simponi.sqlite3")]
    inbox = ["--port", str(port + 2), "--smtp-port", str(port + 3)]
    inbox += ["--data", str(home.path / "inbox.sqlite3")]
    dukcapil = ["--port", str(port + 4)]
    return [
        Program(
            name="simponi",
            command=python("simulators.simponi", *simponi),
            env={"CALLBACK_URL": callback},
            ready=answers(port + 1),
        ),
        Program(name="inbox", command=python("simulators.inbox", *inbox), ready=answers(port + 2)),
        Program(
            name="dukcapil",
            command=python("simulators.dukcapil", *dukcapil),
            ready=answers(port + 4),
        ),
    ]


def service(home: Home, port: int) -> list[Program]:
    schedule = str(home.path / "beat-schedule")
    pool = ["--concurrency", "2", "--pool", "prefork"]
    lone = ["--concurrency", "1", "--pool", "prefork"]
    web = ["--interface", "wsgi", "--no-ws", "--host", os.environ["HOST"], "--port", str(port)]
    web += ["--workers", "2", "--blocking-threads", "4", *many_visitors(), *waiting_rooms()]
    web += ["mpaspor.wsgi:application"]
    return [
        celery("beat", "beat", "--schedule", schedule),
        celery("worker", "worker", "--queues", "celery", *pool),
        celery("payments", "worker", "--queues", "payments", *pool),
        celery("registry", "worker", "--queues", "registry", *lone),
        Program(name="web", command=python("granian", *web), ready=answers(port)),
    ]


def many_visitors() -> list[str]:
    """Whoever waits in line keeps a connection; without these, no more than 1,024 may."""
    return ["--backlog", VISITORS, "--backpressure", VISITORS]


def waiting_rooms() -> list[str]:
    """As the web server in front does in production: the files go out as they lie."""
    folder = Path(os.environ["QUEUE_FOLDER"])
    folder.mkdir(parents=True, exist_ok=True)
    route = ["--static-path-route", "/queue", "--static-path-mount", str(folder)]
    return [*route, "--static-path-expires", "5"]


def celery(name: str, *options: str) -> Program:
    command = python("celery", "--quiet", "-A", "mpaspor", *options)
    return Program(name=name, command=command, env={"PYTHONWARNINGS": ROOT_IS_FINE})


def python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def answers(port: int) -> Callable[[], bool]:
    """Any HTTP answer will do: it is up."""
    return lambda: answer_of(f"http://127.0.0.1:{port}/healthz") is not None


def answer_of(url: str) -> HTTPStatus | None:
    parts = urlsplit(url)
    line = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE_SECONDS)
    try:
        line.request("GET", parts.path)
        return HTTPStatus(line.getresponse().status)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        line.close()
