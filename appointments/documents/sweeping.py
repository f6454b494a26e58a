"""Files without a row, left by something that crashed, and rows whose file is lost."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from appointments.documents import storing
from appointments.documents.models import Document, UploadPart
from mpaspor.audit import trail

log = logging.getLogger(__name__)

# A file is stored before its row: what is younger may still get one.
AGE = timedelta(days=1)


@dataclass(frozen=True)
class Swept:
    """`orphans` were deleted (unless it was only counted); `lost` are codes of documents."""

    files: int
    orphans: list[str]
    lost: list[str]

    def __str__(self) -> str:
        return (
            f"{self.files} files, {len(self.orphans)} without a row, "
            f"{len(self.lost)} documents without their file"
        )


def sweep_files(*, by: trail.By, at: datetime, dry_run: bool = False) -> Swept:
    """Deletes the old ones that no row knows and raises an alarm for each that is lost. Repeatable.

    The files are listed before the rows are read: a file that gets its row meanwhile has one.
    """
    stored = set(storing.names())
    unknown = sorted(stored - set(_known()))
    orphans = [name for name in unknown if storing.stored_at(name) <= at - AGE]
    swept = Swept(len(stored), orphans, _lost(stored))
    for code in swept.lost:
        log.error("document %s has lost its file", code)
    if not dry_run:
        for name in orphans:
            storing.drop(name)
        if orphans or swept.lost:
            facts = {"orphans": len(orphans), "lost": len(swept.lost)}
            trail.record("documents.sweep", subject="documents", by=by, at=at, **facts)
    log.info("documents swept: %s", swept)
    return swept


def _known() -> Iterator[str]:
    for model in (Document, UploadPart):
        yield from model._default_manager.exclude(file="").values_list("file", flat=True)


def _lost(stored: set[str]) -> list[str]:
    """Looked for once more: one that came after the listing is there."""
    rows = Document.objects.exclude(file="").order_by("pk").values_list("code", "file")
    missing = [(code, name) for code, name in rows if name not in stored]
    return [code for code, name in missing if not storing.exists(name) and _is_named(code, name)]


def _is_named(code: str, name: str) -> bool:
    """Still: one that was taken back or replaced meanwhile is not lost."""
    return Document.objects.filter(code=code, file=name).exists()
