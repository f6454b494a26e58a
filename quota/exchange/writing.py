"""Rows as a file that Excel opens as it should, and that brings nothing to life there."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from quota.exchange.reading import FORMULA

Cell = str | int | date | None
# Of a column, in characters: a day with its time, or a receipt's number.
WIDTH = 20


def guarded(cell: str) -> str:
    """An apostrophe before what a spreadsheet would calculate."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with the mark that Excel asks for, separated as Excel in Indonesia does."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(columns)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def as_sheet(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook whose numbers and days are numbers and days; its text is guarded."""
    book = Workbook(write_only=True)
    table = book.create_sheet("data")
    table.freeze_panes = "A2"
    for place in range(len(columns)):
        table.column_dimensions[get_column_letter(place + 1)].width = WIDTH
    table.append(list(columns))
    for row in rows:
        table.append([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return _saved(book)


def as_xlsx(
    columns: Sequence[str], rows: Iterable[Sequence[str]], helps: Mapping[str, str]
) -> bytes:
    """All cells are text; a second sheet says what belongs into each column."""
    book = Workbook(write_only=True)
    table = book.create_sheet("data")
    table.append(list(columns))
    for row in rows:
        table.append([guarded(cell) for cell in row])
    sheet = book.create_sheet("help")
    for name in columns:
        sheet.append([name, helps[name]])
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
