"""The gateway's circuit breaker (mpaspor/core/breaker.py): for codes and for questions alike."""

from datetime import datetime

from django.conf import settings

from mpaspor.core import breaker
from payments.models import GatewayLine


def allowed(*, at: datetime, batch: int) -> int:
    """How many rows may be asked about now: a batch, one to find out, or none.

    Ask only when something is due: the one that may find out must not be spent on nothing.
    """
    failures, rest = settings.SIMPONI_FAILURES, settings.SIMPONI_REST
    return breaker.allowed(GatewayLine, failures=failures, rest=rest, at=at, batch=batch)


def note(*, answered: bool, asked: int = 1, at: datetime) -> None:
    """What came of so many calls; a refusal is an answer."""
    rest = settings.SIMPONI_REST
    breaker.note(GatewayLine, answered=answered, asked=asked, rest=rest, at=at)
    if answered:
        GatewayLine.objects.exclude(silent_since=None).update(silent_since=None)
    else:
        GatewayLine.objects.filter(silent_since=None).update(silent_since=at)


def silent_since() -> datetime | None:
    """Since when every question has gone unanswered, and enough were asked to be sure."""
    broken = GatewayLine.objects.filter(unanswered__gte=settings.SIMPONI_FAILURES)
    return broken.values_list("silent_since", flat=True).first()
