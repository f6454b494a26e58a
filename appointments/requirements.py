"""What to bring, what it costs and where to go: one answer for pages, letters, officers, API.

The rules are rows with dates (appointments.rules); this only reads them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appointments.enums import Book, Circumstance, Kind, Need, ServiceClass, Visit
from appointments.papers import PAPERS, Paper
from appointments.rules import (
    DOCUMENTS,
    FEES,
    FIRST,
    LIMITS,
    NOTES,
    SOURCES,
    WAYS,
    Fee,
    Group,
    Rule,
    Way,
)
from mpaspor.core.errors import Refusal
from payments.tariffs import Line, price

Row = TypeVar("Row", bound=Rule)


class TooYoungForTenYears(Refusal):
    """Permenkumham 18/2022: ten years only from 17 on or when married."""

    code = "ten-years-from-17"
    message = gettext_lazy(
        "A passport for 10 years is only given to people of %(age)s years or older."
    )
    remedy = gettext_lazy("Choose the passport for 5 years.")
    field = "book"


class AtTheCounter(Refusal):
    code = "at-the-counter"
    message = gettext_lazy(
        "%(need)s: an officer examines this at the counter of an immigration office (BAP). It is "
        "not applied for online."
    )
    remedy = gettext_lazy(
        "Go to any immigration office and bring: %(documents)s. You need no booking from here, and "
        "you pay nothing here."
    )
    field = "kind"
    status = 422


class NoRulesYet(Refusal):
    code = "no-rules-yet"
    message = gettext_lazy("For that day we do not know the rules.")
    remedy = gettext_lazy("Ask about %(first)s or a later day.")
    field = "day"
    status = 422


@dataclass(frozen=True)
class Question:
    """Who needs what. `age` in whole years on the day of the visit."""

    need: Need
    age: int
    book: Book
    service: ServiceClass = ServiceClass.REGULAR
    circumstances: frozenset[Circumstance] = frozenset()

    @property
    def is_minor(self) -> bool:
        return self.age < settings.ADULT_AGE

    @property
    def group(self) -> Group:
        return Group.CHILD if self.is_minor and not self._is_married else Group.GROWN_UP

    @property
    def given(self) -> frozenset[Circumstance]:
        """The circumstances that count: a marriage only makes a difference under 17."""
        return self.circumstances - (frozenset() if self.is_minor else {Circumstance.MARRIED})

    @property
    def _is_married(self) -> bool:
        return Circumstance.MARRIED in self.circumstances


@dataclass(frozen=True)
class Document:
    paper: Paper
    source: str


@dataclass(frozen=True)
class Also:
    """What is to be brought besides, if the circumstance is given."""

    circumstance: Circumstance
    documents: tuple[Document, ...]


@dataclass(frozen=True)
class Requirements:
    """`sources` are the laws behind all of it; amounts are whole Rupiah of the day asked about."""

    documents: tuple[Document, ...]
    costs: tuple[Line, ...]
    visit: Visit
    notes: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.costs)


def requirements(question: Question, *, on: date) -> Requirements:
    """The answer by the rules and fees of that day.

    Raises TooYoungForTenYears, NoRulesYet; TariffMissing.
    """
    refuse_impossible(question, on=on)
    documents = documents_for(question, on=on)
    notes = [row for row in _holding(NOTES, question, on) if question.service in row.services]
    fees = _fees(question, on)
    way = _way(question, on)
    rows: Iterable[Rule] = [way, *fees, *notes]
    sources = [*(each.source for each in documents), *(SOURCES[row.source] for row in rows)]
    return Requirements(
        documents=documents,
        costs=tuple(price([row.tariff for row in fees], on=on)),
        visit=way.visit,
        notes=tuple(_(row.text) for row in notes),
        sources=tuple(dict.fromkeys(sources)),
    )


def documents_for(question: Question, *, on: date) -> tuple[Document, ...]:
    """What to bring, by the rules of that day; refuses nothing."""
    rows = _holding(DOCUMENTS, question, on)
    return tuple(Document(PAPERS[row.paper], SOURCES[row.source]) for row in rows)


def also_for(question: Question, *, on: date) -> tuple[Also, ...]:
    """For each circumstance not told: what it would add to the list."""
    known = {each.paper for each in documents_for(question, on=on)}
    found = []
    for circumstance in Circumstance:
        given = question.circumstances | {circumstance}
        more = Question(question.need, question.age, question.book, question.service, given)
        added = [each for each in documents_for(more, on=on) if each.paper not in known]
        # A married child is no child: that is another list, not a longer one.
        if added and more.group == question.group:
            found.append(Also(circumstance, tuple(added)))
    return tuple(found)


def tariffs_for(question: Question, *, on: date) -> list[str]:
    """The codes of the fees, in the order of a bill."""
    return [row.tariff for row in _fees(question, on)]


def refuse_impossible(question: Question, *, on: date) -> None:
    """Raises TooYoungForTenYears, NoRulesYet."""
    if on < FIRST:
        raise NoRulesYet(first=FIRST.isoformat())
    refuse_book(question, on=on)


def online_kind(question: Question, *, on: date) -> Kind:
    """What it is applied for online as. Raises AtTheCounter, with what to bring there."""
    if _way(question, on).visit == Visit.COUNTER:
        names = [each.paper.words["name"] for each in documents_for(question, on=on)]
        need = question.need.label
        raise AtTheCounter(need=str(need), documents="; ".join(names), question=question)
    return Kind(question.need)


def refuse_book(question: Question, *, on: date) -> None:
    """Raises TooYoungForTenYears."""
    if any(row.book == question.book for row in _holding(LIMITS, question, on)):
        raise TooYoungForTenYears(age=settings.ADULT_AGE)


def _way(question: Question, on: date) -> Way:
    return next(row for row in _holding(WAYS, question, on) if question.book in row.books)


def _fees(question: Question, on: date) -> list[Fee]:
    return [
        row
        for row in _holding(FEES, question, on)
        if question.book in row.books and question.service in row.services
    ]


def _holding(rows: Iterable[Row], question: Question, on: date) -> Iterator[Row]:
    """The rows that hold for the question on that day."""
    for row in rows:
        if (
            row.in_force(on)
            and question.need in row.needs
            and question.group in row.groups
            and row.given <= question.given
            and not row.unless & question.given
        ):
            yield row
