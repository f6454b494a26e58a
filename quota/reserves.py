"""Seats kept back: for people whose payment was seen late, and for those an officer helps.

They are set aside when a release opens (quota/making.py), by the percentages of the office's terms;
what is left of them is offered to everybody shortly before the day.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import islice

from django.db import transaction

from mpaspor.audit import trail
from quota.enums import Reserve
from quota.models import Seat, Slot, Terms
from quota.planning import Session
from quota.queries import terms_for
from quota.returning import moment_of_return

BATCH = 200

Kept = tuple[str, int, Reserve]
"""The code of a session, the number of a seat in it, and for what it is kept."""


def kept_seats(sessions: Mapping[str, Session], *, terms: Terms) -> list[Kept]:
    """Of the sessions of a release, by their codes. The percentages are rounded up.

    Each day and service gives from the last seats of its sessions in turn, so that none of them
    gives more than its share.
    """
    days: dict[tuple[date, str], list[tuple[str, Session]]] = {}
    for code, session in sessions.items():
        days.setdefault((session.day, session.service), []).append((code, session))
    return [kept for day in days.values() for kept in _kept_of(day, terms)]


def _kept_of(day: list[tuple[str, Session]], terms: Terms) -> Iterable[Kept]:
    seats = sum(session.seats for _code, session in day)
    restored = math.ceil(seats * terms.restoration_percent / 100)
    assisted = math.ceil(seats * terms.assisted_percent / 100)
    for turn, (code, number) in enumerate(islice(_in_turn(day), restored + assisted)):
        yield code, number, Reserve.RESTORATION if turn < restored else Reserve.ASSISTED


def _in_turn(day: list[tuple[str, Session]]) -> Iterable[tuple[str, int]]:
    by_hour = sorted(day, key=lambda one: one[1].starts)
    for given in range(max(session.seats for _code, session in day)):
        for code, session in by_hour:
            if given < session.seats:
                yield code, session.seats - given


def take_kept(*, slot: Slot, holder: str, reserve: Reserve) -> Seat | None:
    """A seat of the slot that is kept for this; None when there is none left.

    To be called last in the caller's transaction, as quota.seats.take_seat.
    """
    seat = Seat.objects.kept(reserve).filter(slot=slot).select_for_update(skip_locked=True).first()
    if seat is not None:
        seat.holder = holder
        seat.save(update_fields=["holder"])
    return seat


def end_reserves(*, at: datetime, batch: int = BATCH) -> int:
    """Offers to everybody what is still kept for sessions that are near; returns how many seats."""
    soon = Slot.objects.filter(
        starts_at__range=(at, at + timedelta(days=8)), seats__in=Seat.objects.exclude(reserve="")
    )
    slots = soon.filter(seats__holder=None).select_related("office").distinct()[:batch]
    return sum(_end_reserve(slot, at=at) for slot in slots)


@transaction.atomic
def _end_reserve(slot: Slot, *, at: datetime) -> int:
    terms = terms_for(slot.office, slot.date)
    if slot.starts_at - timedelta(days=terms.reserve_days) > at:
        return 0
    kept = Seat.objects.exclude(reserve="").filter(slot=slot, holder=None, returns_at=None)
    seats = list(kept.select_for_update(skip_locked=True))
    for seat in seats:
        seat.reserve, seat.returns_at = "", moment_of_return(slot, at=at)
    Seat.objects.bulk_update(seats, ["reserve", "returns_at"])
    if seats:
        subject, facts = f"slot:{slot.code}", {"seats": len(seats)}
        trail.record("slot.end_reserve", subject=subject, by="timetable", at=at, **facts)
    return len(seats)
