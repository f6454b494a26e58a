"""`python -m benchmarks.queue_simulation`: who gets the seats, by draw and first come.

Honest people have an account and a NIK each and come when they come. Touts have many accounts on
few NIKs and come in the first instant. The draw is the service's own arithmetic, and so is the
pace of the calls. Seeded: the same arguments give the same answer.
"""

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from quota.waiting_room import lots, pace

STEP_SECONDS = 5.0
LIMITS = pace.Limits(step=1, most=50)
# Steps until a call lapses (ten minutes to come and fifteen to choose), and until one is used.
LAPSES_AFTER, USED_AFTER = 300, (12, 180)


@dataclass(frozen=True)
class World:
    """`absent`: the share of those called who do not come."""

    honest: int = 50_000
    tout_accounts: int = 20_000
    tout_niks: int = 500
    seats: int = 5_000
    absent: float = 0.1
    seed: int = 1

    @property
    def tout_share(self) -> float:
        """Of all NIKs that want a seat."""
        return self.tout_niks / (self.tout_niks + self.honest)


@dataclass(frozen=True)
class Outcome:
    """`tout_share`: of the seats; `in_vain`: people called who found no seat."""

    tout_share: float
    seated: int
    in_vain: int
    steps: int = 0


@dataclass(frozen=True)
class Visitor:
    nik: int
    is_tout: bool
    arrives: float


def visitors(world: World) -> list[Visitor]:
    """Each account once: touts within a second, honest people over the hour."""
    chance = random.Random(world.seed)
    touts = [
        Visitor(account % world.tout_niks, True, chance.uniform(0, 1))
        for account in range(world.tout_accounts)
    ]
    honest = [
        Visitor(world.tout_niks + person, False, chance.uniform(0, 3600))
        for person in range(world.honest)
    ]
    return sorted([*touts, *honest], key=lambda visitor: visitor.arrives)


def first_come(world: World) -> Outcome:
    """As it was: an account is a place, the quickest gets it, and the last thousands see "full"."""
    seated = visitors(world)[: world.seats]
    share = sum(visitor.is_tout for visitor in seated) / len(seated)
    return Outcome(share, len(seated), in_vain=world.honest + world.tout_accounts - len(seated))


def by_draw(world: World) -> Outcome:
    """One ticket a NIK, the order drawn, seats kept for who is called."""
    tickets = {str(visitor.nik).encode(): visitor for visitor in visitors(world)}
    digests = {lots.digest_of(ticket.decode()): ticket for ticket in tickets}
    secret = random.Random(world.seed).randbytes(32)
    seed = lots.seed_of(secret, lots.list_digest(digests))
    line = [tickets[digests[digest]] for digest in lots.order(seed, digests)]
    return _call(line, world)


def _call(line: Sequence[Visitor], world: World) -> Outcome:
    chance, rate, step = random.Random(world.seed), 5.0, 0
    seated, in_vain, called, lapsed = Counter[bool](), 0, 0, 0
    ends: dict[int, list[tuple[Visitor, bool]]] = {}
    open_turns = 0
    while called < len(line) or open_turns:
        for visitor, comes in ends.pop(step, []):
            open_turns -= 1
            lapsed += not comes
            if comes:
                in_vain += seated.total() >= world.seats
                seated[visitor.is_tout] += 1
        rate = pace.next_rate(rate, slow=False, limits=LIMITS)
        absent = pace.absent_share(finished=called - open_turns, lapsed=lapsed)
        most = pace.people_to_call(rate, seconds=STEP_SECONDS, absent=absent)
        left = world.seats - seated.total() - open_turns
        if not left and not open_turns:
            break
        for visitor in line[called : called + min(most, left)]:
            comes = chance.random() >= world.absent
            ends_at = step + (chance.randint(*USED_AFTER) if comes else LAPSES_AFTER)
            ends.setdefault(ends_at, []).append((visitor, comes))
            called, open_turns = called + 1, open_turns + 1
        step += 1
    return Outcome(seated[True] / seated.total(), seated.total(), in_vain, step)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in vars(World()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(usual), default=usual)
    world = World(**vars(parser.parse_args()))
    print(f"Touts: {world.tout_accounts} accounts on {world.tout_niks} NIKs,", end=" ")
    print(f"{world.tout_share:.2%} of all NIKs; {world.seats} seats.\n")
    for name, outcome in (("first come", first_come(world)), ("draw", by_draw(world))):
        print(f"{name:10}  touts got {outcome.tout_share:7.2%} of {outcome.seated} seats", end=", ")
        print(f"{outcome.tout_share / world.tout_share:6.2f} × their share", end="; ")
        print(f"sent away at the door or called in vain: {outcome.in_vain}")


if __name__ == "__main__":
    main()
