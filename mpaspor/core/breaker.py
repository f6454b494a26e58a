"""The circuit breaker: a neighbour that does not answer is left in peace for a while.

While it rests nobody waits for time-outs and no one's tries are used up. After the rest one worker
sends one question; any answer lets everybody ask again. Each neighbour has a table of one row, so
that all workers know what one learned.
"""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F

ONE = 1


class Line(models.Model):
    """The line to one neighbour; concrete in the app that talks to it."""

    # Questions without an answer since the last answer.
    unanswered = models.PositiveIntegerField(default=0)
    rest_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.unanswered} unanswered"


def allowed(line: type[Line], *, failures: int, rest: int, at: datetime, batch: int) -> int:
    """How many questions may go out now: a batch, one to find out, or none.

    `failures` in a row without an answer begin a rest of `rest` seconds.
    """
    broken = line._default_manager.filter(unanswered__gte=failures)
    if not broken.exists():
        return batch
    # Whoever moves the rest ahead is the one to find out; should it die, another one does.
    return broken.filter(rest_until__lte=at).update(rest_until=_end(rest, at))


def note(line: type[Line], *, answered: bool, asked: int, rest: int, at: datetime) -> None:
    """What so many questions brought: one answer is enough to know that the neighbour is there."""
    rows = line._default_manager
    rows.get_or_create(pk=ONE)
    if answered:
        rows.filter(pk=ONE).exclude(unanswered=0).update(unanswered=0, rest_until=None)
    else:
        rows.filter(pk=ONE).update(unanswered=F("unanswered") + asked, rest_until=_end(rest, at))


def _end(rest: int, at: datetime) -> datetime:
    return at + timedelta(seconds=rest)
