"""A load client that costs little: prepared requests over kept-open connections."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """`seconds` for all journeys; `statuses` counts answers by HTTP status."""

    journeys: int
    seconds: float
    statuses: dict[int, int]

    @property
    def rate(self) -> float:
        return self.journeys / self.seconds


def run(port: int, journeys: Iterable[Sequence[bytes]], *, connections: int) -> Result:
    """Each journey is a few requests, sent one after the other on one connection."""
    return asyncio.run(_run(port, iter(journeys), connections))


async def _run(port: int, waiting: Iterator[Sequence[bytes]], connections: int) -> Result:
    statuses: dict[int, int] = {}
    began = time.perf_counter()
    made = await asyncio.gather(*(_client(port, waiting, statuses) for _ in range(connections)))
    return Result(sum(made), time.perf_counter() - began, statuses)


async def one(port: int, request: bytes) -> int:
    """The status of one answer, over a connection of its own."""
    statuses: dict[int, int] = {}
    await _client(port, iter([[request]]), statuses)
    return next(iter(statuses))


async def _client(port: int, waiting: Iterator[Sequence[bytes]], statuses: dict[int, int]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    made = 0
    for journey in waiting:
        for request in journey:
            writer.write(request)
            status = await _answer(reader)
            statuses[status] = statuses.get(status, 0) + 1
        made += 1
    writer.close()
    await writer.wait_closed()
    return made


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = 0
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


def get(path: str, cookie: str = "") -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(path: str, body: str = "", cookie: str = "") -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
