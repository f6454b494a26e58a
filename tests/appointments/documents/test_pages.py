"""The page of documents and the one door to a file."""

import re
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from applicants.models import SecondFactor, User
from appointments.documents import storing
from appointments.documents.models import Document
from appointments.history import LOOK
from appointments.models import Application
from mpaspor.audit import trail
from quota.enums import Role
from tests.appointments.browsing import said, signed_in, text_of
from tests.appointments.documents.files import jpeg, pdf
from tests.factories.applicants import make_user
from tests.factories.appointments import make_application, make_awaiting, make_confirmed
from tests.factories.documents import make_document
from tests.factories.quota import make_office, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return make_application()


@pytest.fixture
def client(application: Application) -> Client:
    return signed_in(application.account, "en")


def page(application: Application, kind: str = "") -> str:
    return f"/applications/{application.code}/documents/" + (f"{kind}/" if kind else "")


def errors(response: Any) -> str:
    return " ".join(response.context["errors"] or [])


def raw(name: bytes, content: bytes, kind: bytes = b"image/jpeg", times: int = 1) -> bytes:
    """A form as no browser would send it: the name of the file as it is, byte by byte."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename=%s\r\n' % name
    part = head + b"Content-Type: %s\r\n\r\n%s\r\n" % (kind, content)
    return part * times + b"--x--\r\n"


def send_raw(client: Client, address: str, body: bytes) -> Any:
    return client.generic("POST", address, body, content_type="multipart/form-data; boundary=x")


def test_documents_page_lists_what_is_needed_and_where_it_stands(
    client: Client, application: Application
) -> None:
    make_document(application=application)
    make_document(application=application, kind="kk", status="complete")
    refused: dict[str, Any] = {
        "status": "not_complete",
        "reason": "cut_off",
        "note": "Halaman 2 hilang.",
    }
    make_document(application=application, kind="proof-of-birth", **refused)
    response = client.get(page(application))
    text = text_of(response)
    assert [row.paper.code for row in response.context["needed"]] == ["ktp", "kk", "proof-of-birth"]
    assert "Received, not yet looked at" in text
    assert "Complete" in text
    assert "A part of it is missing" in text
    assert "Halaman 2 hilang." in text


def test_document_sent_by_a_plain_form_is_received(
    client: Client, application: Application
) -> None:
    file = SimpleUploadedFile("ktp.jpg", jpeg((900, 600)))
    response = client.post(page(application, "ktp"), {"file": file})
    assert (response.status_code, response["Location"]) == (302, page(application))
    assert said(response) == ["Identity card (KTP-el): received."]
    assert Document.objects.get().kind == "ktp"


NAMES = [
    b'"../../etc/passwd"',
    rb'"C:\\Windows\\system32\\a.jpg"',
    b'"a\x00.jpg"',
    '"ktp\u202egpj.exe"'.encode(),
    b'"' + b"x" * 300 + b'.jpg"',
    '"🌺🛂.jpg"'.encode(),
    b'".htaccess"',
    b'"a.php"',
    b'"a;rm -rf.jpg"',
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
@pytest.mark.parametrize("kind", [b"image/jpeg", b"text/html"])
def test_document_of_any_name_and_declared_type_is_judged_by_its_content(
    client: Client, application: Application, name: bytes, kind: bytes
) -> None:
    response = send_raw(client, page(application, "ktp"), raw(name, b"<html>", kind))
    assert response.status_code == 422
    assert "neither a photo" in errors(response)
    assert Document.objects.count() == 0


def test_document_of_an_odd_name_is_stored_under_one_of_ours(
    client: Client, application: Application
) -> None:
    body = raw(b'"../../../etc/cron.d/a"', jpeg((900, 600)))
    assert send_raw(client, page(application, "ktp"), body).status_code == 302
    document = Document.objects.get()
    assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{32}", document.file)


ODD: dict[str, tuple[bytes, str]] = {
    "no file": (b"--x--\r\n", "No file was chosen"),
    "no name": (raw(b'""', b"abc"), "No file was chosen"),
    "a name that is no text": (raw(b"\xff\xfe.jpg", b"abc"), "No file was chosen"),
    "two files": (raw(b'"a.jpg"', b"abc", times=2), "Several files"),
    "an empty file": (raw(b'"a.jpg"', b""), "The file is empty"),
    "half a form": (raw(b'"a.jpg"', b"abc")[:60], "No file was chosen"),
}


@pytest.mark.parametrize("odd", ODD)
def test_document_form_that_is_odd_is_answered_with_what_to_do(
    client: Client, application: Application, odd: str
) -> None:
    body, words = ODD[odd]
    response = send_raw(client, page(application, "ktp"), body)
    assert (response.status_code, Document.objects.count()) == (422, 0)
    assert words in errors(response)


def test_document_much_too_large_is_refused_before_it_is_stored(
    client: Client, application: Application
) -> None:
    body = raw(b'"a.jpg"', b"\xff\xd8\xff" + b"\0" * (3 * settings.UPLOAD_BYTES))
    response = send_raw(client, page(application, "ktp"), body)
    assert "larger than 10 MB" in errors(response)


def test_document_of_an_unknown_kind_is_refused(client: Client, application: Application) -> None:
    response = client.post(
        page(application, "surat-cinta"), {"file": SimpleUploadedFile("a", jpeg((900, 600)))}
    )
    assert response.status_code == 422
    assert "no document of that kind" in errors(response)


def test_document_for_another_account_is_not_there(application: Application) -> None:
    stranger = signed_in(make_user())
    document = make_document(application=application)
    answers = [
        stranger.get(page(application)),
        stranger.post(page(application, "ktp"), {"file": SimpleUploadedFile("a", b"a")}),
        stranger.get(f"/documents/{document.code}/"),
        stranger.get(f"/documents/{document.code}/preview/"),
        stranger.post(f"/documents/{document.code}/remove/"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert Document.objects.count() == 1


def test_document_door_asks_who_is_there(application: Application) -> None:
    document = make_document(application=application)
    for address in (page(application), f"/documents/{document.code}/"):
        assert Client().get(address)["Location"].startswith("/account/login/")


def test_document_door_hands_the_owner_a_file_that_no_browser_opens_as_a_page(
    client: Client, application: Application
) -> None:
    document = make_document(application=application)
    response = client.get(f"/documents/{document.code}/")
    assert response.content == storing.read(document.file)
    name = f"{application.code}-ktp.jpg".lower()
    assert {header: response[header] for header in SHUT} == SHUT | {
        "Content-Disposition": f'attachment; filename="{name}"'
    }


SHUT = {
    "Content-Type": "image/jpeg",
    "Content-Disposition": "",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}


def test_document_preview_is_a_small_picture(client: Client, application: Application) -> None:
    document = make_document(application=application, content=jpeg())
    response = client.get(f"/documents/{document.code}/preview/")
    assert max(Image.open(BytesIO(response.content)).size) == 320
    pages = make_document(
        application=application, kind="kk", content=pdf(), media="application/pdf"
    )
    assert client.get(f"/documents/{pages.code}/preview/").status_code == 404
    assert client.get(f"/documents/{pages.code}/").status_code == 200


def test_document_that_was_replaced_or_lost_is_not_there(
    client: Client, application: Application
) -> None:
    document = make_document(application=application)
    storing.drop(document.file)
    assert client.get(f"/documents/{document.code}/").status_code == 404
    assert client.get(page(application)).status_code == 200
    Document.objects.update(status="replaced", file="")
    assert client.get(f"/documents/{document.code}/").status_code == 404


def test_document_taken_back_by_its_owner_is_gone(client: Client, application: Application) -> None:
    document = make_document(application=application)
    response = client.post(f"/documents/{document.code}/remove/")
    assert (response.status_code, Document.objects.count()) == (302, 0)


def officers() -> dict[str, User]:
    document = make_document(application=make_confirmed().application)
    office = document.application.appointments.get().slot.office
    return {
        "counter": make_officer(Role.COUNTER, office),
        "planner": make_officer(Role.PLANNER, office),
        "elsewhere": make_officer(Role.COUNTER, make_office()),
        "without second step": make_officer(Role.COUNTER, office),
    }


def test_document_door_opens_to_officers_who_receive_the_person_and_notes_each_look() -> None:
    people = officers()
    document = Document.objects.get()
    clients = {name: signed_in(officer) for name, officer in people.items()}
    SecondFactor.objects.filter(account=people["without second step"]).delete()
    weak = Client()
    weak.force_login(people["without second step"])
    clients["without second step"] = weak
    address = f"/documents/{document.code}/"
    answers = {name: client.get(address).status_code for name, client in clients.items()}
    assert answers == {"counter": 200, "planner": 404, "elsewhere": 404, "without second step": 404}
    visit = document.application.appointments.get()
    looks = [entry for entry in trail.of(f"appointment:{visit.code}") if entry.deed == LOOK]
    assert [(look.by, look.facts["through"]) for look in looks] == [(people["counter"], "document")]


def test_document_of_somebody_who_has_not_paid_opens_to_no_officer() -> None:
    document = make_document(application=make_awaiting().application)
    office = document.application.appointments.get().slot.office
    client = signed_in(make_officer(Role.COUNTER, office))
    assert client.get(f"/documents/{document.code}/").status_code == 404
