"""Registries that say what a test wants to hear, and questions to ask them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from applicants.enums import Detail, RegistryVerdict
from applicants.models import Person, Verification
from applicants.register.port import Answer, Question, unavailable

MATCH = Answer(RegistryVerdict.MATCH)
DOWN = unavailable("ReadTimeout")
DIFFERS = Answer(RegistryVerdict.MISMATCH, (Detail.NAME,))


def matches(_question: Question) -> Answer:
    return MATCH


def down(_question: Question) -> Answer:
    return DOWN


class FakeRegister:
    """Answers with what the function says, and remembers what it was asked."""

    def __init__(self, says: Callable[[Question], Answer] = matches) -> None:
        self.says = says
        self.asked: list[Question] = []

    def verify(self, question: Question) -> Answer:
        self.asked.append(question)
        return self.says(question)


def a_question(serial: str = "0001", **facts: Any) -> Question:
    question = Question(
        request="4FQXC7RTHA-1",
        nik=f"117301010790{serial}",
        name="Budi Santoso",
        birth_place="Lhokseumawe",
        birth_date=date(1990, 7, 1),
        sex="M",
    )
    return replace(question, **facts)


def verification_of(person: Person) -> Verification:
    return Verification.objects.get(person=person)


def due_in(person: Person, at: datetime) -> float:
    """Seconds until the registry is asked."""
    next_at = verification_of(person).next_at
    assert next_at is not None
    return (next_at - at) / timedelta(seconds=1)
