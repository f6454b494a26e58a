"""Documents by the API: listed, sent, read, taken back; each once, whoever asks again."""

import secrets
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from appointments.documents.models import Document
from tests.api.conftest import Integrator, make_integrator
from tests.api.steps import an_application
from tests.appointments.documents.files import EICAR, jpeg, pdf
from tests.factories.appointments import make_arrived
from tests.factories.documents import make_document

CODE = "TQ7RDEX3WA"


def send(
    integrator: Integrator, application: str, content: bytes, kind: str = "ktp", **headers: str
) -> Any:
    sent = {"Idempotency-Key": secrets.token_hex(8)} | integrator.headers() | headers
    form = {"kind": kind, "file": SimpleUploadedFile("x", content)}
    return integrator.browser.post(
        f"/api/v1/applications/{application}/documents/", form, headers=sent
    )


def drop(integrator: Integrator, code: str) -> Any:
    return integrator.browser.delete(f"/api/v1/documents/{code}/", headers=integrator.headers())


@pytest.fixture
def application(integrator: Integrator) -> str:
    return an_application(integrator)


def test_document_is_sent_listed_read_and_taken_back(
    integrator: Integrator, application: str
) -> None:
    wanted = integrator.get(f"applications/{application}/documents/").json()
    needed = [(row["kind"], row["document"]) for row in wanted if row["needed"]]
    assert needed == [("ktp", None), ("kk", None), ("proof-of-birth", None)]
    sent = send(integrator, application, jpeg())
    assert sent.status_code == 201
    document = sent.json()
    assert (document["status"], document["media"], document["pages"]) == (
        "received",
        "image/jpeg",
        1,
    )
    Document.objects.update(status="not_complete", reason="cut_off", note="Sisi kanan hilang.")
    read = integrator.get(f"documents/{document['code']}/").json()
    assert (read["reason"], read["note"]) == ("cut_off", "Sisi kanan hilang.")
    wanted = integrator.get(f"applications/{application}/documents/").json()
    assert wanted[0]["document"] == read
    assert drop(integrator, document["code"]).json()[0]["document"] is None
    assert drop(integrator, document["code"]).status_code == 404


def test_document_sent_again_with_its_key_is_one_and_another_file_is_refused(
    integrator: Integrator, application: str
) -> None:
    key = {"Idempotency-Key": "document-1"}
    first = send(integrator, application, jpeg(), **key)
    again = send(integrator, application, jpeg(), **key)
    other = send(integrator, application, pdf(), **key)
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["type"].partition("#")[2]) == (
        422,
        "idempotency-key-reused",
    )
    assert Document.objects.count() == 1


REFUSED: dict[str, tuple[bytes, str, int, str]] = {
    "empty": (b"", "ktp", 422, "file-empty"),
    "no photo": (b"<html>", "ktp", 422, "file-format-unknown"),
    "a virus, for a scanner": (EICAR, "ktp", 422, "file-format-unknown"),
    "cut short": (jpeg()[:3000], "ktp", 422, "image-damaged"),
    "too long": (b"\xff\xd8\xff" + b"x" * 10_000_000, "ktp", 413, "file-too-large"),
    "another kind": (jpeg((90, 60)), "police-report", 422, "document-not-wanted"),
    "an odd kind": (jpeg((90, 60)), "../../x", 422, "document-not-wanted"),
    "a kind with NUL": (jpeg((90, 60)), "a\0b", 400, "not-valid"),
    "a long kind": (jpeg((90, 60)), "x" * 300, 400, "not-valid"),
}


@pytest.mark.parametrize("odd", REFUSED)
def test_document_that_cannot_be_taken_is_refused_by_name(
    integrator: Integrator, application: str, odd: str
) -> None:
    content, kind, status, problem = REFUSED[odd]
    answer = send(integrator, application, content, kind)
    assert (answer.status_code, answer.json()["type"].partition("#")[2]) == (status, problem)
    assert Document.objects.count() == 0


BODIES: dict[str, tuple[str, bytes, int]] = {
    "JSON": ("application/json", b'{"kind": "ktp"}', 415),
    "no type": ("", b"x", 415),
    "no boundary": ("multipart/form-data", b"x", 400),
    "half a form": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disp", 400),
    "no file": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\nktp\r\n--x--\r\n',
        400,
    ),
    "a text for a file": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nktp\r\n--x--\r\n',
        400,
    ),
    "a name with NUL and turned letters": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\nktp\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\0\xe2\x80\xaegpj.exe"'
        b"\r\n\r\n<html>\r\n--x--\r\n",
        422,
    ),
}


@pytest.mark.parametrize("odd", BODIES)
def test_document_in_an_odd_body_is_refused(
    integrator: Integrator, application: str, odd: str
) -> None:
    kind, body, status = BODIES[odd]
    headers = integrator.headers() | {"Idempotency-Key": odd.replace(" ", "-")}
    address = f"/api/v1/applications/{application}/documents/"
    answer = integrator.browser.generic("POST", address, body, content_type=kind, headers=headers)
    assert (answer.status_code, Document.objects.count()) == (status, 0)


def test_document_of_another_account_is_not_there(integrator: Integrator, application: str) -> None:
    code = send(integrator, application, jpeg()).json()["code"]
    other = make_integrator()
    answers = [
        other.get(f"applications/{application}/documents/"),
        send(other, application, jpeg()),
        other.get(f"documents/{code}/"),
        drop(other, code),
        other.get(f"documents/{CODE}/"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert Document.objects.count() == 1


@pytest.mark.parametrize("scopes", ["appointments:read", "checkin:write"])
def test_document_needs_the_scope_of_applications(
    integrator: Integrator, application: str, scopes: str
) -> None:
    code = make_document().code
    weak = make_integrator(scopes=scopes, account=integrator.account)
    answers = [
        weak.get(f"applications/{application}/documents/"),
        send(weak, application, jpeg()),
        weak.get(f"documents/{code}/"),
        drop(weak, code),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4


def test_document_of_who_has_come_is_refused_and_stays(integrator: Integrator) -> None:
    application = make_arrived().application
    document = make_document(application=application)
    owner = make_integrator(account=application.account)
    closed = send(owner, application.code, jpeg())
    stays = drop(owner, document.code)
    assert [answer.json()["type"].partition("#")[2] for answer in (closed, stays)] == [
        "documents-closed",
        "document-stays",
    ]
