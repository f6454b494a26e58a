"""Consents: the words never change, the rows are only added to."""

import hashlib
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client

from applicants.consents import NEWEST, give_consent, in_force, text_of, withdraw_consent
from applicants.enums import ConsentKind
from applicants.models import Consent
from mpaspor.audit import trail
from mpaspor.core import clock
from tests.factories.applicants import make_child, make_person

FOLDER = Path(settings.BASE_DIR) / "templates" / "consents"
# What people agreed to. A new text is a new file and a new line here.
TEXTS = {
    "child/1.en.txt": "352a137dadf2cce9",
    "child/1.id.txt": "677dfdd12bdee468",
}


def test_texts_that_were_agreed_to_are_never_edited() -> None:
    found = {
        str(path.relative_to(FOLDER)): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in sorted(FOLDER.rglob("*.txt"))
    }
    assert found == TEXTS


def test_every_version_is_there_in_every_language() -> None:
    wanted = {
        f"{kind}/{version}.{language}.txt"
        for kind, newest in NEWEST.items()
        for version in range(1, newest + 1)
        for language, _name in settings.LANGUAGES
    }
    assert wanted == set(TEXTS)


@pytest.mark.django_db
def test_give_consent_twice_is_one_consent_until_it_is_withdrawn() -> None:
    child, at = make_child(), clock.now()
    (first,) = child.consents.all()
    asked = {"account": child.account, "person": child, "kind": ConsentKind.CHILD, "at": at}
    assert give_consent(**asked, language="en", by=child.account) == first  # type: ignore[arg-type]
    withdraw_consent(consent=first, by=child.account, at=at)
    assert in_force(child, ConsentKind.CHILD) is False
    again = give_consent(**asked, language="xx", by=child.account)  # type: ignore[arg-type]
    assert (again != first, again.language) == (True, settings.LANGUAGE_CODE)
    assert in_force(child, ConsentKind.CHILD) is True
    entries = trail.of(f"account:{child.account.code}")
    deeds = [entry.deed for entry in entries if entry.deed.startswith("consent.")]
    assert deeds == ["consent.give", "consent.withdraw", "consent.give"]
    assert entries[-1].facts == {
        "kind": "child",
        "version": 1,
        "language": "id",
        "person": child.code,
    }


@pytest.mark.django_db
def test_withdraw_consent_twice_keeps_the_first_moment() -> None:
    child, at = make_child(), clock.now()
    consent = child.consents.get()
    for moment in (at, clock.now()):
        withdraw_consent(consent=consent, by=child.account, at=moment)
    consent.refresh_from_db()
    assert consent.withdrawn_at == at


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM applicants_consent WHERE id = %s",
        "UPDATE applicants_consent SET version = 2 WHERE id = %s",
        "UPDATE applicants_consent SET language = 'en' WHERE id = %s",
        "UPDATE applicants_consent SET given_at = now() WHERE id = %s",
        "UPDATE applicants_consent SET withdrawn_at = NULL WHERE id = %s",
        "UPDATE applicants_consent SET withdrawn_at = now() + interval '1 day' WHERE id = %s",
        "UPDATE applicants_consent SET person_id = (SELECT max(id) FROM applicants_person)"
        " WHERE id = %s",
    ],
)
def test_consents_in_the_database_are_append_only(statement: str) -> None:
    child = make_child()
    make_person(child.account)
    consent = child.consents.get()
    withdraw_consent(consent=consent, by=child.account, at=clock.now())
    with (
        pytest.raises(DatabaseError, match=r"consent|delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [consent.pk])


@pytest.mark.django_db
def test_consent_given_before_is_withdrawn_once_only() -> None:
    child = make_child()
    Consent.objects.filter(person=child).update(withdrawn_at=clock.now())
    with pytest.raises(DatabaseError):
        Consent.objects.filter(person=child).update(withdrawn_at=clock.now())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("child/", 200),
        ("child/1/", 200),
        ("child/0/", 404),
        ("child/2/", 404),
        ("child/99999999999999999999/", 404),
        ("everything/", 404),
        ("child/%00/", 400),
    ],
)
@pytest.mark.django_db
def test_consent_page_shows_the_text_of_a_version(visitor: Client, path: str, status: int) -> None:
    answer = visitor.get(f"/privacy/consents/{path}")
    assert answer.status_code == status
    if status == 200:
        text = text_of(kind=ConsentKind.CHILD, version=1, language="en")
        assert text.split("\n")[0] in answer.text
