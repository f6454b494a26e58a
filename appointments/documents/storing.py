"""The private place of the files, behind Django's storage: a folder or a bucket."""

import logging
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.db import transaction

from mpaspor.core import clock

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


def names() -> Iterator[str]:
    """Of all files."""
    for folder in _listed("")[0]:
        for name in _listed(folder)[1]:
            yield f"{folder}/{name}"


def exists(name: str) -> bool:
    return place().exists(name)


def stored_at(name: str) -> datetime:
    """Now for one that went away meanwhile."""
    try:
        return place().get_modified_time(name)
    except OSError:
        return clock.now()


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Folders and files in it; a place that nobody has used yet has none."""
    try:
        return place().listdir(folder)
    except FileNotFoundError:
        return [], []


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
