"""What the person of an application brings to the office on a day."""

from dataclasses import dataclass
from datetime import date

from applicants.enums import Relation
from appointments.enums import Book, Circumstance, Need, ServiceClass
from appointments.models import Application
from appointments.requirements import Also, Document, Question, also_for, documents_for


@dataclass(frozen=True)
class ToBring:
    """`also`: what circumstances would add that we do not ask for and do not know."""

    documents: tuple[Document, ...]
    also: tuple[Also, ...]


def to_bring(application: Application, *, on: date) -> ToBring:
    """By the rules and the age of that day; refuses nothing."""
    question = question_of(application, on=on)
    return ToBring(documents_for(question, on=on), also_for(question, on=on))


def question_of(application: Application, *, on: date) -> Question:
    person = application.person
    has_guardian = person.relation == Relation.GUARDIAN
    return Question(
        need=Need(application.kind),
        age=person.age_on(on),
        book=Book(application.book),
        service=ServiceClass(application.service),
        circumstances=frozenset({Circumstance.GUARDIAN} if has_guardian else ()),
    )
