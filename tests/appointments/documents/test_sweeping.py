"""Files without a row go after a day; rows without their file are told of."""

import logging
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from appointments.documents import storing
from appointments.documents.models import Document, UploadPart
from appointments.documents.sweeping import AGE, sweep_files
from appointments.documents.uploading import begin_upload
from mpaspor.audit import trail
from mpaspor.core import clock
from tests.factories.appointments import make_application
from tests.factories.documents import make_document

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def place_is_empty() -> None:
    for name in storing.names():
        storing.drop(name)


def put(*, age: timedelta = AGE) -> str:
    name = storing.put_bytes(b"left behind")
    then = (clock.now() - age).timestamp()
    os.utime(Path(storing.place().path(name)), (then, then))
    return name


@pytest.mark.parametrize(
    ("age", "left"),
    [(AGE - timedelta(minutes=1), 1), (AGE, 0), (AGE * 30, 0)],
)
def test_file_without_a_row_goes_after_a_day(age: timedelta, left: int) -> None:
    put(age=age)
    swept = sweep_files(by="timetable", at=clock.now())
    assert (len(swept.orphans), len(list(storing.names()))) == (1 - left, left)


def test_files_with_rows_stay_however_old_they_are() -> None:
    document = make_document()
    upload = begin_upload(
        application=make_application(), kind="kk", length=11, sha256="a" * 64, at=clock.now()
    )
    part = UploadPart.objects.create(upload=upload, start=0, length=11, file=put())
    os.utime(Path(storing.place().path(document.file)), (0, 0))
    assert sweep_files(by="timetable", at=clock.now()).orphans == []
    assert set(storing.names()) == {document.file, part.file}
    assert list(trail.of("documents")) == []


def test_document_without_its_file_raises_an_alarm(caplog: pytest.LogCaptureFixture) -> None:
    whole, lost = make_document(), make_document()
    Document.objects.filter(pk=make_document().pk).update(status="replaced", file="")
    storing.drop(lost.file)
    with caplog.at_level(logging.INFO):
        swept = sweep_files(by="timetable", at=clock.now())
    assert swept.lost == [lost.code]
    assert f"document {lost.code} has lost its file" in caplog.text
    assert "2 files, 0 without a row, 1 documents without their file" in caplog.text
    assert storing.exists(whole.file)
    [entry] = trail.of("documents")
    assert (entry.deed, entry.facts) == ("documents.sweep", {"orphans": 0, "lost": 1})


def test_command_says_what_it_did_and_only_counts_if_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    put()
    document = make_document()
    storing.drop(document.file)
    for option, left in ((["--dry-run"], 1), ([], 0)):
        call_command("sweep_files", *option)
        said = capsys.readouterr().out
        assert "1 files, 1 without a row, 1 documents without their file" in said
        assert f"Lost its file: document {document.code}." in said
        assert len(list(storing.names())) == left
    assert Document.objects.count() == 1


def test_place_that_nobody_has_used_has_no_files(tmp_path: Path, settings: object) -> None:
    place = settings.STORAGES["documents"]  # type: ignore[attr-defined]
    other = place | {"OPTIONS": place["OPTIONS"] | {"location": str(tmp_path / "nowhere")}}
    settings.STORAGES = settings.STORAGES | {"documents": other}  # type: ignore[attr-defined]
    assert sweep_files(by="timetable", at=clock.now()).files == 0
