"""One person at an opening, as a browser shows it to them: pages, redirects, the status file.

What static/js/queue.js does is done here in the same rhythm.
"""

import asyncio
import random
import re
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from benchmarks.crowd import CSRF, Draft

PATIENCE = aiohttp.ClientTimeout(total=60)
# As in static/js/queue.js: pages a second that may come back at the same news.
SPREAD = 25
LANGUAGE_COOKIE = "django_language"
NUMBER = re.compile(r'data-number="(\d+)"')
STATUS = re.compile(r'data-queue="([^"]+)"')
DEED = re.compile(r'action="([^"]+/queue/[^"]+/)"')
CHOICE = re.compile(r'href="(/applications/[^"]+/offices/[^"]+)"')
DAY = re.compile(r'href="(/applications/[^"]+/offices/[^"/]+/\d{4}-\d\d-\d\d/)"')
SLOT = re.compile(r'name="slot"\s+id="slot_\w+"\s+value="(\w+)"\s+(disabled)?')


class Fault(Exception):
    """What nobody may see."""


@dataclass
class Seen:
    """What all of them saw."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)
    requests: int = 0
    # By application: the numbers its pages said, and how it ended.
    numbers: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    ended: dict[str, str] = field(default_factory=dict)


@dataclass
class Visitor:
    base: str
    release: str
    draft: Draft
    seen: Seen
    until: float
    web: aiohttp.ClientSession = field(init=False)

    async def come(self, after: float) -> None:
        """From getting in line to a seat, or to the end of the measurement."""
        await asyncio.sleep(after)
        cookies = {"sessionid": self.draft.session, "csrftoken": CSRF, LANGUAGE_COOKIE: "en"}
        line = aiohttp.TCPConnector(limit=2)
        async with aiohttp.ClientSession(
            self.base, cookies=cookies, connector=line, timeout=PATIENCE
        ) as self.web:
            self.ended("never in line")
            try:
                await self.stand_in_line()
            except (Fault, aiohttp.ClientError, TimeoutError) as fault:
                self.seen.faults.append(f"{type(fault).__name__}: {fault}"[:300])
                self.ended("fault")

    def ended(self, how: str) -> None:
        self.seen.ended[self.draft.application] = how

    async def stand_in_line(self) -> None:
        address = f"/releases/{self.release}/join/"
        await self.ask("join page", address)
        page = await self.send("join", address, persons=self.draft.person, service="regular")
        self.ended("waits")
        while time.monotonic() < self.until:
            if "It is your turn" in page:
                return await self.choose(page)
            page = await self.wait(page)
        await self.ask("queue page", f"/releases/{self.release}/queue/")

    async def wait(self, page: str) -> str:
        """Until there is news; the page as it then is."""
        status_url = STATUS.search(page)
        if status_url is None:
            raise Fault(f"no place in line on the page: {words(page)}")
        number = self.number_on(page)
        minutes = 0.0
        was = state_on(page)
        while time.monotonic() < self.until:
            await self.rest(pause(minutes))
            status = await self.status(status_url[1])
            if status is None:
                break
            called = number is not None and status["called"] >= number
            if called or status["state"] != was or (number is None and was == "active"):
                await self.rest(come_back(status, called=called))
                break
            minutes = minutes_until(number, status)
        return await self.ask("queue page", f"/releases/{self.release}/queue/")

    async def rest(self, seconds: float) -> None:
        """No longer than is measured."""
        await asyncio.sleep(max(min(seconds, self.until - time.monotonic()), 0))

    def number_on(self, page: str) -> int | None:
        found = NUMBER.search(page)
        if found is None:
            return None
        self.seen.numbers[self.draft.application].add(int(found[1]))
        return int(found[1])

    async def status(self, url: str) -> Mapping[str, Any] | None:
        """None before the file is written."""
        began = time.monotonic()
        async with self.web.get(url) as answer:
            body = await answer.read()
            self.count("status file", began)
            if answer.status == 404:
                return None
            if answer.status != 200:
                raise Fault(f"status file: {answer.status} {body[:80]!r}")
            found: Mapping[str, Any] = await answer.json(content_type=None)
            return found

    async def choose(self, page: str) -> None:
        deed = DEED.search(page)
        if deed is None:
            raise Fault(f"no way in: {words(page)}")
        page = await self.send("come in", deed[1], deed="enter")
        choice = CHOICE.search(page)
        if choice is None:
            raise Fault(f"no way to a seat: {words(page)}")
        await asyncio.sleep(random.uniform(1, 4))
        # Whoever finds a session just taken chooses another one, as the page asks.
        for _try in range(10):
            days = DAY.findall(await self.ask("days", choice[1].replace("&amp;", "&")))
            if not days:
                raise Fault("called, and no day has a free seat")
            if await self.hold(random.choice(days)):
                return self.ended("seated")
        raise Fault("called, and no seat in ten tries")

    async def hold(self, day: str) -> bool:
        free = [code for code, full in SLOT.findall(await self.ask("sessions", day)) if not full]
        if not free:
            return False
        await asyncio.sleep(random.uniform(1, 4))
        page = await self.send("hold", day, slot=random.choice(free))
        if f"/applications/{self.draft.application}/other/" in page:
            return True
        if "just taken" not in page:
            raise Fault(f"no seat held: {words(page)}")
        return False

    async def ask(self, step: str, url: str) -> str:
        began = time.monotonic()
        async with self.web.get(url) as answer:
            return await self.read(step, answer, began)

    async def send(self, step: str, url: str, **form: str) -> str:
        began = time.monotonic()
        data = {"csrfmiddlewaretoken": CSRF} | form
        async with self.web.post(url, data=data) as answer:
            return await self.read(step, answer, began)

    async def read(self, step: str, answer: aiohttp.ClientResponse, began: float) -> str:
        page = await answer.text()
        self.seen.requests += len(answer.history)
        self.count(step, began)
        if answer.status != 200:
            raise Fault(f"{step}: {answer.status} {words(page)}")
        return page

    def count(self, step: str, began: float) -> None:
        self.seen.requests += 1
        self.seen.took[step].append(time.monotonic() - began)


def state_on(page: str) -> str:
    found = re.search(r'data-state="(\w+)"', page)
    return found[1] if found else ""


def minutes_until(number: int | None, status: Mapping[str, Any]) -> float:
    """Until its turn, or until the opening."""
    if number is None:
        return max((status.get("opens", 0) - time.time()) / 60, 0)
    return float(max(number - status["called"] - 1, 0) / max(status["pace"], 1))


def pause(minutes: float) -> float:
    seconds = 5 if minutes < 2 else 20 if minutes < 15 else 60
    return seconds * random.uniform(0.8, 1.2)


def come_back(status: Mapping[str, Any], *, called: bool) -> float:
    most = 2 if called else min(max(status["waiting"] / SPREAD, 2), 120)
    return random.uniform(0, most)


def words(page: str) -> str:
    """What the page says, shortened."""
    main = page.partition("<main")[2] or page
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())[:160]
