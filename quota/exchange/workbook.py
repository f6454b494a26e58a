"""Cells of an Excel workbook as text. A workbook is a zip of XML: neither may swell in memory."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from openpyxl import load_workbook

from quota.exchange import refusals

# A table of 5,000 rows unpacks to 2 or 3 MB.
UNPACKED = 30_000_000
# Nobody's table is wider; a sheet may be 16,384 columns wide.
COLUMNS = 50


def cells_of(data: bytes) -> Iterator[list[str]]:
    """Lines of the first sheet. Raises NotATable, MacrosInside, FormulaInside, TooManyRows."""
    _refuse_trap(data)
    try:
        yield from _lines(data)
    except refusals.FileRefused:
        raise
    except Exception:  # whatever a broken workbook makes the library stumble over
        raise refusals.NotATable from None


def _refuse_trap(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            known = parts.infolist()
    except Exception:  # a zip can be broken in many ways
        raise refusals.NotATable from None
    if sum(part.file_size for part in known) > UNPACKED:
        raise refusals.FileTooLarge(megabytes=refusals.MEGABYTES)
    if any("vbaproject" in part.filename.lower() for part in known):
        raise refusals.MacrosInside


def _lines(data: bytes) -> Iterator[list[str]]:
    book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    sheet = book.worksheets[0]
    # What the file says of its own size may be wrong.
    sheet.reset_dimensions()
    for number, line in enumerate(sheet.iter_rows(max_col=COLUMNS), start=1):
        if number > 2 * refusals.ROWS:
            raise refusals.TooManyRows(rows=refusals.ROWS)
        if any(cell.data_type == "f" for cell in line):
            raise refusals.FormulaInside(row=number)
        yield [_text(cell.value) for cell in line]


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case time() | date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
    return str(value)
