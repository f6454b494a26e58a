"""Measures every line of release_day.py, in random order, several rounds each; writes them as JSON.

Run by release_day.py, which has started the servers and named them in the environment.
"""

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

import django

django.setup()

from django.db import connection

from benchmarks import asking, crowd, drawing, opening
from benchmarks.lines import TEN_TIMES, needed
from benchmarks.measures import Measures, now

ROWS = 2000


def main() -> None:
    facts = json.loads(sys.argv[1])
    ways = all_ways(facts["ports"], facts["bills"])
    names = needed(facts["only"])
    crowd.make_office()
    crowd.make_applications(ROWS, at=now())
    first = [name for name in names if not name.endswith(TEN_TIMES)]
    rates = rounds_of({name: ways[name] for name in first}, facts["rounds"])
    later = [name for name in names if name.endswith(TEN_TIMES)]
    if later:
        ten_times_the_rows()
        more = {name: ways[name.removesuffix(TEN_TIMES)] for name in later}
        rates |= rounds_of(more, facts["rounds"])
    Path(facts["target"]).write_text(json.dumps(rates))


def all_ways(ports: dict[str, int], bills: int) -> dict[str, Callable[[], float]]:
    measures, open_bills = Measures(ports), asking.Asking(ports, bills)
    return {
        "booking": measures.booking,
        "booking in a bare view": measures.bare_booking,
        "booking, 100 sessions": measures.spread_booking,
        "deed": measures.deed,
        "SQL of the deed": measures.deed_sql,
        "textbook FOR UPDATE": measures.textbook,
        "refusal": measures.refusal,
        "empty view": measures.nothing,
        "availability": measures.availability,
        "JSON view beside booking": measures.json_beside_booking,
        "bills asked about": open_bills.asking,
        "the same calls, bare": open_bills.bare_calls,
        "pages alone": open_bills.pages,
        "pages beside asking": open_bills.pages_beside_asking,
        "application page": measures.application_page,
        "JSON view": measures.json,
        "opening 26,400 sessions": opening.opening,
        "INSERT of the same rows": opening.plain_insert,
        "draw of 100,000": drawing.drawing,
        "rank() of the same rows": drawing.ranking,
    }


def rounds_of(ways: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """The first call of each warms it up and does not count."""
    for way in ways.values():
        way()
    rates: dict[str, list[float]] = {name: [] for name in ways}
    turns = [name for name in ways for _round in range(rounds)]
    random.shuffle(turns)
    for number, name in enumerate(turns, start=1):
        rates[name].append(ways[name]())
        print(f"{number:3}/{len(turns)}  {rates[name][-1]:10.1f}/s  {name}", flush=True)
    return rates


def ten_times_the_rows() -> None:
    """As if ten times as much had happened."""
    crowd.make_past(9, at=now())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main()
