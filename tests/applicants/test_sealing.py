"""Whoever steals the tables finds no NIK in them."""

import logging

import pytest
from django.test import Client

from applicants.models import Identity
from mpaspor.core.sealed import SealBroken
from tests.database import hits
from tests.factories.applicants import PASSWORD, make_person, make_user, newest_code, valid_nik


@pytest.mark.django_db
def test_nik_typed_on_every_page_is_in_no_table_and_no_log(
    visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    nik = valid_nik()
    person = {"name": "Budi", "birth_place": "Bandung", "birth_date": "1-7-1990", "sex": "M"}
    visitor.post(
        "/account/signup/", {"name": "Siti", "contact": "siti@example.com", "password": PASSWORD}
    )
    visitor.post("/account/code/", {"code": newest_code("siti@example.com")})
    for typed in (nik[:15], nik, nik, f"{nik[:4]} {nik[4:]}"):
        visitor.post("/account/persons/new/", person | {"nik": typed})
    identity = Identity.objects.get()
    visitor.get(f"/account/persons/{identity.persons.get().code}/")
    assert identity.nik == nik
    assert (hits(nik), hits(nik[:15]), nik in caplog.text) == (0, 0, False)
    assert hits("siti@example.com") > 0


@pytest.mark.django_db
def test_nik_sealed_for_one_identity_does_not_open_in_another() -> None:
    account = make_user()
    mine, other = make_person(account).identity, make_person(account).identity
    other.nik_sealed = mine.nik_sealed
    with pytest.raises(SealBroken):
        assert other.nik


@pytest.mark.django_db
def test_nik_sealed_twice_is_never_the_same_but_its_index_is() -> None:
    nik = valid_nik()
    identity = make_person(nik=nik).identity
    assert nik.encode() not in bytes(identity.nik_index_odd or b"")
    assert make_person(nik=nik).identity == identity
