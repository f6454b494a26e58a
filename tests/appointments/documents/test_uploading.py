"""A file in parts goes on where it stopped; whatever else is sent is answered, never by a 500."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.test import Client
from PIL import Image

from appointments.documents import storing
from appointments.documents.models import Document, Upload, UploadPart
from appointments.documents.uploading import begin_upload
from appointments.leaving import leave
from appointments.models import Application
from appointments.retention import purge
from mpaspor.core import clock
from tests.appointments.browsing import signed_in, text_of
from tests.appointments.documents.files import jpeg, pdf, saved
from tests.factories.applicants import make_user
from tests.factories.appointments import make_application, make_arrived
from tests.factories.documents import make_document

pytestmark = pytest.mark.django_db

RAW = "application/octet-stream"
PART = settings.UPLOAD_PART_BYTES


@pytest.fixture(autouse=True)
def place_is_empty() -> None:
    for name in stored():
        storing.drop(name)


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def application() -> Application:
    return make_application()


@pytest.fixture
def client(application: Application) -> Client:
    return signed_in(application.account)


@pytest.fixture(scope="module")
def photo() -> bytes:
    """Of three parts: noise cannot be made small."""
    noise = Image.frombytes("RGB", (1400, 900), os.urandom(1400 * 900 * 3))
    content = saved(noise, "JPEG", quality=60)
    assert 2 * PART < len(content) < 3 * PART
    return content


def stored() -> set[str]:
    root = Path(storing.place().path(""))
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def address(application: Application, kind: str = "ktp") -> str:
    return f"/applications/{application.code}/documents/{kind}/parts/"


def begin(client: Client, application: Application, content: bytes, **other: Any) -> Any:
    facts = {"length": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return client.post(address(application), facts | other)


def send(client: Client, url: str, offset: object, content: bytes, kind: str = RAW) -> Any:
    return client.generic("POST", f"{url}?offset={offset}", content, content_type=kind)


def send_all(client: Client, application: Application, content: bytes) -> Any:
    state = begin(client, application, content).json()
    for offset in range(state["offset"], len(content), PART):
        answer = send(client, state["url"], offset, content[offset : offset + PART])
    return answer


def test_parts_in_order_become_the_document(
    client: Client, application: Application, photo: bytes, committed: Any
) -> None:
    with committed():
        answer = send_all(client, application, photo)
    page = f"/applications/{application.code}/documents/"
    assert answer.json() == {"next": f"{page}?sent=ktp#ktp"}
    document = Document.objects.get()
    assert (document.kind, document.media) == ("ktp", "image/jpeg")
    assert (Upload.objects.count(), stored()) == (0, {document.file})
    assert "Identity card (KTP-el): received." in text_of(client.get(page))


def test_upload_goes_on_on_another_device_from_where_it_stopped(
    client: Client, application: Application, photo: bytes
) -> None:
    state = begin(client, application, photo).json()
    assert state["offset"] == 0
    assert send(client, state["url"], 0, photo[:PART]).json()["offset"] == PART
    other = signed_in(application.account)
    page = text_of(other.get(f"/applications/{application.code}/documents/"))
    assert f"{PART * 100 // len(photo)} % of a file have arrived" in page
    assert begin(other, application, photo).json() == state | {"offset": PART}
    assert other.get(state["url"]).json()["offset"] == PART
    assert send_all(other, application, photo).status_code == 200
    assert Document.objects.count() == 1


def test_upload_of_another_file_takes_the_place_of_the_one_before(
    client: Client, application: Application, photo: bytes, committed: Any
) -> None:
    state = begin(client, application, photo).json()
    send(client, state["url"], 0, photo[:PART])
    with committed():
        other = begin(client, application, jpeg()).json()
    assert (other["offset"], Upload.objects.count(), stored()) == (0, 1, set())
    assert client.get(state["url"]).status_code == 404


def test_last_answer_that_was_lost_is_given_again_for_an_empty_part(
    client: Client, application: Application
) -> None:
    content = jpeg()
    upload = Upload.objects.get(code=make_whole(client, application, content))
    answer = send(client, f"/uploads/{upload.code}/", len(content), b"")
    assert answer.json()["next"]
    assert Document.objects.count() == 1


def make_whole(client: Client, application: Application, content: bytes) -> str:
    """Everything has arrived, and then the process was killed."""
    state = begin(client, application, content).json()
    upload = Upload.objects.get()
    name = storing.put_bytes(content)
    UploadPart.objects.create(upload=upload, start=0, length=len(content), file=name)
    assert client.get(state["url"]).json()["offset"] == len(content)
    return upload.code


# What is said of the place of a file's second part, and the status of the answer.
ODD_OFFSETS: dict[str, tuple[object, int]] = {
    "before the beginning": (-1, 409),
    "the beginning again": (0, 409),
    "overlapping": (PART - 1, 409),
    "with a gap": (PART + 1, 409),
    "beyond the end": (10**8, 409),
    "2^63": (2**63, 409),
    "much more": ("9" * 400, 409),
    "none": ("", 409),
    "no number": ("abc", 409),
    "a fraction": ("1.5", 409),
    "digits of another script": ("٢٥٦٠٠٠", 409),
    "blank": ("%20", 409),
    "NUL": ("%00", 400),
}


@pytest.mark.parametrize("odd", ODD_OFFSETS)
def test_part_at_a_wrong_place_is_told_the_right_one(
    client: Client, application: Application, photo: bytes, odd: str
) -> None:
    offset, status = ODD_OFFSETS[odd]
    state = begin(client, application, photo).json()
    send(client, state["url"], 0, photo[:PART])
    answer = send(client, state["url"], offset, photo[PART : 2 * PART])
    assert answer.status_code == status
    if status == 409:
        assert answer.json()["offset"] == PART
    assert (UploadPart.objects.count(), len(stored())) == (1, 1)
    assert send(client, state["url"], PART, photo[PART : 2 * PART]).status_code == 200


ODD_PARTS: dict[str, tuple[bytes, str, int]] = {
    "empty": (b"", RAW, 409),
    "longer than a part": (b"x" * (PART + 1), RAW, 413),
    "longer than any body": (b"x" * 2_000_000, RAW, 413),
    "a form": (b"a=b", "application/x-www-form-urlencoded", 415),
    "a form of parts": (b"--x--\r\n", "multipart/form-data; boundary=x", 415),
    "a form without a boundary": (b"--x--\r\n", "multipart/form-data", 415),
    "JSON": (b"{}", "application/json", 415),
    "a photo, it says": (b"\xff\xd8\xff", "image/jpeg", 415),
    "nothing said": (b"x", "", 415),
    "an odd type": (b"x", "a/b; c=\u202e", 415),
}


@pytest.mark.parametrize("odd", ODD_PARTS)
def test_part_that_is_odd_is_refused_and_kept_nowhere(
    client: Client, application: Application, photo: bytes, odd: str
) -> None:
    content, kind, status = ODD_PARTS[odd]
    state = begin(client, application, photo).json()
    answer = send(client, state["url"], 0, content, kind)
    assert answer.status_code == status
    assert (UploadPart.objects.count(), stored()) == (0, set())


@pytest.mark.parametrize("length", ["abc", "-1", "9" * 30, "1e3"])
def test_part_of_a_length_that_is_none_is_refused(
    client: Client, application: Application, photo: bytes, length: str
) -> None:
    url = begin(client, application, photo).json()["url"]
    headers: dict[str, Any] = {"CONTENT_LENGTH": length}
    answer = client.generic("POST", f"{url}?offset=0", b"x", content_type=RAW, **headers)
    assert (answer.status_code, UploadPart.objects.count()) == (413, 0)


def test_part_longer_than_what_is_missing_is_refused(
    client: Client, application: Application
) -> None:
    content = jpeg()
    state = begin(client, application, content, length=len(content) - 1).json()
    assert send(client, state["url"], 0, content).status_code == 413
    assert stored() == set()


LIMIT = settings.UPLOAD_BYTES
ODD_BEGINNINGS: dict[str, tuple[dict[str, object], str, int]] = {
    "nothing": ({"length": 0}, "ktp", 422),
    "less than nothing": ({"length": -1}, "ktp", 422),
    "one byte too many": ({"length": LIMIT + 1}, "ktp", 413),
    "11 MB": ({"length": 11_000_000}, "ktp", 413),
    "2^63": ({"length": 2**63}, "ktp", 422),
    "no length": ({"length": ""}, "ktp", 422),
    "no number": ({"length": "zehn"}, "ktp", 422),
    "no digest": ({"sha256": ""}, "ktp", 422),
    "a digest too short": ({"sha256": "ab"}, "ktp", 422),
    "a digest in capitals": ({"sha256": "A" * 64}, "ktp", 422),
    "a digest with NUL": ({"sha256": "\0" * 64}, "ktp", 422),
    "a digest and more": ({"sha256": "a" * 64 + "\n"}, "ktp", 422),
    "of an unknown kind": ({}, "surat-cinta", 422),
    "of a kind that is not needed": ({}, "police-report", 422),
}


@pytest.mark.parametrize("odd", ODD_BEGINNINGS)
def test_beginning_that_is_odd_is_refused_in_words(
    client: Client, application: Application, odd: str
) -> None:
    facts, kind, status = ODD_BEGINNINGS[odd]
    usual = {"length": 1000, "sha256": "a" * 64}
    answer = client.post(address(application, kind), usual | facts)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html>" + b" " * 100, "neither a photo"),
        (jpeg()[:3000], "damaged"),
        (pdf(21), "more than 20 pages"),
    ],
)
def test_file_in_parts_is_judged_as_one_that_comes_at_once(
    client: Client, application: Application, content: bytes, words: str, committed: Any
) -> None:
    with committed():
        answer = send_all(client, application, content)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert (Document.objects.count(), Upload.objects.count(), stored()) == (0, 0, set())


@pytest.mark.parametrize("lost", [False, True])
def test_file_that_arrives_as_another_one_is_not_taken(
    client: Client, application: Application, lost: bool
) -> None:
    content = jpeg()
    facts = {} if lost else {"sha256": "a" * 64}
    state = begin(client, application, content, **facts).json()
    if lost:
        code = make_whole(client, application, content)
        storing.drop(UploadPart.objects.get().file)
        state["url"] = f"/uploads/{code}/"
    answer = send(client, state["url"], 0, content)
    assert answer.status_code == 422
    assert "not the file that was chosen" in answer.json()["detail"]
    assert (Document.objects.count(), Upload.objects.count()) == (0, 0)


def test_upload_of_another_account_is_not_there(
    client: Client, application: Application, photo: bytes
) -> None:
    url = begin(client, application, photo).json()["url"]
    stranger = signed_in(make_user())
    answers = [
        begin(stranger, application, photo),
        stranger.get(url),
        send(stranger, url, 0, photo[:PART]),
        stranger.get("/uploads/NOSUCHCODE/"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    nobody = Client()
    for answer in (begin(nobody, application, photo), send(nobody, url, 0, b"x")):
        assert answer["Location"].startswith("/account/login/")
    assert UploadPart.objects.count() == 0


def test_upload_takes_no_part_without_the_token_of_our_page(
    application: Application, photo: bytes
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(application.account)
    assert begin(strict, application, photo).status_code == 403


@pytest.mark.parametrize("state", ["complete", "arrived"])
def test_upload_is_refused_where_a_document_would_be(state: str, photo: bytes) -> None:
    application = make_application() if state == "complete" else make_arrived().application
    if state == "complete":
        make_document(application=application, status="complete")
    answer = begin(signed_in(application.account), application, photo)
    assert (answer.status_code, Upload.objects.count()) == (409, 0)


@pytest.mark.parametrize(("seconds", "left"), [(-1, 1), (0, 0)])
def test_upload_that_nobody_finishes_goes_after_a_day(
    client: Client, application: Application, photo: bytes, committed: Any, seconds: int, left: int
) -> None:
    url = begin(client, application, photo).json()["url"]
    send(client, url, 0, photo[:PART])
    with committed():
        counts = purge(by="timetable", at=Upload.objects.get().ends_at + timedelta(seconds=seconds))
    assert (counts["uploads"], Upload.objects.count(), len(stored())) == (1 - left, left, left)


def test_upload_after_its_end_begins_anew(
    client: Client, application: Application, photo: bytes
) -> None:
    url = begin(client, application, photo).json()["url"]
    send(client, url, 0, photo[:PART])
    Upload.objects.update(ends_at=clock.now())
    assert client.get(url).status_code == 404
    assert send(client, url, PART, photo[PART : 2 * PART]).status_code == 404
    assert begin(client, application, photo).json()["offset"] == 0


def test_uploads_go_with_the_account(
    client: Client, application: Application, photo: bytes, committed: Any
) -> None:
    send(client, begin(client, application, photo).json()["url"], 0, photo[:PART])
    with committed():
        leave(application.account, by="test", at=clock.now())
    assert (Upload.objects.count(), stored()) == (0, set())


@pytest.mark.parametrize(("start", "length"), [(1, 1), (10, 1), (11, 100), (11, 0)])
def test_database_takes_no_part_that_does_not_follow(start: int, length: int) -> None:
    application = make_application()
    upload = begin_upload(
        application=application, kind="ktp", length=20, sha256="a" * 64, at=clock.now()
    )
    UploadPart.objects.create(upload=upload, start=0, length=11, file="aa/1")
    with pytest.raises(DatabaseError), transaction.atomic():
        UploadPart.objects.create(upload=upload, start=start, length=length, file="aa/2")
    with pytest.raises(DatabaseError), transaction.atomic():
        Upload.objects.update(length=30)
