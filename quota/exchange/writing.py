"""Rows as a file that Excel opens as it should, and that brings nothing to life there."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from openpyxl import Workbook

from quota.exchange.reading import FORMULA


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
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
