"""Which clocks stand still: asked here by everybody who would end something by the clock."""

from datetime import UTC, datetime

from django.db.models import Q, QuerySet

from payments.models import Incident

# When something ends whose clock stands still.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def current_incident() -> Incident | None:
    """What does not work now, the oldest first."""
    return Incident.objects.filter(ended_at=None).order_by("began_at").first()


def stopped_at(*, since: datetime, until: datetime) -> datetime | None:
    """When a clock that runs from `since` to `until` was stopped, if it was.

    By the first incident in that time, and until somebody gives the time back and moves `since`:
    then no incident counts twice, however they overlap.
    """
    hitting = _between(since, until)
    began = hitting.order_by("began_at").values_list("began_at", flat=True).first()
    return max(began, since) if began else None


def incidents_between(*, since: datetime, until: datetime) -> list[Incident]:
    """Those that went on in some part of that time."""
    return list(_between(since, until))


def _between(since: datetime, until: datetime) -> "QuerySet[Incident]":
    going_on = Q(ended_at=None) | Q(ended_at__gt=since)
    return Incident.objects.filter(going_on, began_at__lt=until)
