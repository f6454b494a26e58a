"""The civil registry's circuit breaker (mpaspor/core/breaker.py)."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings

from applicants.enums import RegistryVerdict
from applicants.models import RegistryLine
from applicants.register.port import Answer
from mpaspor.core import breaker


def allowed(*, at: datetime, batch: int) -> int:
    """How many questions may go out now: a batch, one to find out, or none."""
    failures, rest = settings.DUKCAPIL_FAILURES, settings.DUKCAPIL_REST
    return breaker.allowed(RegistryLine, failures=failures, rest=rest, at=at, batch=batch)


def note(answers: Collection[Answer], *, at: datetime) -> None:
    """What a batch brought."""
    answered = any(answer.verdict != RegistryVerdict.UNAVAILABLE for answer in answers)
    rest, asked = settings.DUKCAPIL_REST, len(answers)
    breaker.note(RegistryLine, answered=answered, asked=asked, rest=rest, at=at)
