"""What to bring, what it costs, where to go: every combination of the answers has its line."""

from datetime import date, timedelta
from itertools import pairwise, product
from pathlib import Path

import pytest

from appointments import rules
from appointments.enums import Book, Circumstance, Kind, Need, ServiceClass, Visit
from appointments.papers import PAPERS
from appointments.requirements import (
    NoRulesYet,
    Question,
    TooYoungForTenYears,
    also_for,
    documents_for,
    requirements,
    tariffs_for,
)
from appointments.rules import FIRST, Rule
from appointments.submitting import lines_of
from mpaspor.core import clock
from payments.fees import load_fees
from payments.models import Tariff
from payments.tariffs import TariffMissing, billing_day
from tests.factories.appointments import make_application

pytestmark = pytest.mark.django_db

DAY = date(2026, 12, 1)
CHILD, GROWN_UP = 16, 17
# A line for each: need, age, book, circumstance | documents | fees in Rupiah | visit.
EXPECTED = (Path(__file__).parent / "requirements.txt").read_text().splitlines()
TABLES = {name: getattr(rules, name) for name in ("DOCUMENTS", "FEES", "WAYS", "LIMITS", "NOTES")}


@pytest.fixture(autouse=True)
def fees() -> None:
    load_fees()


def ask(need: Need = Need.NEW, age: int = GROWN_UP, *given: Circumstance) -> Question:
    return Question(need, age, Book.FIVE_YEARS, circumstances=frozenset(given))


def papers(question: Question, on: date = DAY) -> list[str]:
    return [each.paper.code for each in documents_for(question, on=on)]


def line(need: Need, age: int, book: Book, circumstance: Circumstance | None) -> str:
    given = frozenset({circumstance} if circumstance else ())
    asked = " ".join([need, str(age), book, circumstance or "-"])
    try:
        answer = requirements(Question(need, age, book, circumstances=given), on=DAY)
    except TooYoungForTenYears as no:
        return f"{asked} | {no.code}"
    brought = " ".join(each.paper.code for each in answer.documents)
    amounts = " + ".join(str(each.amount) for each in answer.costs)
    return f"{asked} | {brought} | {amounts} | {answer.visit}"


def test_requirements_of_every_combination_are_those_of_the_table() -> None:
    every = product(Need, (CHILD, GROWN_UP), Book, (None, *Circumstance))
    assert [line(*asked) for asked in every] == EXPECTED


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (ask(), ["ktp", "kk", "proof-of-birth"]),
        (ask(Need.REPLACEMENT), ["ktp", "old-passport"]),
        (
            ask(Need.REPLACEMENT, GROWN_UP, Circumstance.OLD_BOOK),
            ["ktp", "kk", "proof-of-birth", "old-passport"],
        ),
        (
            ask(Need.NEW, CHILD),
            [
                "parents-ktp",
                "kk",
                "birth-certificate",
                "parents-marriage",
                "parents-passports",
                "statement",
            ],
        ),
        (ask(Need.LOST), ["ktp", "kk", "proof-of-birth", "police-report"]),
    ],
)
def test_requirements_are_those_of_the_regulations(question: Question, expected: list[str]) -> None:
    assert papers(question) == expected


@pytest.mark.parametrize(
    ("need", "service", "amounts"),
    [
        (Need.NEW, ServiceClass.REGULAR, [650_000]),
        (Need.NEW, ServiceClass.ACCELERATED, [650_000, 1_000_000]),
        (Need.LOST, ServiceClass.REGULAR, [650_000, 1_000_000]),
        (Need.LOST, ServiceClass.ACCELERATED, [650_000, 1_000_000]),
        (Need.DAMAGED, ServiceClass.REGULAR, [650_000, 500_000]),
        (Need.CHANGED, ServiceClass.REGULAR, [650_000]),
    ],
)
def test_requirements_cost_the_book_the_service_and_the_charge(
    need: Need, service: ServiceClass, amounts: list[int]
) -> None:
    answer = requirements(Question(need, GROWN_UP, Book.FIVE_YEARS, service), on=DAY)
    assert [each.amount for each in answer.costs] == amounts
    assert answer.total == sum(amounts)


@pytest.mark.parametrize(("on", "amount"), [(DAY, 650_000), (DAY + timedelta(1), 700_000)])
def test_requirements_follow_the_fee_of_the_day(on: date, amount: int) -> None:
    newer = {"name": "n", "amount": 700_000, "in_force_from": DAY + timedelta(1)}
    Tariff.objects.create(code="EPASSPORT-5", **newer)
    assert requirements(ask(), on=on).total == amount


def test_requirements_without_a_fee_are_refused_by_name() -> None:
    Tariff.objects.filter(code="EPASSPORT-5").delete()
    with pytest.raises(TariffMissing):
        requirements(ask(), on=DAY)


