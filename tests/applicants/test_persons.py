from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import Http404

from applicants import persons
from applicants.access import person_for
from applicants.birth_dates import BirthDateNotPast, BirthDateTooOld
from applicants.enums import Sex
from applicants.models import Identity, Person, User
from applicants.names import NameNotValid, PlaceNotValid
from applicants.persons import (
    DiffersFromNik,
    NikNotValid,
    PersonAlreadyKnown,
    SexNotValid,
    TooManyPersons,
    correct_person,
)
from applicants.queries import persons_of
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from tests.factories.applicants import BIRTH_DATE, make_person, make_user, valid_nik


def correct(person: Person, **facts: Any) -> Person:
    kept: dict[str, Any] = {
        "name": person.name,
        "birth_place": person.birth_place,
        "birth_date": person.birth_date,
        "sex": person.sex,
    }
    return correct_person(person=person, by=person.account, at=clock.now(), **kept | facts)


@pytest.mark.django_db
def test_add_person_keeps_what_was_typed_and_writes_one_audit_line() -> None:
    nik = valid_nik(sex=Sex.WOMAN)
    person = make_person(
        name=" Nur'aini  binti H. Said ",
        birth_place=" Fak-Fak",
        sex=Sex.WOMAN,
        nik=f"{nik[:6]} {nik[6:12]}-{nik[12:]}",
    )
    person = Person.objects.get(pk=person.pk)
    assert (person.name, person.birth_place) == ("Nur'aini binti H. Said", "Fak-Fak")
    assert (person.birth_date, person.sex) == (BIRTH_DATE, Sex.WOMAN)
    assert (person.identity.nik, person.differs_from_nik) == (nik, False)
    (entry,) = trail.of(f"person:{person.code}")
    assert (entry.deed, entry.by_id) == ("add_person", person.account_id)
    assert entry.facts == {"identity": person.identity.code, "differs_from_nik": False}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"nik": "123"}, NikNotValid),
        ({"nik": ""}, NikNotValid),
        ({"nik": "\x00"}, NikNotValid),
        ({"name": ""}, NameNotValid),
        ({"name": "12345"}, NameNotValid),
        ({"name": "Budi\x00"}, NameNotValid),
        ({"birth_place": "\u202eBandung"}, PlaceNotValid),
        ({"birth_place": "1"}, PlaceNotValid),
        ({"sex": "X"}, SexNotValid),
        ({"sex": ""}, SexNotValid),
        ({"birth_date": date(2100, 1, 1), "nik": "3273010107900001"}, BirthDateNotPast),
        ({"birth_date": date(1890, 7, 1)}, BirthDateTooOld),
        ({"birth_date": date(1990, 7, 2), "nik": "3273010107900001"}, DiffersFromNik),
        ({"sex": Sex.WOMAN, "nik": "3273010107900001"}, DiffersFromNik),
    ],
)
def test_add_person_with_wrong_facts_is_refused_and_changes_nothing(
    facts: dict[str, Any], refusal: type[Refusal]
) -> None:
    account = make_user()
    with pytest.raises(refusal) as no:
        make_person(account, **{"nik": valid_nik()} | facts)
    assert str(no.value)
    assert (Person.objects.count(), Identity.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_add_person_nik_refused_hands_the_problems_on() -> None:
    with pytest.raises(NikNotValid) as no:
        make_person(nik="3273018107900000")
    found = [(problem.code, problem.start, problem.end) for problem in no.value.facts["problems"]]
    assert found == [("nik-day", 7, 8), ("nik-serial", 13, 16)]


@pytest.mark.django_db
def test_add_person_that_differs_from_the_nik_is_kept_when_confirmed() -> None:
    person = make_person(
        nik="3273010107900001", birth_date=date(1990, 7, 2), sex=Sex.WOMAN, confirms_difference=True
    )
    assert (person.differs_from_nik, person.identity.nik) == (True, "3273010107900001")


@pytest.mark.django_db
def test_add_person_that_fits_is_not_flagged_when_confirmed() -> None:
    assert make_person(confirms_difference=True).differs_from_nik is False


@pytest.mark.django_db
def test_add_person_twice_in_an_account_is_refused_with_the_one_there_is() -> None:
    person = make_person()
    with pytest.raises(PersonAlreadyKnown) as no:
        make_person(person.account, nik=person.identity.nik)
    assert no.value.facts == {"person": person.code}


@pytest.mark.django_db
def test_add_person_of_another_account_shares_the_identity() -> None:
    nik = valid_nik()
    first, second = make_person(nik=nik), make_person(nik=nik, name="B. Santoso")
    assert first.account != second.account
    assert first.identity == second.identity
    assert Identity.objects.count() == 1


@pytest.mark.django_db
def test_add_person_beyond_the_limit_is_refused() -> None:
    account = make_user()
    for _place in range(settings.PERSONS_PER_ACCOUNT):
        make_person(account)
    with pytest.raises(TooManyPersons) as no:
        make_person(account)
    assert no.value.facts == {"limit": settings.PERSONS_PER_ACCOUNT}
    assert Identity.objects.count() == settings.PERSONS_PER_ACCOUNT


@pytest.mark.django_db
def test_add_person_has_the_limit_of_the_account() -> None:
    account = make_user(person_limit=1)
    make_person(account)
    with pytest.raises(TooManyPersons):
        make_person(account)


@pytest.mark.django_db
def test_correct_person_changes_everything_but_the_nik() -> None:
    person = make_person()
    nik = person.identity.nik
    corrected = correct(person, name="Budi S. Santoso", birth_place="Cimahi")
    assert (corrected.name, corrected.birth_place) == ("Budi S. Santoso", "Cimahi")
    assert corrected.identity.nik == nik
    assert [entry.deed for entry in trail.of(f"person:{person.code}")] == [
        "add_person",
        "correct_person",
    ]


@pytest.mark.django_db
def test_correct_person_away_from_the_nik_and_back_sets_and_clears_the_flag() -> None:
    person = make_person()
    later = BIRTH_DATE + timedelta(days=1)
    with pytest.raises(DiffersFromNik) as no:
        correct(person, birth_date=later)
    assert [found.field for found in no.value.facts["differences"]] == ["birth_date"]
    assert correct(person, birth_date=later, confirms_difference=True).differs_from_nik is True
    assert correct(person, birth_date=BIRTH_DATE).differs_from_nik is False


@pytest.mark.django_db
def test_person_for_opens_own_persons_only() -> None:
    mine, theirs = make_person(), make_person()
    assert person_for(mine.account, mine.code) == mine
    for code in (theirs.code, "NOSUCHCODE"):
        with pytest.raises(Http404):
            person_for(mine.account, code)


@pytest.mark.django_db
@pytest.mark.parametrize("people", [1, 3])
def test_persons_of_reads_any_number_in_one_query(
    people: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    account = make_user()
    added = [make_person(account) for _one in range(people)]
    with django_assert_num_queries(1):
        assert [person.identity.masked_nik for person in persons_of(account)] == [
            person.identity.masked_nik for person in added
        ]


def crowd(account: User, *, people: int) -> list[str]:
    """Adds that many persons at the same moment; what each was told."""

    def add(nik: str) -> str:
        try:
            make_person(account, nik=nik)
        except Refusal as no:
            return no.code
        finally:
            connection.close()
        return "added"

    with ThreadPoolExecutor(people) as pool:
        return list(pool.map(add, [valid_nik() for _one in range(people)]))


@pytest.mark.django_db(transaction=True)
def test_add_person_by_many_at_once_stops_at_the_limit() -> None:
    account = make_user(person_limit=3)
    answers = crowd(account, people=12)
    assert sorted(answers) == ["added"] * 3 + ["too-many-persons"] * 9
    assert persons_of(account).count() == 3


@pytest.mark.django_db(transaction=True)
def test_add_person_by_many_at_once_without_the_lock_goes_beyond(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control of the test above: it must be able to fail."""
    account, together = make_user(person_limit=3), Barrier(12, timeout=20)
    refuse = persons.refuse_if_full

    def counted_together(account: User) -> None:
        together.wait()
        refuse(account)
        together.wait()

    monkeypatch.setattr(persons, "locked", lambda account: account)
    monkeypatch.setattr(persons, "refuse_if_full", counted_together)
    assert crowd(account, people=12) == ["added"] * 12


@pytest.mark.django_db(transaction=True)
def test_add_person_of_one_nik_by_many_accounts_at_once_makes_one_identity() -> None:
    accounts, nik = [make_user() for _one in range(8)], valid_nik()

    def add(account: User) -> int:
        try:
            return make_person(account, nik=nik).identity_id
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(add, accounts))) == 1
    assert Identity.objects.count() == 1
