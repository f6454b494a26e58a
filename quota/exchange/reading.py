"""A file of an officer as rows of text. What it is, its contents say, never its name."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from quota.exchange import refusals
from quota.exchange.workbook import cells_of

# Excel in Indonesia separates by semicolons.
SEPARATORS = ";,\t"
# A cell that begins so is a formula to a spreadsheet; export puts an apostrophe before it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Row:
    """`number` as the spreadsheet counts: the names of the columns are row 1."""

    number: int
    cells: dict[str, str]


def read_rows(data: bytes, *, columns: Sequence[str], optional: Sequence[str] = ()) -> list[Row]:
    """Rows that are not empty, all cells stripped; columns that nobody asked for are left out.

    Raises one of quota/exchange/refusals.py.
    """
    if len(data) > refusals.MEGABYTES * 1_000_000:
        raise refusals.FileTooLarge(megabytes=refusals.MEGABYTES)
    lines = enumerate(_lines(data), start=1)
    first: list[str] = next(lines, (1, []))[1]
    head = _head(first, columns, optional)
    full = ((number, line) for number, line in lines if any(cell.strip() for cell in line))
    rows = [_row(number, head, line) for number, line in islice(full, refusals.ROWS + 1)]
    if len(rows) > refusals.ROWS:
        raise refusals.TooManyRows(rows=refusals.ROWS)
    if not rows:
        raise refusals.FileEmpty
    return rows


def _lines(data: bytes) -> Iterable[list[str]]:
    if data.startswith(b"PK"):
        return cells_of(data)
    if b"\0" in data:
        raise refusals.NotATable
    return _csv(_text(data))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise refusals.WrongEncoding(row=data.count(b"\n", 0, wrong.start) + 1) from None


def _csv(text: str) -> Iterator[list[str]]:
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error:
        raise refusals.NotATable from None


def _head(line: list[str], columns: Sequence[str], optional: Sequence[str]) -> list[str]:
    if not any(line):
        raise refusals.FileEmpty
    head = [cell.strip().lower() for cell in line]
    if missing := [name for name in columns if name not in head and name not in optional]:
        raise refusals.ColumnMissing(columns=", ".join(missing))
    if twice := [name for name in columns if head.count(name) > 1]:
        raise refusals.ColumnTwice(columns=", ".join(twice))
    return head


def _row(number: int, head: list[str], line: list[str]) -> Row:
    if any(cell.strip() for cell in line[len(head) :]):
        raise refusals.ColumnsTooMany(row=number)
    cells = zip(head, line + [""] * (len(head) - len(line)), strict=False)
    return Row(number, {name: _plain(cell.strip()) for name, cell in cells})


def _plain(cell: str) -> str:
    """Without the apostrophe that our own export put there."""
    guarded = cell.startswith("'") and cell[1:].startswith(FORMULA)
    return cell[1:] if guarded else cell
