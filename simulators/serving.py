"""How a simulator starts, stops, logs and answers errors."""

import argparse
import asyncio
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from simulators.clock import now
from simulators.pages import page
from simulators.problems import Problem

SHUTDOWN_SECONDS = 0.2
HOLD_SECONDS = 30.0
OUTCOME = web.RequestKey("outcome", str)


class Door:
    """The listening socket; while it is closed, whoever connects is refused."""

    def __init__(self, runner: web.AppRunner, host: str, port: int) -> None:
        self.runner, self.host, self.port = runner, host, port
        self.site: web.BaseSite | None = None
        self.reopening: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        return self.reopening is None

    async def open(self) -> None:
        self.site = web.TCPSite(self.runner, self.host, self.port)
        await self.site.start()
        self.port = self.runner.addresses[0][1]

    def close(self, seconds: float) -> None:
        if self.is_open:
            self.reopening = asyncio.create_task(self.stay_closed(seconds))

    async def stay_closed(self, seconds: float) -> None:
        assert self.site is not None
        await self.site.stop()
        # Bound, but not listening: the port stays ours and refuses.
        with socket.socket() as keeper:
            keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            keeper.bind((self.host, self.port))
            await asyncio.sleep(seconds)
        await self.open()
        self.reopening = None
        say("door open again")


DOOR = web.AppKey("door", Door)


def say(text: str) -> None:
    print(f"{now():%H:%M:%S} {text}", flush=True)


def run(
    name: str,
    build: Callable[[argparse.Namespace], web.Application],
    ports: dict[str, int],
    *,
    keeps_data: bool = True,
) -> None:
    """Serve until SIGTERM or SIGINT. A port given as 0 is chosen freely and named in the log."""
    arguments = read_arguments(name, ports, keeps_data=keeps_data)
    try:
        asyncio.run(serve(name, build(arguments), arguments.host, arguments.port))
    except (OSError, sqlite3.Error) as error:
        sys.exit(f"{name}: {error}")


def read_arguments(name: str, ports: dict[str, int], *, keeps_data: bool) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m simulators.{name}")
    parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    if keeps_data:
        parser.add_argument("--data", type=Path, required=True, metavar="PATH.sqlite3")
    for option, default in ports.items():
        parser.add_argument(option, type=int, default=default)
    return parser.parse_args()


def secret(variable: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        sys.exit(f"Set the environment variable {variable}: the key that callers must send.")
    return value


async def serve(name: str, app: web.Application, host: str, port: int) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    app[DOOR] = door = Door(runner, host, port)
    await runner.setup()
    try:
        await door.open()
        say(f"{name} ready on http://{host}:{door.port}")
        await stop_signal()
    finally:
        await runner.cleanup()


async def stop_signal() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


@web.middleware
async def log_request(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line a request; the query is left out, it may hold an address."""
    began = time.monotonic()
    response = await handler(request)
    outcome = request.get(OUTCOME, str(response.status))
    took_ms = (time.monotonic() - began) * 1000
    say(f"{request.method} {request.rel_url.raw_path} {outcome} {took_ms:.0f} ms")
    return response


@web.middleware
async def answer_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Problem as problem:
        return problem.response()
    except web.HTTPException as error:
        return http_error(request, error)
    except web.RequestPayloadError:
        return http_error(request, web.HTTPBadRequest())


def http_error(request: web.Request, error: web.HTTPException) -> web.Response:
    if request.path.startswith(("/v1/", "/control")) or request.path.endswith(".json"):
        response = Problem(error.status, "http", error.reason).response()
    else:
        response = page(
            "error.html", {"title": error.reason, "status": error.status}, status=error.status
        )
    if error.status in (400, 413):
        response.force_close()
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


async def hold(request: web.Request) -> web.Response:
    """Never answer: keep the connection open for HOLD_SECONDS, then drop it."""
    await asyncio.sleep(HOLD_SECONDS)
    return hang_up(request)


def hang_up(request: web.Request) -> web.Response:
    request[OUTCOME] = "dropped"
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)


async def healthz(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
