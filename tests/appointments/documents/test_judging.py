"""An officer's verdict: before the visit, with a reason, told to the person, never lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from appointments.documents.deadlines import mend_by
from appointments.documents.judging import (
    DocumentChanged,
    NoteMissing,
    ReasonMissing,
    VisitHasBegun,
    ask_again,
    find_complete,
)
from appointments.documents.models import Document
from appointments.documents.wanted import DocumentsMissing
from appointments.models import Appointment
from appointments.submitting import request_payment
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.notifications.models import Notice
from mpaspor.notifications.outbox import opened
from mpaspor.notifications.wording import words_of
from payments.fees import load_fees
from quota.enums import Role
from tests.appointments.browsing import signed_in, text_of
from tests.factories.appointments import make_awaiting, make_confirmed, make_held
from tests.factories.documents import make_document
from tests.factories.quota import make_officer, make_terms

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit() -> Appointment:
    return make_confirmed()


@pytest.fixture
def document(visit: Appointment) -> Document:
    return make_document(application=visit.application)


@pytest.fixture
def counter(visit: Appointment) -> Client:
    return signed_in(make_officer(Role.COUNTER, visit.slot.office), "en")


def page(document: Document) -> str:
    return f"/admin/documents/{document.code}/"


def again(document: Document, visit: Appointment, **facts: Any) -> None:
    usual: dict[str, Any] = {"reason": "cut_off", "note": "Sisi kanan terpotong."}
    ask_again(document=document, visit=visit, by="test", at=clock.now(), **usual | facts)


def test_find_complete_is_written_down_with_who(document: Document) -> None:
    officer = make_officer(Role.CENTRE)
    find_complete(document=document, by=officer, at=clock.now())
    document.refresh_from_db()
    assert document.status == "complete"
    (line,) = [
        line
        for line in trail.of(f"application:{document.application.code}")
        if line.deed == "document.complete"
    ]
    assert (line.by, line.facts) == (officer, {"document": document.code, "kind": "ktp"})


@pytest.mark.parametrize("language", ["id", "en"])
def test_ask_again_tells_the_person_what_why_and_until_when(
    document: Document, visit: Appointment, language: str
) -> None:
    Notice.objects.all().delete()
    account = visit.application.account
    account.language = language
    account.save()
    again(document, visit)
    notice = Notice.objects.get()
    with translation.override(notice.language):
        subject, body = words_of(notice.template, notice.channel, opened(notice)[1])
    document.refresh_from_db()
    assert (document.status, document.reason, document.note) == (
        "not_complete",
        "cut_off",
        "Sisi kanan terpotong.",
    )
    assert document.note in body
    assert f"/applications/{visit.application.code}/documents/" in body
    with translation.override(language):
        assert document.name in body
        assert document.get_reason_display() in body
    assert ("Please" in subject) == (language == "en")


def test_ask_again_too_late_to_mend_says_to_bring_the_original(
    document: Document, visit: Appointment, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    Notice.objects.all().delete()
    settings.DOCUMENTS_DAYS_BEFORE = 400
    again(document, visit)
    notice = Notice.objects.get()
    assert opened(notice)[1]["day"] == ""


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"reason": ""}, ReasonMissing),
        ({"reason": "because"}, ReasonMissing),
        ({"reason": "other", "note": "  "}, NoteMissing),
    ],
)
def test_ask_again_without_a_reason_is_refused(
    document: Document, visit: Appointment, facts: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        again(document, visit, **facts)
    document.refresh_from_db()
    assert document.status == "received"


def test_verdict_on_what_was_sent_anew_or_decided_meanwhile_is_refused(
    document: Document, visit: Appointment
) -> None:
    find_complete(document=document, by="test", at=clock.now())
    with pytest.raises(DocumentChanged):
        again(document, visit)


def test_verdict_before_the_payment_is_refused() -> None:
    document = make_document(application=make_awaiting().application)
    with pytest.raises(VisitHasBegun):
        find_complete(document=document, by="test", at=clock.now())


@pytest.mark.parametrize(("days", "is_left"), [(2, True), (1, False)])
def test_mend_by_is_two_days_before_the_visit(visit: Appointment, days: int, is_left: bool) -> None:
    at = visit.slot.starts_at - timedelta(days=days)
    last = visit.slot.date - timedelta(days=2)
    assert mend_by(visit, at=at) == (last if is_left else None)


def test_page_of_a_document_takes_a_verdict_and_goes_on_to_the_next(
    counter: Client, document: Document, visit: Appointment
) -> None:
    other = make_document(application=visit.application, kind="kk")
    shown = counter.get(page(document))
    assert "Budi Santoso" in text_of(shown)
    first = counter.post(page(document), {"verdict": "complete"})
    assert first["Location"] == page(other)
    sent = {"verdict": "again", "reason": "not_readable", "note": ""}
    second = counter.post(page(other), sent)
    assert second["Location"] == f"/admin/appointments/appointment/{visit.pk}/change/"
    statuses = Document.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["complete", "not_complete"]


def test_page_of_a_document_with_a_refused_verdict_keeps_what_was_typed(
    counter: Client, document: Document
) -> None:
    response = counter.post(page(document), {"verdict": "again", "note": "Foto ulang"})
    assert response.status_code == 200
    assert "Foto ulang" in response.content.decode()
    assert list(response.context["form"].errors) == ["reason"]
    assert Document.objects.get().status == "received"


def test_desk_counts_visits_with_documents_waiting_and_leads_to_them(
    counter: Client, document: Document, visit: Appointment
) -> None:
    make_document(application=visit.application, kind="kk")
    make_confirmed(slot=visit.slot)
    assert counter.get("/admin/").context["desks"][0].documents == 1
    waiting = counter.get("/admin/appointments/appointment/", {"documents": "waiting"})
    assert [row.code for row in waiting.context["cl"].result_list] == [visit.code]
    Document.objects.update(status="complete")
    assert counter.get("/admin/").context["desks"][0].documents == 0


def test_appointment_in_the_admin_lists_its_documents(
    counter: Client, document: Document, visit: Appointment
) -> None:
    response = counter.get(f"/admin/appointments/appointment/{visit.pk}/change/")
    assert page(document) in response.content.decode()


def test_applicant_mends_in_place_what_was_asked_for_again(
    document: Document, visit: Appointment
) -> None:
    again(document, visit)
    client = signed_in(visit.application.account, "en")
    text = text_of(client.get(f"/applications/{visit.application.code}/documents/"))
    assert "Please send it again" in text
    assert "Sisi kanan terpotong." in text


@pytest.mark.parametrize("asked", [True, False])
def test_request_payment_where_documents_come_first_is_refused_and_names_them(asked: bool) -> None:
    load_fees()
    held = make_held()
    make_terms(office=held.slot.office, documents_before_billing=asked)
    make_document(application=held.application)
    if not asked:
        assert request_payment(appointment=held, by="test", at=clock.now()).bill
        return
    with pytest.raises(DocumentsMissing) as no, translation.override("en"):
        request_payment(appointment=held, by="test", at=clock.now())
    with translation.override("en"):
        assert "Family card (KK); One of these: birth certificate" in str(no.value)
    for kind in ("kk", "proof-of-birth"):
        make_document(application=held.application, kind=kind)
    assert request_payment(appointment=held, by="test", at=clock.now()).bill
