"""How many people may be called at a step: the arithmetic, without a database."""

from dataclasses import dataclass

# People a second that are called even in the worst hour.
FLOOR = 0.2
# Of those called, the share that at most is taken for absent.
MOST_ABSENT = 0.5
# Finished turns from which on their share of lapses says something.
ENOUGH = 20


@dataclass(frozen=True)
class Limits:
    """People a second: what a good step adds, and what is never exceeded."""

    step: float
    most: float


def next_rate(rate: float, *, slow: bool, limits: Limits) -> float:
    """Additive increase, multiplicative decrease: as careful as a network with its packets."""
    return max(rate / 2, FLOOR) if slow else min(rate + limits.step, limits.most)


def absent_share(*, finished: int, lapsed: int) -> float:
    return min(lapsed / finished, MOST_ABSENT) if finished >= ENOUGH else 0.0


def people_to_call(rate: float, *, seconds: float, absent: float) -> int:
    """At least one: a slow room still moves."""
    return max(int(rate * seconds / (1 - absent)), 1)
