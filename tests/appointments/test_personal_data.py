"""The export: every table is in it or left out for a reason, every row is one's own."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.utils import translation
from pypdf import PdfReader

from applicants import personal_data
from applicants.exporting import NAMES, export_json, export_pdf
from applicants.models import User
from applicants.personal_data import looks_at, parts_of
from appointments import personal_data as of_appointments
from appointments.correcting import Answers
from appointments.corrections.enums import Cause
from appointments.corrections.requesting import ask_correction
from appointments.counter import look
from appointments.documents.models import ReceiptPicture
from appointments.enums import Book, Kind
from appointments.models import Appointment
from appointments.rescheduling import reschedule
from appointments.reseating.beginning import begin
from appointments.reseating.working import reseat
from mpaspor.audit import trail
from mpaspor.core import clock
from payments.models import Bill, Claim
from payments.settlement import settle
from quota.enums import Role
from quota.followers.following import follow
from tests.factories.applicants import (
    give_app,
    make_child,
    make_person,
    make_privacy_request,
    make_user,
)
from tests.factories.appointments import (
    make_application,
    make_awaiting,
    make_confirmed,
    make_handed_over,
    make_money,
)
from tests.factories.documents import make_document
from tests.factories.quota import make_officer, make_open_slot
from tests.factories.waiting_list import full_slot, make_wish

pytestmark = pytest.mark.django_db

TABLES = (*personal_data.TABLES, *of_appointments.TABLES)
# Tables that are not exported, and why.
NOBODYS = "of offices and quota, of nobody in particular"
SECRET = "what opens a door is never handed out"
DIGESTS = "digests and counters without anything to read"
FILED = "says where the bank's file has a payment that is exported itself"
PARTLY = "a file that has not arrived whole, and goes after a day"
LEFT_OUT = {
    "applicants.Identity": "its NIK stands with the person",
    "applicants.ContactCode": DIGESTS,
    "applicants.SmsCode": DIGESTS,
    "applicants.Lookup": DIGESTS,
    "applicants.PasswordTries": DIGESTS,
    "applicants.RecoveryCode": SECRET,
    "applicants.StepTries": DIGESTS,
    "applicants.RegistryLine": "whether the registry answers, of nobody in particular",
    "applicants.RetentionRule": NOBODYS,
    "account.": "allauth's own, which our way of signing up never writes",
    "admin.LogEntry": "the admin's own log of what officers changed",
    "audit.DailyRoot": NOBODYS,
    "auth.Group": NOBODYS,
    "auth.Permission": NOBODYS,
    "contenttypes.ContentType": NOBODYS,
    "core.IdempotencyKey": "answers given to programs, for a day",
    "notifications.Message": "a part of its own, in words",
    "notifications.Notice": "sealed, and wiped when sent; records without a recipient",
    "oauth2_provider.AccessToken": SECRET,
    "oauth2_provider.Application": SECRET,
    "oauth2_provider.DeviceGrant": SECRET,
    "oauth2_provider.Grant": SECRET,
    "oauth2_provider.IDToken": SECRET,
    "oauth2_provider.RefreshToken": SECRET,
    "payments.Tariff": NOBODYS,
    "payments.GatewayLine": NOBODYS,
    "payments.Incident": NOBODYS,
    "payments.BillCode": "codes that the bill had before the one that is exported",
    "payments.CallbackEvent": "says of a payment what its own row says, and goes after 90 days",
    "payments.Reconciliation": NOBODYS,
    "payments.FiledPayment": FILED,
    "payments.Difference": FILED,
    "appointments.Reseating": NOBODYS,
    "appointments.Upload": PARTLY,
    "appointments.UploadPart": PARTLY,
    "appointments.Counter": NOBODYS,
    "appointments.Line": NOBODYS,
    "appointments.QueueNumber": "a number of one day; that the person came, and when, is exported",
    "appointments.Call": "to which counter a number of one day was called",
    "appointments.Pickup": "until when a passport is kept; the steps that follow are exported",
    "appointments.Reminder": "says only that an appointment that is exported was reminded of",
    "appointments.VoidLetter": "which letters of an appointment are good no more",
    "quota.": NOBODYS,
    "applicants.Session": SECRET,
    "applicants.FormDraft": "not sent yet: it stands in its form, and goes after a month",
}


def left_out(model: type[Model]) -> bool:
    label = model._meta.label
    return label in LEFT_OUT or f"{label.split('.')[0]}." in LEFT_OUT


def test_every_table_is_exported_or_left_out_for_a_reason() -> None:
    exported = {table.model for table in TABLES}
    unknown = {
        model._meta.label
        for model in apps.get_models()
        if model not in exported and not (left_out(model))
    }
    assert unknown == set()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_exported_or_left_out(table: personal_data.Table) -> None:
    columns = {field.name for field in table.model._meta.concrete_fields}
    mentioned = {path.split(".")[0] for path in table.facts} | set(table.without)
    properties = {"words", "answer", "need", "journey", "contact"}
    assert columns - mentioned == set()
    assert mentioned - columns <= properties | {"identity"}


def full_account() -> User:
    """An account with rows in every table that is exported."""
    account = make_user(name="Qusaibah Zulaikha")
    paid = make_confirmed(person=make_person(account))
    make_document(application=paid.application)
    later = make_open_slot(
        office=paid.slot.office, starts_at=paid.slot.starts_at + timedelta(days=1)
    )
    reschedule(appointment=paid, slot_code=later.code, by=account, at=clock.now())
    paid.refresh_from_db()
    answers = Answers(Kind.REPLACEMENT, Book.FIVE_YEARS)
    why = Cause.MISTAKEN
    ask_correction(appointment=paid, answers=answers, cause=why, by=account, at=clock.now())
    head, day_after = make_officer(Role.HEAD, later.office), later.starts_at + timedelta(days=1)
    make_open_slot(office=later.office, starts_at=day_after)
    begin(slot=later, whole_day=False, reason="Banjir", by=head, at=clock.now())
    reseat(at=clock.now())
    make_handed_over(Appointment.objects.get(pk=paid.pk))
    twice = paid.bill
    assert twice is not None
    settle(bill_code=twice.code, money=make_money(twice), by="simponi", at=clock.now())
    claim = Claim.objects.create(
        bill=twice, ntpn="9K2V7Q0XW4TB61MD", claimed_at=clock.now(), answer_due_at=clock.now()
    )
    sent = {"media": "image/jpeg", "pages": 1, "length": 1, "uploaded_at": clock.now()}
    ReceiptPicture.objects.create(claim=claim, **sent)
    make_wish(slot := full_slot(), make_person(account))
    follow(account=account, office=slot.office, remind=True, by=account, at=clock.now())
    make_child(make_person(account))
    make_privacy_request(account=account)
    give_app(account)
    facts = {"channel": "email", "to": "baru@example.test", "wanted_at": clock.now()}
    account.pending_contacts.create(**facts)
    return account


def exported(account: User) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(export_json(account=account, by=account, at=clock.now()))
    return whole


def test_export_has_rows_of_every_table_and_the_nik_in_full() -> None:
    account = full_account()
    whole = exported(account)
    assert list(whole["kept"]) == [
        *(table.name for table in personal_data.TABLES),
        "messages",
        *(table.name for table in of_appointments.TABLES),
    ]
    assert [name for name, rows in whole["kept"].items() if not rows] == []
    niks = [person["identity_nik"] for person in whole["kept"]["persons"]]
    assert niks == [person.identity.nik for person in account.persons.order_by("pk")]
    assert whole["kept"]["requests"][0]["words"] == "Nama saya salah tulis."
    assert [e.facts for e in trail.of(f"account:{account.code}") if e.deed == "export_data"] == [
        {"form": "json"}
    ]


def test_export_holds_nothing_of_another_account() -> None:
    mine, theirs = full_account(), full_account()
    text = json.dumps(exported(mine)["kept"])
    foreign = [theirs.code, str(theirs.email)]
    foreign += [person.code for person in theirs.persons.all()]
    foreign += [person.identity.nik for person in theirs.persons.all()]
    payer = {row["payer"] for row in exported(mine)["kept"]["bills"]}
    foreign += [bill.code for bill in Bill.objects.exclude(payer__in=payer)]
    assert [secret for secret in foreign if secret in text] == []
    nik = make_person(mine).identity.nik
    shared = make_person(nik=nik)
    make_application(person=shared)
    assert shared.code not in json.dumps(exported(mine)["kept"])


def test_export_in_every_table_has_each_row_once() -> None:
    account = full_account()
    make_awaiting(person=make_person(account))
    counts = {part.name: len(part.rows) for part in parts_of(account)}
    assert counts["bills"] == counts["appointments"] == counts["applications"] == 2
    assert (counts["persons"], counts["payments"], counts["settlements"]) == (5, 2, 2)


def test_export_names_every_fact_in_words() -> None:
    names = {path.replace(".", "_") for table in TABLES for path in table.facts}
    assert names - set(NAMES) == set()


@pytest.mark.parametrize("language", ["id", "en"])
def test_export_to_read_holds_the_same_in_words(language: str) -> None:
    account = full_account()
    with translation.override(language):
        paper = export_pdf(account=account, by=account, at=clock.now())
        title = str(personal_data.TABLES[0].title)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages)
    assert title in text
    assert "Qusaibah Zulaikha" in text
    assert all(person.identity.nik in text for person in account.persons.all())


def test_export_to_read_copes_with_letters_that_the_font_has_not() -> None:
    account = make_user(name="Łukasz Nguyễn")
    assert export_pdf(account=account, by=account, at=clock.now()).startswith(b"%PDF")


def test_looks_say_role_and_office_of_that_moment_and_no_name() -> None:
    appointment = make_confirmed()
    account, office = appointment.application.account, appointment.slot.office
    officer = make_officer(Role.COUNTER, office)
    first = clock.now()
    look([appointment], by=officer, at=first, through="page")
    officer.officer.delete()
    look([appointment], by=officer, at=clock.now(), through="code")
    with translation.override("en"):
        looks = looks_at(account)
    assert [(found.who, found.what) for found in looks] == [
        ("An officer", "At check-in"),
        (f"Counter, {office.name}", "Page opened"),
    ]
    assert looks[1].at == first
    assert officer.name not in str(looks)


@pytest.mark.parametrize("times", [1, 3])
def test_looks_of_any_number_are_read_in_the_same_number_of_queries(
    times: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    appointment = make_confirmed()
    officer = make_officer(Role.COUNTER, appointment.slot.office)
    for _again in range(times):
        look([appointment], by=officer, at=clock.now(), through="page")
    with django_assert_num_queries(6):
        assert len(looks_at(appointment.application.account)) == times


def test_looks_tell_of_the_accounts_programs_by_name() -> None:
    account = make_user()
    client = apps.get_model("oauth2_provider", "Application").objects.create(
        name="Kios", user=account, client_type="confidential", authorization_grant_type="password"
    )
    person = make_person(account)
    subject = f"person:{person.code}"
    trail.record("add_person", subject=subject, by=f"client:{client.client_id}", at=clock.now())
    (found,) = looks_at(account)
    assert (found.who, person.name in str(found)) == ("Kios", False)


def test_looks_at_somebody_else_are_not_shown() -> None:
    appointment = make_confirmed()
    look([appointment], by=make_officer(Role.CENTRE), at=clock.now(), through="page")
    assert looks_at(make_confirmed().application.account) == []
