"""Threads that book as quick as they can, past HTTP: by the deed, its SQL, or as a textbook does.

Run by measures.py as several processes: says "ready", waits for a line, then says what it took.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from django.db import connection, transaction

from appointments.booking import hold_seat
from appointments.models import Application
from benchmarks import statements
from mpaspor.core import clock

THREADS = 16

Job = Callable[[str], object]


def main() -> None:
    facts = json.loads(sys.argv[1])
    book = WAYS[facts["way"]](facts["slot"], facts["applications"])
    together = threading.Barrier(THREADS)

    def connect(_number: int) -> None:
        connection.ensure_connection()
        together.wait()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(connect, range(THREADS)))
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.monotonic()
        list(pool.map(book, facts["applications"]))
        print(json.dumps([began, time.monotonic()]), flush=True)


def deed(slot: str, codes: Sequence[str]) -> Job:
    drafts = Application.objects.select_related("account").in_bulk(codes, field_name="code")

    def book(code: str) -> None:
        draft = drafts[code]
        hold_seat(application=draft, slot_code=slot, by=draft.account, at=clock.now())

    return book


def sql(slot: str, _codes: Sequence[str]) -> Job:
    def book(code: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            assert statements.hold(cursor, application=code, slot=slot)

    return book


def textbook(_slot: str, _codes: Sequence[str]) -> Job:
    def book(code: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            statements.textbook(cursor, application=code)

    return book


WAYS = {"deed": deed, "sql": sql, "textbook": textbook}

if __name__ == "__main__":
    main()
