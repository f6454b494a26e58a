"""What is compared with what, and how good it must be."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

TEN_TIMES = ", 10 × the rows"


@dataclass(frozen=True)
class Line:
    """`goal`: a share of the floor's rate; with `is_cost`, a multiple of its time.

    Rates of pages are those of the slowest in twenty: one by the 95th percentile of the seconds.
    """

    number: str
    ours: str
    floor: str
    goal: float
    is_cost: bool = False

    def ratio(self, rates: Mapping[str, Sequence[float]]) -> float:
        share = median(rates[self.ours]) / median(rates[self.floor])
        return 1 / share if self.is_cost else share

    def is_met(self, ratio: float) -> bool:
        return ratio <= self.goal if self.is_cost else ratio >= self.goal


LINES = [
    Line("1", "booking", "booking in a bare view", 0.5),
    Line("2", "booking", "textbook FOR UPDATE", 0.3),
    Line("2b", "deed", "SQL of the deed", 0.5),
    Line("3", "booking, 100 sessions", "booking", 1.0),
    Line("4", "refusal", "empty view", 0.5),
    Line("5", "availability", "JSON view beside booking", 0.7),
    Line("6", "application page", "JSON view", 0.05),
    Line("7", "opening 26,400 sessions", "INSERT of the same rows", 1.5, is_cost=True),
    Line("8", "bills asked about", "the same calls, bare", 0.6),
    Line("8b", "pages beside asking", "pages alone", 2.0, is_cost=True),
    Line("10", "draw of 100,000", "rank() of the same rows", 1.5, is_cost=True),
    *(
        Line("11", name + TEN_TIMES, name, 1.2, is_cost=True)
        for name in ("booking", "availability", "application page")
    ),
]


def chosen(only: Collection[str]) -> list[Line]:
    return [line for line in LINES if not only or line.number in only]


def needed(only: Collection[str]) -> list[str]:
    names = [name for line in chosen(only) for name in (line.ours, line.floor)]
    return list(dict.fromkeys(names))
