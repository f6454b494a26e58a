from datetime import timedelta

import pytest
from pytest_django import Settings

from applicants.accounts import NoAccount
from applicants.contacts import read_contact
from applicants.lookups import AskedTooOften, account_with, contacts_knowing, forget_old, told
from applicants.models import Lookup
from applicants.persons import NikNotValid
from mpaspor.audit import trail
from mpaspor.core import clock
from tests.factories.applicants import make_person, make_user, valid_nik

pytestmark = pytest.mark.django_db

SITI, BUDI = read_contact("siti@example.com"), read_contact("0812-3456-7890")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_account_with_asked_too_often_says_when_and_others_are_answered(
    settings: Settings,
) -> None:
    account, at = make_user("siti@example.com"), clock.now()
    for _again in range(settings.LOOKUPS_AN_HOUR):
        assert account_with(SITI, at=at) == account
    with pytest.raises(AskedTooOften) as no:
        account_with(SITI, at=at + HOUR - timedelta(minutes=1))
    assert no.value.facts["seconds"] == 60
    assert account_with(BUDI, at=at) is None
    assert account_with(SITI, at=at + HOUR) == account


def test_told_gives_the_refusal_until_it_was_told_too_often(settings: Settings) -> None:
    settings.LOOKUPS_AN_HOUR = 2
    at, no = clock.now(), NoAccount(contact=SITI)
    said = [type(told(no, contact=SITI, at=at)) for _again in range(3)]
    assert said == [NoAccount, NoAccount, AskedTooOften]


def test_contacts_knowing_a_nik_are_those_of_every_account_with_it() -> None:
    nik = valid_nik()
    mother = make_user("siti@example.com", phone="+6281234567891", phone_verified=True)
    make_person(mother, nik=nik)
    make_person(make_user("0812-3456-7890"), nik=nik)
    make_person(make_user("closed@example.com", is_active=False), nik=nik)
    found = contacts_knowing(nik=nik, asker=BUDI, by="visitor", at=clock.now())
    assert found == [[SITI, read_contact("0812-3456-7891")], [BUDI]]


def test_contacts_knowing_leaves_an_audit_line_without_nik_or_phone() -> None:
    person = make_person()
    contacts_knowing(nik=person.identity.nik, asker=BUDI, by="visitor", at=clock.now())
    (entry,) = trail.of(f"identity:{person.identity.code}")
    assert (entry.deed, entry.door) == ("look_up_nik", "visitor")
    assert entry.facts["accounts"] == [person.account.code]
    assert person.identity.nik not in str(entry.facts)
    assert BUDI.to.removeprefix("+") not in str(entry.facts)
    contacts_knowing(nik=valid_nik(), asker=BUDI, by="visitor", at=clock.now())
    assert [entry.facts["accounts"] for entry in trail.of("identity:unknown")] == [[]]
    assert entry.facts["asker"] == trail.of("identity:unknown")[0].facts["asker"]


def test_contacts_knowing_asked_too_often_by_one_phone_is_refused(settings: Settings) -> None:
    at = clock.now()
    for _again in range(settings.NIK_LOOKUPS_A_DAY):
        contacts_knowing(nik=valid_nik(), asker=BUDI, by="visitor", at=at)
    with pytest.raises(AskedTooOften):
        contacts_knowing(nik=valid_nik(), asker=BUDI, by="visitor", at=at + DAY - HOUR)
    contacts_knowing(nik=valid_nik(), asker=BUDI, by="visitor", at=at + DAY)


def test_contacts_knowing_asked_too_often_about_one_nik_is_refused(settings: Settings) -> None:
    nik, at = valid_nik(), clock.now()
    phones = [read_contact(f"0812-3456-{last:04}") for last in range(settings.NIK_LOOKUPS_A_DAY)]
    for phone in phones:
        contacts_knowing(nik=nik, asker=phone, by="visitor", at=at)
    with pytest.raises(AskedTooOften):
        contacts_knowing(nik=nik, asker=read_contact("0813-3456-7890"), by="visitor", at=at)


def test_contacts_knowing_what_is_no_nik_is_refused_and_not_counted() -> None:
    with pytest.raises(NikNotValid):
        contacts_knowing(nik="1173018107900001", asker=BUDI, by="visitor", at=clock.now())
    assert Lookup.objects.count() == 0


def test_forget_old_keeps_what_still_counts() -> None:
    at = clock.now()
    account_with(SITI, at=at - DAY - HOUR)
    account_with(BUDI, at=at)
    assert forget_old(at=at) == 1
    assert Lookup.objects.count() == 1