@pytest.mark.parametrize("second", [-1, 0])
def test_requirements_before_the_first_rule_are_refused(second: int) -> None:
    on = FIRST + timedelta(days=second)
    if on < FIRST:
        with pytest.raises(NoRulesYet):
            requirements(ask(), on=on)
    else:
        assert requirements(ask(), on=on).total == 650_000


def test_ten_years_for_a_married_minor_are_for_the_counter() -> None:
    married = Question(Need.NEW, CHILD, Book.TEN_YEARS, circumstances=rules.MARRIED)
    assert requirements(married, on=DAY).visit == Visit.COUNTER
    five = Question(Need.NEW, CHILD, Book.FIVE_YEARS, circumstances=rules.MARRIED)
    assert requirements(five, on=DAY).visit == Visit.ONLINE


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("book", Book)
@pytest.mark.parametrize("service", ServiceClass)
def test_bill_asks_for_what_the_requirements_said(
    kind: Kind, book: Book, service: ServiceClass
) -> None:
    application = make_application(kind=kind, book=book, service=service)
    at = clock.now()
    said = requirements(Question(Need(kind), 36, book, service), on=billing_day(at))
    assert tuple(lines_of(application, at=at)) == said.costs


def test_also_for_tells_what_each_circumstance_adds() -> None:
    added = {
        each.circumstance: [document.paper.code for document in each.documents]
        for each in also_for(ask(Need.REPLACEMENT), on=DAY)
    }
    assert added == {
        Circumstance.OLD_BOOK: ["kk", "proof-of-birth"],
        Circumstance.NAME_DIFFERS: ["name-ruling"],
    }


def test_also_for_leaves_out_what_was_told() -> None:
    told = ask(Need.NEW, GROWN_UP, Circumstance.NAME_DIFFERS)
    assert [each.circumstance for each in also_for(told, on=DAY)] == [Circumstance.BORN_ABROAD]


def condition(row: Rule) -> tuple[object, ...]:
    """What the row says and of whom; the rest is when and why."""
    facts = vars(row).items()
    return tuple(value for name, value in facts if name not in {"source", "since", "until"})


def gaps(rows: "tuple[Rule, ...]") -> list[str]:
    """Overlaps and gaps between the rows that say the same."""
    found = []
    for same in {condition(row) for row in rows}:
        lives = sorted(
            ((row.since, row.until) for row in rows if condition(row) == same),
            key=lambda life: life[0],
        )
        found += [f"{same}: {since}" for since, until in lives if until and until < since]
        for (_, until), (since, _) in pairwise(lives):
            if until is None or until + timedelta(days=1) != since:
                found.append(f"{same}: {until} {since}")
    return found


@pytest.mark.parametrize("table", TABLES)
def test_every_rule_has_a_source_and_days_without_gaps_or_overlaps(table: str) -> None:
    rows = TABLES[table]
    assert [row for row in rows if row.source not in rules.SOURCES or row.since < FIRST] == []
    assert gaps(rows) == []


@pytest.mark.parametrize(
    ("until", "since", "faulty"),
    [
        (date(2027, 1, 1), date(2027, 1, 2), False),
        (date(2027, 1, 1), date(2027, 1, 1), True),
        (date(2027, 1, 1), date(2027, 1, 3), True),
        (None, date(2027, 1, 1), True),
        (date(2020, 1, 1), date(2020, 1, 2), True),
    ],
)
def test_gaps_and_overlaps_of_rules_are_seen(until: date | None, since: date, faulty: bool) -> None:
    rows = (Rule(source="imigrasi", until=until), Rule(source="imigrasi", since=since))
    assert bool(gaps(rows)) == faulty


def test_every_paper_and_source_is_used() -> None:
    assert {row.paper for row in rules.DOCUMENTS} == set(PAPERS)
    assert {row.source for rows in TABLES.values() for row in rows} == set(rules.SOURCES)


def test_every_fee_of_a_rule_has_an_amount() -> None:
    codes = {row.tariff for row in rules.FEES}
    assert codes == set(Tariff.objects.filter(in_force_until=None).values_list("code", flat=True))


def test_rule_that_ends_gives_way_to_the_next_on_the_day_after() -> None:
    last = DAY
    old = rules.Bring(paper="ktp", source="imigrasi", until=last)
    new = rules.Bring(paper="kk", source="imigrasi", since=last + timedelta(days=1))
    assert [(row.in_force(last), row.in_force(last + timedelta(days=1))) for row in (old, new)] == [
        (True, False),
        (False, True),
    ]


def test_tariffs_for_are_the_codes_of_a_bill() -> None:
    question = Question(Need.DAMAGED, GROWN_UP, Book.TEN_YEARS)
    assert tariffs_for(question, on=DAY) == ["EPASSPORT-10", "DAMAGED"]
