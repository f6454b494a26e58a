"""What we need from the civil registry, in our own words."""

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from applicants.enums import Detail, RegistryVerdict

# What the registry is told, and what stands in the audit trail.
PURPOSE = "passport-application"


@dataclass(frozen=True)
class Question:
    """Whether a person is in the registry as typed. Its text holds nothing personal."""

    request: str
    nik: str = field(repr=False)
    name: str = field(repr=False)
    birth_place: str = field(repr=False)
    birth_date: date = field(repr=False)
    sex: str = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """UNAVAILABLE, with the trouble, is no answer that can be trusted. It never means "no"."""

    verdict: RegistryVerdict
    mismatches: tuple[Detail, ...] = ()
    trouble: str = ""


def unavailable(trouble: str) -> Answer:
    return Answer(RegistryVerdict.UNAVAILABLE, trouble=trouble)


class Register(Protocol):
    def verify(self, question: Question) -> Answer:
        """Never PENDING; MISMATCH names at least one detail. Raises nothing."""
        ...
