"""Many doing the same thing at the same moment: threads with connections of their own."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

DEADLINE = 30.0


def at_once(deed: Callable[[int], str], people: int) -> Counter[str]:
    """Runs `deed` for each person, all released together; counts what they answered."""
    gate = threading.Barrier(people)

    def run(person: int) -> str:
        connection.ensure_connection()
        gate.wait(timeout=DEADLINE)
        try:
            return deed(person)
        finally:
            connection.close()

    with ThreadPoolExecutor(people) as pool:
        return Counter(pool.map(run, range(people)))
