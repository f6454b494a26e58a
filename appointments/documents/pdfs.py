"""A PDF written anew: its pages and nothing else. One that does things is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject

from appointments.documents.unfit import Unfit

# What a page may hold besides what is printed.
BESIDES = ("/Annots", "/AA", "/Metadata", "/PieceInfo", "/B")
# Keys and kinds of what acts, plays or carries other files.
ACTIVE_KEYS = {"/JS", "/JavaScript", "/AA", "/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent"}
ACTIVE_KINDS = {
    "/JavaScript",
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/GoToE",
    "/GoToR",
    "/Rendition",
    "/Movie",
    "/Sound",
    "/RichMedia",
    "/RichMediaExecute",
    "/FileAttachment",
    "/Screen",
    "/3D",
    "/EmbeddedFile",
}
# Things in one file; a scan of twenty pages has some hundred.
MOST_THINGS = 50_000


def rewrite(source: Path, target: Path, *, most_pages: int) -> dict[str, Any]:
    """Writes the pages alone. Raises Unfit."""
    try:
        reader = PdfReader(source)
        if reader.is_encrypted:
            raise Unfit("pdf-encrypted")
        pages = _pages(reader, most_pages)
        if any(_acts(thing) for thing in _things(reader)):
            raise Unfit("pdf-active")
        _write(pages, target)
    except MemoryError as full:
        raise Unfit("pdf-damaged") from full
    except RecursionError as deep:
        raise Unfit("pdf-damaged") from deep
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError) as broken:
        raise Unfit("pdf-damaged") from broken
    except (AssertionError, IndexError, NotImplementedError, OverflowError) as broken:
        raise Unfit("pdf-damaged") from broken
    return {"media": "application/pdf", "pages": len(pages), "remarks": []}


def _pages(reader: PdfReader, most: int) -> list[PageObject]:
    count = len(reader.pages)
    if count > most:
        raise Unfit("pdf-pages")
    pages = list(reader.pages)
    if not pages:
        raise Unfit("pdf-empty")
    return pages


def _things(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary that can be reached from the document's root, each once."""
    todo: list[PdfObject] = [reader.trailer["/Root"]]
    seen: set[int] = set()
    for _turn in range(MOST_THINGS):
        if not todo:
            return
        thing = todo.pop()
        if isinstance(thing, IndirectObject):
            if thing.idnum in seen:
                continue
            seen.add(thing.idnum)
            found = thing.get_object()
            if found is None:
                continue
            thing = found
        if isinstance(thing, DictionaryObject):
            yield thing
            todo += [value for value in thing.values() if _may_hold(value)]
        elif isinstance(thing, ArrayObject):
            todo += [value for value in thing if _may_hold(value)]
    raise Unfit("pdf-damaged")


def _may_hold(value: PdfObject) -> bool:
    return isinstance(value, (IndirectObject, DictionaryObject, ArrayObject))


def _acts(thing: DictionaryObject) -> bool:
    kinds = {thing.raw_get(name) for name in ("/S", "/Subtype", "/Type") if name in thing}
    return bool(ACTIVE_KEYS & thing.keys()) or bool(ACTIVE_KINDS & {str(kind) for kind in kinds})


def _write(pages: list[PageObject], target: Path) -> None:
    writer = PdfWriter()
    for page in pages:
        for name in BESIDES:
            page.pop(name, None)
        writer.add_page(page)
    writer.metadata = None
    with target.open("wb") as file:
        writer.write(file)
