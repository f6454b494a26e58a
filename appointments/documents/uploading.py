"""A file that comes in parts over a weak line, each with its place; then taken like any other."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from tempfile import TemporaryFile

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.documents import storing
from appointments.documents.models import DIGEST, Document, Upload, UploadPart
from appointments.documents.reading import FileRefused, refuse_by_size
from appointments.documents.taking import refuse_unless_open, take_upload
from appointments.models import Application
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal

SHA256 = re.compile(rf"[0-9a-f]{{{DIGEST}}}")


class UploadNotValid(FileRefused):
    code = "upload-not-valid"
    message = _("It was not said which file is to come.")
    remedy = _("Choose the file again and send it.")


class OffsetWrong(Refusal):
    """Nothing was taken; `offset` says where to go on."""

    code = "offset-wrong"
    message = _("Of this file %(offset)s bytes have arrived.")
    remedy = _("Go on from there.")


class PartTooLarge(FileRefused):
    code = "part-too-large"
    message = _("This part is longer than %(part)s bytes, or than what is missing of the file.")
    remedy = _("Choose the file again and send it.")
    status = 413


class UploadBroken(FileRefused):
    code = "upload-broken"
    message = _("What has arrived is not the file that was chosen.")
    remedy = _("Choose it again and send it. It begins anew.")


def begin_upload(
    *, application: Application, kind: str, length: int, sha256: str, at: datetime
) -> Upload:
    """The file announced by length and SHA-256: a new upload, or what has arrived of it already.

    Of each kind one at a time. Without an audit line: nothing is taken yet. Raises UploadNotValid,
    FileEmpty, FileTooLarge, DocumentNotWanted, DocumentsClosed, DocumentComplete.
    """
    if length < 0 or not SHA256.fullmatch(sha256):
        raise UploadNotValid
    refuse_by_size(length)
    refuse_unless_open(application, kind, at=at)
    with transaction.atomic():
        Application.objects.select_for_update().get(pk=application.pk)
        before = Upload.objects.filter(application=application, kind=kind)
        same = before.filter(length=length, sha256=sha256, ends_at__gt=at).first()
        if same:
            return same
        before.delete()
        return Upload.objects.create(
            application=application,
            kind=kind,
            length=length,
            sha256=sha256,
            ends_at=at + timedelta(hours=settings.UPLOAD_HOURS),
        )


def take_part(*, upload: Upload, offset: int, content: bytes) -> int:
    """How many bytes have arrived now. Raises OffsetWrong, PartTooLarge, UploadBroken."""
    _refuse(upload, offset, content)
    name = storing.put_bytes(content)
    try:
        with transaction.atomic():
            locked = Upload.objects.select_for_update().filter(pk=upload.pk).first()
            if locked is None:
                raise UploadBroken
            _refuse(locked, offset, content)
            UploadPart.objects.create(upload=locked, start=offset, length=len(content), file=name)
    except BaseException:
        storing.drop(name)
        raise
    return offset + len(content)


def finish_upload(*, upload: Upload, by: trail.By, at: datetime) -> Document:
    """What has arrived whole is taken as if it had come at once; then the parts go. Repeatable.

    Raises OffsetWrong, UploadBroken, and as take_upload.
    """
    arrived = upload.arrived
    if arrived < upload.length:
        raise OffsetWrong(offset=arrived)
    try:
        with _whole(upload) as file:
            document = take_upload(
                application=upload.application, kind=upload.kind, file=file, by=by, at=at
            )
    except Refusal:
        upload.delete()
        raise
    upload.delete()
    return document


def uploads_of(application: Application, *, at: datetime) -> dict[str, Upload]:
    """Those that can be gone on with, by the kind of the document."""
    rows = Upload.objects.filter(application=application, ends_at__gt=at)
    return {upload.kind: upload for upload in rows}


def _refuse(upload: Upload, offset: int, content: bytes) -> None:
    arrived = upload.arrived
    if offset != arrived or not content:
        raise OffsetWrong(offset=arrived)
    most = min(settings.UPLOAD_PART_BYTES, upload.length - arrived)
    if len(content) > most:
        raise PartTooLarge(part=settings.UPLOAD_PART_BYTES)


@contextmanager
def _whole(upload: Upload) -> "Iterator[File[bytes]]":
    """Raises UploadBroken."""
    digest = hashlib.sha256()
    with TemporaryFile(prefix="mpaspor-upload-") as file:
        for part in upload.parts.order_by("start"):
            try:
                content = storing.read(part.file)
            except OSError as lost:
                raise UploadBroken from lost
            digest.update(content)
            file.write(content)
        if digest.hexdigest() != upload.sha256:
            raise UploadBroken
        file.seek(0)
        yield File(file, name="")
