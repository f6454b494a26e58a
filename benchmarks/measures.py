"""What is measured, each as so many a second: the product's ways and the floors they stand on.

Each call makes what it needs anew and measures once; nothing is left over for the next one.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from benchmarks import crowd, load, statements
from quota.models import Slot

BOOKINGS, CONNECTIONS, SLOTS = 300, 32, 100
READS, READERS = 1000, 16
PROCESSES, TRIES = 2, 600

Journey = list[bytes]


class Failed(Exception):
    """What was measured did not do what it should: its speed says nothing."""


class Measures:
    """`ports`: where the product and the bare views answer."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.ports = ports

    # Bookings over HTTP

    def booking(self) -> float:
        return self._book("product", [crowd.make_slot(BOOKINGS, at=now())])

    def bare_booking(self) -> float:
        return self._book("bare", [crowd.make_slot(BOOKINGS, at=now())])

    def spread_booking(self) -> float:
        seats = BOOKINGS // SLOTS
        return self._book("product", [crowd.make_slot(seats, at=now()) for _ in range(SLOTS)])

    def _book(self, name: str, slots: Sequence[Slot]) -> float:
        """Every one of them must have got its seat."""
        drafts = crowd.make_drafts(BOOKINGS, at=now())
        journey = JOURNEYS[name]
        journeys = [
            journey(slots[number % len(slots)], draft) for number, draft in enumerate(drafts)
        ]
        result = load.run(self.ports[name], journeys, connections=CONNECTIONS)
        taken = sum(slot.seats.filter(holder__isnull=False).count() for slot in slots)
        if set(result.statuses) != {302} or taken != BOOKINGS:
            raise Failed(f"{name}: answers {result.statuses}, {taken} of {BOOKINGS} seats taken")
        return result.rate

    # Bookings past HTTP

    def deed(self) -> float:
        return self._by_hands("deed")

    def deed_sql(self) -> float:
        return self._by_hands("sql")

    def textbook(self) -> float:
        with connection.cursor() as cursor:
            cursor.execute(statements.TEXTBOOK_TABLES)
        return self._by_hands("textbook")

    def _by_hands(self, way: str) -> float:
        slot = crowd.make_slot(TRIES, at=now())
        codes = [draft.code for draft in crowd.make_applications(TRIES, at=now())]
        hands = [start_hands(way, slot.code, codes[n::PROCESSES]) for n in range(PROCESSES)]
        for hand in hands:
            said(hand)
        for hand in hands:
            tell(hand, "go")
        spans = [json.loads(said(hand)) for hand in hands]
        if any(hand.wait() for hand in hands):
            raise Failed(f"{way}: a process failed")
        taken = slot.seats.filter(holder__isnull=False).count()
        if way != "textbook" and taken != TRIES:
            raise Failed(f"{way}: {taken} of {TRIES} seats taken")
        return TRIES / float(max(end for _, end in spans) - min(begin for begin, _ in spans))

    # Pages and answers

    def refusal(self) -> float:
        """Everybody hears "full", in a page that shows the other sessions."""
        slot = crowd.make_slot(1, at=now())
        slot.seats.update(holder="SOMEBODY")
        drafts = crowd.make_drafts(BOOKINGS, at=now())
        journeys = [[hold_request(slot, draft)] for draft in drafts]
        return self._read("product", journeys)

    def nothing(self) -> float:
        return self._read("bare", [[load.get("/nothing")]] * READS)

    def availability(self) -> float:
        slot = crowd.make_slot(BOOKINGS, at=now())
        path = f"/api/v1/offices/{crowd.OFFICE}/availability/?from={slot.date}&to={slot.date}"
        with self._booking_goes_on(slot):
            return self._read("product", [[load.get(path)]] * READS)

    def json_beside_booking(self) -> float:
        with self._booking_goes_on(crowd.make_slot(BOOKINGS, at=now())):
            return self.json()

    def json(self) -> float:
        return self._read("bare", [[load.get("/json")]] * READS)

    def application_page(self) -> float:
        drafts = crowd.make_drafts(10, at=now())
        paths = [
            load.get(f"/applications/{draft.application}/answers/", cookie(draft))
            for draft in drafts
        ]
        return self._read("product", [[paths[n % len(paths)]] for n in range(READS // 4)])

    def _read(self, name: str, journeys: Sequence[Sequence[bytes]]) -> float:
        result = load.run(self.ports[name], journeys, connections=READERS)
        if set(result.statuses) != {200}:
            raise Failed(f"{name}: answers {result.statuses}")
        return result.rate

    def _booking_goes_on(self, slot: Slot) -> "Background":
        drafts = crowd.make_drafts(BOOKINGS, at=now())
        return Background(self.ports["product"], [booking_journey(slot, draft) for draft in drafts])


class Background:
    """Two people who book one after the other while something else is measured."""

    def __init__(self, port: int, journeys: Sequence[Journey]) -> None:
        self.stop = threading.Event()
        self.work = threading.Thread(
            target=lambda: load.run(port, self.some(journeys), connections=2)
        )

    def some(self, journeys: Sequence[Journey]) -> Iterator[Journey]:
        for journey in journeys:
            if self.stop.is_set():
                return
            yield journey

    def __enter__(self) -> None:
        self.work.start()

    def __exit__(self, *_failure: object) -> None:
        self.stop.set()
        self.work.join()


def booking_journey(slot: Slot, draft: crowd.Draft) -> Journey:
    """The seat is held, the billing code is asked for."""
    review = load.post(f"/applications/{draft.application}/review/", token(), cookie(draft))
    return [hold_request(slot, draft), review]


def bare_journey(slot: Slot, draft: crowd.Draft) -> Journey:
    hold = load.post(f"/hold?a={draft.application}&s={slot.code}")
    return [hold, load.post(f"/pay?a={draft.application}")]


JOURNEYS: dict[str, Callable[[Slot, crowd.Draft], Journey]] = {
    "product": booking_journey,
    "bare": bare_journey,
}


def hold_request(slot: Slot, draft: crowd.Draft) -> bytes:
    day = f"/applications/{draft.application}/offices/{crowd.OFFICE}/{slot.date}/"
    return load.post(day, f"{token()}&slot={slot.code}", cookie(draft))


def cookie(draft: crowd.Draft) -> str:
    return f"sessionid={draft.session}; csrftoken={crowd.CSRF}"


def token() -> str:
    return f"csrfmiddlewaretoken={crowd.CSRF}"


def start_hands(way: str, slot: str, codes: Sequence[str]) -> "subprocess.Popen[str]":
    facts = json.dumps({"way": way, "slot": slot, "applications": codes})
    command = [sys.executable, "-m", "benchmarks.hands", facts]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )


def said(hand: "subprocess.Popen[str]") -> str:
    assert hand.stdout is not None
    return str(hand.stdout.readline())


def tell(hand: "subprocess.Popen[str]", word: str) -> None:
    assert hand.stdin is not None
    hand.stdin.write(word + "\n")
    hand.stdin.flush()


def now() -> datetime:
    return datetime.now(UTC)
