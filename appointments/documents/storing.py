"""The private place of the files, behind Django's storage: a folder or a bucket."""

import logging
import uuid
from pathlib import Path

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.db import transaction

log = logging.getLogger(__name__)


def place() -> Storage:
    return storages["documents"]


def put(path: Path) -> str:
    """Stores the file under a name that says nothing, and returns that."""
    with path.open("rb") as content:
        return _save(File(content))


def put_bytes(content: bytes) -> str:
    """As `put`."""
    return _save(ContentFile(content))


def _save(content: "File[bytes]") -> str:
    name = uuid.uuid4().hex
    return str(place().save(f"{name[:2]}/{name}", content))


def read(name: str) -> bytes:
    """Raises OSError when the storage has lost it."""
    with place().open(name) as file:
        content: bytes = file.read()
    return content


def drop(name: str) -> None:
    """A file that cannot be deleted now is left behind without a row, and logged."""
    try:
        place().delete(name)
    except Exception:
        log.exception("document file %s could not be deleted", name)


def drop_after_commit(name: str) -> None:
    """As `drop`, once nothing can bring its row back; no name, nothing to do."""
    if name:
        transaction.on_commit(lambda: drop(name))
