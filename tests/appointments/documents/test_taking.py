"""Taking a document: one of each kind, its file with it and never without it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, transaction

from appointments.applying import change_application
from appointments.discarding import discard_drafts
from appointments.documents import storing
from appointments.documents.models import Document
from appointments.documents.reading import FormatUnknown
from appointments.documents.taking import (
    DocumentComplete,
    DocumentNotWanted,
    DocumentsClosed,
    DocumentStays,
    remove_document,
    take_upload,
)
from appointments.documents.wanted import missing, wanted
from appointments.enums import Book, Kind, ServiceClass
from appointments.leaving import leave
from appointments.models import Application
from appointments.retention import purge
from mpaspor.audit import trail
from mpaspor.core import clock
from mpaspor.core.errors import Refusal
from tests.appointments.documents.files import jpeg, pdf
from tests.factories.applicants import make_child, make_person
from tests.factories.appointments import make_application, make_awaiting, make_confirmed
from tests.factories.documents import make_document

pytestmark = pytest.mark.django_db

SMALL = (900, 600)


def take(application: Application, content: bytes = b"", kind: str = "ktp") -> Document:
    file = SimpleUploadedFile("x", content or jpeg(SMALL))
    by = application.account
    return take_upload(application=application, kind=kind, file=file, by=by, at=clock.now())


def stored() -> set[str]:
    root = Path(storing.place().path(""))
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def place_is_empty() -> None:
    for name in stored():
        storing.drop(name)


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_take_upload_stores_what_was_made_anew_and_nothing_of_its_name() -> None:
    application = make_application()
    document = take(application, pdf(3))
    assert (document.media, document.pages, document.status) == ("application/pdf", 3, "received")
    assert stored() == {document.file}
    content = storing.read(document.file)
    assert (len(content), content[:5]) == (document.length, b"%PDF-")
    (entry,) = [e for e in trail.of(f"application:{application.code}") if "document" in e.deed]
    assert entry.facts == {"document": document.code, "kind": "ktp"}


def test_take_upload_again_takes_the_place_of_the_one_before(committed: Any) -> None:
    application = make_application()
    first = make_document(application=application)
    with committed():
        second = take(application)
    first.refresh_from_db()
    assert (first.status, first.file, first.replaced_by) == ("replaced", "", second)
    assert stored() == {second.file}
    assert [row.document for row in wanted(application, at=clock.now()) if row.document] == [second]


def test_take_upload_of_the_same_file_twice_is_one_document() -> None:
    application = make_application()
    documents = {take(application).pk for _twice in range(2)}
    assert (len(documents), Document.objects.count(), len(stored())) == (1, 1, 1)


def test_take_upload_that_is_refused_leaves_what_was_there() -> None:
    application = make_application()
    before = take(application)
    with pytest.raises(FormatUnknown):
        take(application, b"<html>")
    before.refresh_from_db()
    assert (before.status, stored()) == ("received", {before.file})


def test_take_upload_whose_row_cannot_be_written_leaves_no_file(monkeypatch: Any) -> None:
    application = make_application()
    monkeypatch.setattr(trail, "record", None)
    with pytest.raises(TypeError):
        take(application)
    assert (stored(), Document.objects.count()) == (set(), 0)


@pytest.mark.parametrize("kind", ["police-report", "parents-ktp", "", "../../etc/passwd", "KTP"])
def test_take_upload_of_a_kind_that_is_not_needed_is_refused(kind: str) -> None:
    with pytest.raises(DocumentNotWanted):
        take(make_application(), kind=kind)


@pytest.mark.parametrize("make", [make_awaiting, make_confirmed])
def test_take_upload_is_possible_until_the_visit(make: Any) -> None:
    assert take(make().application).status == "received"


@pytest.mark.parametrize("status", ["expired", "cancelled", "arrived"])
def test_take_upload_for_an_application_that_is_over_is_refused(status: str) -> None:
    application = make_application()
    application.status = status
    with pytest.raises(DocumentsClosed):
        take(application)


def test_take_upload_in_place_of_a_complete_one_is_refused_and_of_a_refused_one_taken() -> None:
    application = make_application()
    make_document(application=application, status="complete")
    make_document(application=application, kind="kk", status="not_complete", reason="cut_off")
    with pytest.raises(DocumentComplete):
        take(application)
    assert take(application, kind="kk").status == "received"


def test_remove_document_takes_row_and_file_of_a_draft(committed: Any) -> None:
    document = make_document()
    with committed():
        remove_document(document=document, by=document.application.account, at=clock.now())
    assert (Document.objects.count(), stored()) == (0, set())


def test_remove_document_of_a_submitted_application_is_refused() -> None:
    document = make_document(application=make_awaiting().application)
    with pytest.raises(DocumentStays):
        remove_document(document=document, by="test", at=clock.now())
    assert stored() == {document.file}


def test_missing_are_those_needed_and_not_sent_or_to_be_sent_again() -> None:
    application = make_application()
    make_document(application=application)
    make_document(application=application, kind="kk", status="not_complete", reason="cut_off")
    lacking = [row.paper.code for row in missing(application, at=clock.now())]
    assert lacking == ["kk", "proof-of-birth"]


def test_wanted_follows_the_answers_and_the_age() -> None:
    application = make_application(person=make_child(make_person()))
    assert [row.paper.code for row in wanted(application, at=clock.now()) if row.is_needed] == [
        "parents-ktp",
        "kk",
        "birth-certificate",
        "parents-marriage",
        "statement",
    ]
    grown_up = make_application()
    change_application(
        application=grown_up,
        kind=Kind.REPLACEMENT,
        book=Book.FIVE_YEARS,
        service=ServiceClass.REGULAR,
        by="test",
        at=clock.now(),
    )
    grown_up.refresh_from_db()
    needed = [row.paper.code for row in wanted(grown_up, at=clock.now()) if row.is_needed]
    assert needed == ["ktp", "old-passport"]


def test_documents_go_with_the_draft_they_belong_to(committed: Any) -> None:
    make_document()
    with committed():
        discard_drafts(Application.objects.all(), by="test", at=clock.now())
    assert (Document.objects.count(), stored()) == (0, set())


def test_documents_go_when_the_account_is_erased(committed: Any) -> None:
    application = make_confirmed().application
    make_document(application=application)
    with committed():
        leave(application.account, by="test", at=clock.now())
    assert (Document.objects.count(), stored()) == (0, set())
    assert Application.objects.count() == 1


@pytest.mark.parametrize(("seconds", "left"), [(-1, 1), (0, 0)])
def test_documents_go_120_days_after_the_visit(committed: Any, seconds: int, left: int) -> None:
    appointment = make_confirmed()
    make_document(application=appointment.application)
    make_document()
    at = appointment.slot.ends_at + timedelta(days=120, seconds=seconds)
    with committed():
        counts = purge(by="timetable", at=at)
    assert counts["documents"] == 1 - left
    assert (Document.objects.count(), len(stored())) == (left, left)


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "received", "file": ""},
        {"status": "complete", "sha256": "0" * 64},
        {"status": "not_complete"},
        {"kind": "kk"},
    ],
    ids=lambda facts: " ".join(facts),
)
def test_database_refuses_what_no_deed_does(facts: dict[str, Any]) -> None:
    document = make_document()
    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(**facts)


@pytest.mark.parametrize("before", ["complete", "replaced"])
def test_database_lets_no_document_come_back_from_its_end(before: str) -> None:
    document = make_document()
    Document.objects.filter(pk=document.pk).update(
        status=before, file="" if before == "replaced" else document.file
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(status="received", file="a")


def test_database_has_one_document_of_a_kind() -> None:
    document = make_document()
    with pytest.raises(IntegrityError):
        make_document(application=document.application)


def test_every_refusal_has_a_remedy() -> None:
    for no in (DocumentComplete, DocumentNotWanted, DocumentsClosed, DocumentStays):
        assert issubclass(no, Refusal)
        assert no.remedy
