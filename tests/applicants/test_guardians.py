"""Children: no door lets one in, or apply, without a guardian and a consent."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from applicants import persons
from applicants.consents import withdraw_consent
from applicants.enums import Relation
from applicants.guardians import (
    ConsentNeeded,
    GuardianElsewhere,
    GuardianNeeded,
    GuardianNotAdult,
    GuardsChildren,
    RelationNotValid,
    is_child,
    keep_consent,
    refuse_unguarded,
)
from applicants.models import Consent, Person
from applicants.persons import correct_person
from applicants.queries import grown_ups_of
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from tests.factories.applicants import make_child, make_person, make_user

pytestmark = pytest.mark.django_db

DEADLINE = 20.0
# Born 1 March 2010, 17 on 1 March 2027; midnight in the capital is 17:00 UTC the day before.
BORN = date(2010, 3, 1)
SEVENTEEN = datetime(2027, 2, 28, 17, 0, tzinfo=UTC)
NINE_YEARS = timedelta(days=365 * 9)


def correct(person: Person, **facts: Any) -> Person:
    kept: dict[str, Any] = {
        "name": person.name,
        "birth_place": person.birth_place,
        "birth_date": person.birth_date,
        "sex": person.sex,
        "guardian": person.guardian,
        "relation": person.relation,
        "confirms_difference": True,
    }
    return correct_person(person=person, by=person.account, at=clock.now(), **kept | facts)


@pytest.mark.parametrize(("seconds", "child"), [(-1, True), (0, False), (1, False)])
def test_is_child_ends_with_the_birthday_in_the_capital(seconds: int, child: bool) -> None:
    assert is_child(BORN, at=SEVENTEEN + timedelta(seconds=seconds)) is child


def test_is_child_takes_the_age_from_the_settings(settings: Any) -> None:
    settings.ADULT_AGE = 18
    assert is_child(BORN, at=SEVENTEEN) is True


def test_add_child_keeps_the_guardian_and_the_consent() -> None:
    child = make_child()
    child.refresh_from_db()
    assert child.guardian in grown_ups_of(child.account, at=clock.now())
    assert child.relation == Relation.MOTHER
    (consent,) = Consent.objects.all()
    assert (consent.account, consent.person, consent.withdrawn_at) == (child.account, child, None)
    assert (consent.kind, consent.version, consent.language) == ("child", 1, "id")


@pytest.mark.parametrize(
    ("lacking", "refusal"),
    [
        ({"guardian": None}, GuardianNeeded),
        ({"relation": ""}, RelationNotValid),
        ({"relation": "aunt"}, RelationNotValid),
        ({"consented_in": ""}, ConsentNeeded),
    ],
)
def test_add_child_lacking_something_is_refused_and_changes_nothing(
    lacking: dict[str, Any], refusal: type[Refusal]
) -> None:
    guardian = make_person()
    with pytest.raises(refusal) as no:
        make_child(guardian, **lacking)
    assert str(no.value)
    assert (Person.objects.count(), Consent.objects.count()) == (1, 0)


def test_add_child_whose_guardian_is_a_child_is_refused() -> None:
    sibling = make_child()
    with pytest.raises(GuardianNotAdult):
        make_child(sibling)


def test_add_child_whose_guardian_is_of_another_account_is_refused() -> None:
    with pytest.raises(GuardianElsewhere):
        make_person(
            make_user(),
            birth_date=clock.now().date() - NINE_YEARS,
            guardian=make_person(),
            relation="mother",
            consented_in="id",
        )
    assert Consent.objects.count() == 0


def test_add_grown_up_looks_at_no_guardian() -> None:
    person = make_person(guardian=make_person(), relation="aunt", consented_in="id")
    assert (person.guardian, person.relation, Consent.objects.count()) == (None, "", 0)


def test_correct_person_into_a_child_is_refused_without_a_guardian() -> None:
    person = make_person()
    with pytest.raises(GuardianNeeded):
        correct(person, birth_date=clock.now().date() - NINE_YEARS)
    person.refresh_from_db()
    assert not is_child(person.birth_date, at=clock.now())


def test_correct_guardian_into_a_child_is_refused() -> None:
    child = make_child()
    with pytest.raises(GuardsChildren):
        correct(
            child.guardian,  # type: ignore[arg-type]
            birth_date=clock.now().date() - NINE_YEARS,
            guardian=make_person(child.account),
            relation="father",
            consented_in="id",
        )


def test_correct_child_goes_on_with_the_consent_in_force() -> None:
    child = correct(make_child(), name="Bayu Wijaya")
    assert (child.name, Consent.objects.count()) == ("Bayu Wijaya", 1)


def test_correct_child_after_the_consent_was_withdrawn_needs_a_new_one() -> None:
    child = make_child()
    withdraw_consent(consent=child.consents.get(), by=child.account, at=clock.now())
    with pytest.raises(ConsentNeeded):
        correct(child)
    correct(child, consented_in="en")
    assert [row.language for row in child.consents.order_by("pk")] == ["id", "en"]


def test_correct_child_cannot_be_its_own_guardian() -> None:
    child = make_child()
    with pytest.raises(GuardianElsewhere):
        correct(child, guardian=child)


def test_correct_child_into_a_grown_up_needs_no_guardian_any_more() -> None:
    grown_up = correct(make_child(), birth_date=date(1990, 1, 1))
    assert (grown_up.guardian, grown_up.relation) == (None, "")


def test_refuse_unguarded_stops_a_child_of_former_times_and_one_without_consent() -> None:
    at, child = clock.now(), make_child()
    refuse_unguarded(child, at=at)
    withdraw_consent(consent=child.consents.get(), by=child.account, at=at)
    with pytest.raises(ConsentNeeded):
        refuse_unguarded(child, at=at)
    Person.objects.filter(pk=child.pk).update(guardian=None, relation="")
    child.refresh_from_db()
    with pytest.raises(GuardianNeeded):
        refuse_unguarded(child, at=at)


@pytest.mark.parametrize(
    "change",
    [
        "guardian_id = id",
        "guardian_id = (SELECT min(id) FROM applicants_person)",
        "relation = 'aunt'",
        "relation = ''",
    ],
)
def test_database_keeps_a_guardian_of_the_account(change: str) -> None:
    make_person()
    child = make_child()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE applicants_person SET {change} WHERE id = %s", [child.pk])


def test_database_keeps_no_guardian_without_a_consent() -> None:
    guardian = make_person()
    child = make_person(guardian.account)
    Person.objects.filter(pk=child.pk).update(guardian=guardian, relation="father")
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def both_at_once(guardian: Person) -> list[str]:
    """A child comes to the guardian, whose own birth date becomes that of a child."""
    other = make_person(guardian.account)

    def told(deed: Callable[[], object]) -> str:
        try:
            deed()
        except Refusal as no:
            return no.code
        finally:
            connection.close()
        return "done"

    young = {"birth_date": clock.now().date() - NINE_YEARS, "guardian": other}
    young |= {"relation": "father", "consented_in": "id"}
    with ThreadPoolExecutor(2) as pool:
        coming = pool.submit(told, lambda: make_child(guardian))
        changing = pool.submit(told, lambda: correct(guardian, **young))
        return [coming.result(DEADLINE), changing.result(DEADLINE)]


@pytest.mark.django_db(transaction=True)
def test_child_comes_while_its_guardian_becomes_a_child_and_one_is_refused() -> None:
    assert both_at_once(make_person()) in (
        ["done", GuardsChildren.code],
        [GuardianNotAdult.code, "done"],
    )


@pytest.mark.django_db(transaction=True)
def test_child_comes_while_its_guardian_becomes_a_child_without_the_lock_to_a_child(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control of the test above: it must be able to fail."""
    guardian, together = make_person(), Barrier(2, timeout=DEADLINE)

    def kept_together(person: Person, **facts: Any) -> None:
        if facts["consented_in"]:
            together.wait()
        keep_consent(person, **facts)

    monkeypatch.setattr(persons, "locked", lambda account: account)
    monkeypatch.setattr(persons, "keep_consent", kept_together)
    assert both_at_once(guardian) == ["done", "done"]
