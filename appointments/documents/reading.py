"""From what was sent to what is stored: written anew by the workshop, or refused by name."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

from mpaspor.core.errors import Refusal

# Seconds on the clock; the workshop's own limit is in seconds of work.
PATIENCE = 25


class FileRefused(Refusal):
    """The file cannot be taken as it is; a document that was there stays."""

    field = "file"
    status = 422


class NoFile(FileRefused):
    code = "file-missing"
    message = _("No file was chosen.")
    remedy = _("Choose a photo or a PDF, then press “Send”.")


class SeveralFiles(FileRefused):
    code = "files-several"
    message = _("Several files were sent at once.")
    remedy = _("Send one. Several pages can be one PDF.")


class FileEmpty(FileRefused):
    code = "file-empty"
    message = _("The file is empty.")
    remedy = _("Open it on your phone or computer to see whether it is whole, then send it again.")


class FileTooLarge(FileRefused):
    code = "file-too-large"
    message = _("The file is larger than %(megabytes)s MB.")
    remedy = _("Send a photo instead of a scan, or fewer pages.")
    status = 413


class FormatUnknown(FileRefused):
    code = "file-format-unknown"
    message = _("This is neither a photo (JPEG, PNG, WebP) nor a PDF, whatever its name says.")
    remedy = _("Take a photo of the document with your phone and send that.")


class PhoneFormat(FileRefused):
    code = "file-format-heic"
    message = _("This photo is in the format HEIC or AVIF, which we cannot open.")
    remedy = _(
        "On an iPhone choose Settings, Camera, Formats, “Most Compatible” and take the photo "
        "again, or send a screenshot of it."
    )


class TooManyPixels(FileRefused):
    code = "image-too-large"
    message = _("The picture has too many pixels.")
    remedy = _("Take a photo with the usual setting of the camera, or send a smaller one.")


class ImageDamaged(FileRefused):
    code = "image-damaged"
    message = _("The picture is damaged or was not sent whole.")
    remedy = _("Send it again. If it is refused again, take a new photo.")


class PdfDamaged(FileRefused):
    code = "pdf-damaged"
    message = _("The PDF is damaged or was not sent whole.")
    remedy = _("Open it and save or print it as a new PDF, or take photos of it.")


class PdfEncrypted(FileRefused):
    code = "pdf-encrypted"
    message = _("The PDF is protected with a password.")
    remedy = _("Print it to a new PDF without a password, or take a photo of it.")


class PdfActive(FileRefused):
    code = "pdf-active"
    message = _("The PDF holds more than pages: a form, a program, a film or other files.")
    remedy = _("Print it to a new PDF, or take a photo of it.")


class PdfTooManyPages(FileRefused):
    code = "pdf-too-many-pages"
    message = _("The PDF has more than %(pages)s pages.")
    remedy = _("Send only the pages of this document.")


class PdfEmpty(FileRefused):
    code = "pdf-empty"
    message = _("The PDF has no pages.")
    remedy = _("Open it to see whether it is the right one, then send it again.")


# By what the workshop says.
REFUSALS: dict[str, type[FileRefused]] = {
    "empty": FileEmpty,
    "format": FormatUnknown,
    "heic": PhoneFormat,
    "pixels": TooManyPixels,
    "image-damaged": ImageDamaged,
    "pdf-damaged": PdfDamaged,
    "pdf-encrypted": PdfEncrypted,
    "pdf-active": PdfActive,
    "pdf-pages": PdfTooManyPages,
    "pdf-empty": PdfEmpty,
}


@dataclass(frozen=True)
class Clean:
    """What is to be stored. `remarks` are codes of enums.Remark."""

    path: Path
    media: str
    pages: int
    remarks: list[str]
    length: int
    sha256: str


@contextmanager
def cleaned(file: "File[bytes]") -> Iterator[Clean]:
    """The file written anew; its path lasts as long as the block. Raises FileRefused."""
    refuse_by_size(file.size or 0)
    with TemporaryDirectory(prefix="mpaspor-upload-") as folder:
        source, target = Path(folder, "came"), Path(folder, "made")
        with source.open("wb") as copy:
            for chunk in file.chunks():
                copy.write(chunk)
        yield _clean(source, target)


def refuse_by_size(size: int) -> None:
    """Raises FileEmpty, FileTooLarge."""
    if not size:
        raise FileEmpty
    if size > settings.UPLOAD_BYTES:
        raise FileTooLarge(megabytes=settings.UPLOAD_BYTES // 1_000_000)


def _clean(source: Path, target: Path) -> Clean:
    made = _made(source, target)
    if why := made.get("unfit"):
        raise REFUSALS[why](pages=settings.UPLOAD_PAGES)
    content = target.read_bytes()
    facts = {name: made[name] for name in ("media", "pages", "remarks")}
    return Clean(target, **facts, length=len(content), sha256=hashlib.sha256(content).hexdigest())


def _made(source: Path, target: Path) -> dict[str, Any]:
    """What the workshop says. One that fell over its limits, or over the file, says nothing."""
    command = [sys.executable, "-m", "appointments.documents.workshop"]
    try:
        done = subprocess.run(
            [*command, str(source), str(target), str(settings.UPLOAD_PAGES)],
            capture_output=True,
            cwd=settings.BASE_DIR,
            env={},
            timeout=PATIENCE,
            check=True,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return {"unfit": "pdf-damaged" if _is_pdf(source) else "image-damaged"}
    return answer


def _is_pdf(source: Path) -> bool:
    with source.open("rb") as file:
        return b"%PDF-" in file.read(64)
