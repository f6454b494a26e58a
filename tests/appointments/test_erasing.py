"""Erasing an account: nothing of the person is left outside what the law keeps."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection, transaction
from django.test import Client

from applicants.codes import send_code
from applicants.contacts import read_contact
from applicants.enums import PrivacyKind, PrivacyStatus, Purpose
from applicants.erasing import StillServes, erase_account
from applicants.identities import erase_identity_if_unused
from applicants.models import (
    Consent,
    ContactCode,
    Identity,
    PendingContact,
    Person,
    User,
    Verification,
)
from applicants.privacy_requests import answer
from applicants.removing import remove_person
from appointments.leaving import StillUnderWay
from appointments.models import Application, Appointment
from mpaspor.core import clock
from mpaspor.core.sealed import blind_index
from mpaspor.core.sealed_columns import opened, sealed_fields
from mpaspor.notifications.models import Notice
from payments.models import Bill
from quota.enums import Role
from quota.models import Seat, Slot
from tests.factories.applicants import (
    PASSWORD,
    make_child,
    make_person,
    make_privacy_request,
    make_user,
    valid_nik,
)
from tests.factories.appointments import make_application, make_awaiting, make_confirmed, make_held
from tests.factories.quota import make_officer, make_open_slot

pytestmark = pytest.mark.django_db

DEADLINE = 20.0
NAME, PLACE, MAIL, PHONE = "Qusaibah Zulaikha", "Xanthupura", "qusaibah@example.test", "81234560987"
# What is kept and why it may hold a name: the bill's payer, a record of state fees.
KEPT = {"payments_bill.payer_name"}


def erase(account: User) -> None:
    erase_account(account=account, by=make_officer(Role.CENTRE), at=clock.now())


def visited(**given: Any) -> Appointment:
    """A paid appointment whose day is over."""
    appointment = make_confirmed(**given)
    over = clock.now() - timedelta(days=2)
    Slot.objects.filter(pk=appointment.slot_id).update(
        starts_at=over, ends_at=over + timedelta(hours=1), date=over.date()
    )
    return appointment


def cells() -> Iterator[tuple[str, str]]:
    """Every value in every table of ours as text, sealed ones opened; with its place."""
    for model in apps.get_models():
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column.name for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    text = value.tobytes().hex() if isinstance(value, memoryview) else str(value)
                    yield f"{table}.{name}", text
    for field in sealed_fields():
        for row in field.model._default_manager.exclude(**{field.name: None}):
            yield f"{field.model._meta.db_table}.{field.name}", opened(row, field.name)


def places_of(*secrets: str) -> set[str]:
    sought = [secret.casefold() for secret in secrets]
    return {place for place, text in cells() for secret in sought if secret in text.casefold()}


@pytest.fixture
def lived() -> User:
    """An account that has done everything: drafts, a child, a paid visit, requests, sign-ins."""
    account = make_user(MAIL, name=NAME, phone=f"+62{PHONE}", phone_verified=True)
    facts = {"name": NAME, "birth_place": PLACE}
    visited(person=make_person(account, nik=valid_nik(serial=1), **facts))
    drafting = make_person(account, nik=valid_nik(serial=2), **facts)
    make_held(person=drafting)
    make_child(make_person(account, nik=valid_nik(serial=3), **facts), **facts)
    PendingContact.objects.create(account=account, channel="email", to=MAIL, wanted_at=clock.now())
    LogEntry.objects.log_actions(make_user(is_superuser=True).pk, [account], CHANGE)
    make_privacy_request(account=account, words=f"{NAME} {MAIL} {valid_nik(serial=1)}")
    return account


def test_places_of_finds_everything_before_it_is_erased(lived: User) -> None:
    """The control of the test below: what it looks for is there to be found."""
    niks = [person.identity.nik for person in lived.persons.all()]
    index = blind_index(niks[0], purpose="nik").hex()
    found = places_of(NAME, PLACE, MAIL, PHONE, *niks, index)
    assert found >= KEPT | {
        "applicants_user.name",
        "django_admin_log.object_repr",
        "applicants_user.email",
        "applicants_pendingcontact.to",
        "applicants_user.phone",
        "applicants_person.name",
        "applicants_person.birth_place",
        "applicants_identity.nik_sealed",
        "applicants_privacyrequest.words_sealed",
    }
    assert any(place.startswith("applicants_identity.nik_index") for place in found)


def test_erase_account_leaves_no_name_contact_or_nik_outside_what_is_kept(lived: User) -> None:
    niks = [person.identity.nik for person in lived.persons.all()]
    indexes = [blind_index(nik, purpose="nik").hex() for nik in niks]
    asked = make_privacy_request(account=lived, kind=PrivacyKind.ERASURE, words=NAME)
    officer = make_officer(Role.CENTRE)
    answer(request=asked, grant=True, text=f"Selesai, {NAME}.", by=officer, at=clock.now())
    # The last message is on its way to the holder, sealed, and wiped when it was sent.
    assert places_of(MAIL, NAME) == {*KEPT, "notifications_notice.payload"}
    Notice.objects.update(payload=None)
    assert places_of(NAME, PLACE, MAIL, PHONE, *niks, *indexes) == KEPT


def test_erase_account_with_a_paid_application_asks_the_registry_no_more() -> None:
    account = visited().application.account
    erase(account)
    assert Person.objects.filter(account=account).count() == 1
    assert Verification.objects.filter(person__account=account).count() == 0


def test_erase_account_closes_it_and_keeps_what_was_paid(lived: User, client: Client) -> None:
    client.force_login(lived)
    erase(lived)
    lived.refresh_from_db()
    assert (lived.name, lived.email, lived.phone, lived.is_active) == ("", None, None, False)
    assert lived.erased_at is not None
    assert client.get("/account/privacy/")["Location"].startswith("/account/login/")
    assert client.login(login=MAIL, password=PASSWORD) is False
    assert [row.status for row in Application.objects.all()] == ["scheduled"]
    assert Bill.objects.get().status == "paid"
    assert Seat.objects.exclude(holder=None).count() == 1
    person = Person.objects.get()
    assert (person.name, person.sex, person.identity.masked_nik) == ("–", "", "terhapus")
    assert Consent.objects.filter(withdrawn_at=None).count() == 0
    assert lived.privacy_requests.get().words == ""


def test_erase_account_twice_changes_nothing_more(lived: User) -> None:
    erase(lived)
    lived.refresh_from_db()
    erase(lived)
    before = lived.erased_at
    lived.refresh_from_db()
    assert lived.erased_at == before


def test_erase_account_leaves_the_codes_of_its_contacts_to_nobody() -> None:
    account = make_user(MAIL, confirmed=False)
    ContactCode.objects.create(contact_index=b"other")
    to = read_contact(MAIL)
    send_code(account=account, to=to, purpose=Purpose.CONFIRM, by=account, at=clock.now())
    assert ContactCode.objects.count() == 2
    erase(account)
    assert [bytes(row.contact_index) for row in ContactCode.objects.all()] == [b"other"]


def test_erase_account_keeps_a_nik_that_another_account_looks_after(lived: User) -> None:
    nik = lived.persons.order_by("pk")[0].identity.nik
    other = make_person(nik=nik)
    erase(lived)
    other.identity.refresh_from_db()
    assert (other.identity.nik, other.identity.erased_at) == (nik, None)


@pytest.mark.parametrize(
    "make",
    [
        make_awaiting,
        make_confirmed,
    ],
)
def test_erase_account_while_something_is_under_way_is_refused_and_changes_nothing(
    make: Callable[..., Appointment],
) -> None:
    account = make().application.account
    with pytest.raises(StillUnderWay):
        erase(account)
    account.refresh_from_db()
    assert (account.is_active, account.erased_at) == (True, None)


@pytest.mark.parametrize(("seconds", "refused"), [(-1, True), (0, False), (1, False)])
def test_erase_account_is_possible_from_the_end_of_the_session_on(
    seconds: int, refused: bool
) -> None:
    appointment = make_confirmed(slot=make_open_slot())
    at = appointment.slot.ends_at + timedelta(seconds=seconds)
    account = appointment.application.account
    if refused:
        with pytest.raises(StillUnderWay):
            erase_account(account=account, by="test", at=at)
    else:
        erase_account(account=account, by="test", at=at)
        account.refresh_from_db()
        assert account.erased_at == at


@pytest.mark.parametrize(("seconds", "refused"), [(-1, True), (0, False), (1, False)])
def test_erase_account_waits_for_the_passport_after_a_visit(seconds: int, refused: bool) -> None:
    appointment, came = visited(), clock.now()
    Appointment.objects.filter(pk=appointment.pk).update(status="checked_in", checked_in_at=came)
    at = came + timedelta(days=30, seconds=seconds)
    account = appointment.application.account
    if refused:
        with pytest.raises(StillUnderWay):
            erase_account(account=account, by="test", at=at)
    else:
        erase_account(account=account, by="test", at=at)


def test_erase_account_of_an_officer_is_refused() -> None:
    with pytest.raises(StillServes):
        erase(make_officer(Role.COUNTER, make_open_slot().office))


def test_erase_account_of_a_program_is_refused() -> None:
    account = make_user()
    apps.get_model("oauth2_provider", "Application").objects.create(
        user=account, client_type="confidential", authorization_grant_type="password"
    )
    with pytest.raises(StillServes):
        erase(account)


def test_granting_an_erasure_carries_it_out(lived: User) -> None:
    asked = make_privacy_request(account=lived, kind=PrivacyKind.ERASURE, words="")
    officer = make_officer(Role.CENTRE)
    answer(request=asked, grant=True, text="Selesai.", by=officer, at=clock.now())
    asked.refresh_from_db()
    lived.refresh_from_db()
    assert (asked.status, asked.answer) == (PrivacyStatus.GRANTED, "")
    assert lived.erased_at is not None


def test_remove_person_erases_a_nik_nobody_else_looks_after() -> None:
    alone, shared = make_person(), make_person()
    make_person(nik=shared.identity.nik)
    for person in (alone, shared):
        remove_person(person=person, by=person.account, at=clock.now())
    assert Identity.objects.get(pk=alone.identity_id).erased_at is not None
    assert Identity.objects.get(pk=shared.identity_id).erased_at is None


def test_nik_typed_again_after_it_was_erased_is_an_identity_of_its_own() -> None:
    person = make_person()
    nik = person.identity.nik
    make_application(person=person)
    remove_person(person=person, by=person.account, at=clock.now())
    again = make_person(nik=nik)
    assert again.identity_id != person.identity_id
    assert again.identity.nik == nik


@pytest.mark.django_db(transaction=True)
def test_nik_taken_up_while_it_is_erased_is_not_lost() -> None:
    person = make_person()
    nik, erased, go = person.identity.nik, threading.Event(), threading.Event()

    def erase_slowly() -> None:
        try:
            with transaction.atomic():
                person.delete()
                erase_identity_if_unused(person.identity, at=clock.now())
                erased.set()
                go.wait(DEADLINE)
        finally:
            connection.close()

    def take_up() -> Person:
        try:
            return make_person(nik=nik)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        erasing = pool.submit(erase_slowly)
        assert erased.wait(DEADLINE)
        taking = pool.submit(take_up)
        assert not taking.done()
        go.set()
        erasing.result(DEADLINE)
        assert taking.result(DEADLINE).identity.nik == nik
