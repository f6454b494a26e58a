"""The file of one banking day, read line by line: one odd line never loses the others."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date

from payments.gateway.port import GatewayUnknown, OddLine, SettledLine
from payments.gateway.reading import billing_code, money

COLUMNS = ["ntpn", "ntb", "billing_code", "amount", "paid_at", "channel", "settled_on"]
LONGEST = 1000


def read_lines(lines: Iterable[bytes]) -> Iterator[SettledLine | OddLine]:
    """Raises GatewayUnknown for what is no such file at all."""
    numbered = enumerate(lines, start=1)
    _number, head = next(numbered, (1, b""))
    if head.strip().split(b",") != [column.encode() for column in COLUMNS]:
        raise GatewayUnknown("no settlement file")
    for number, line in numbered:
        if line.strip():
            yield _read(number, line)


def _read(number: int, line: bytes) -> SettledLine | OddLine:
    try:
        return _settled(number, _cells(line))
    except (ValueError, OverflowError, csv.Error) as odd:
        return OddLine(number, str(odd)[:80])


def _cells(line: bytes) -> dict[str, str]:
    """Each line on its own: an open quotation mark must not swallow the lines after it."""
    if len(line) > LONGEST:
        raise ValueError("too long")
    (cells,) = csv.reader([line.decode("utf-8").rstrip("\r\n")], strict=True)
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} columns instead of {len(COLUMNS)}")
    return dict(zip(COLUMNS, cells, strict=True))


def _settled(number: int, cells: dict[str, str]) -> SettledLine:
    return SettledLine(
        line=number,
        billing_code=billing_code(cells["billing_code"]),
        money=money(cells | {"amount": _rupiah(cells["amount"])}),
        settled_on=date.fromisoformat(cells["settled_on"]),
    )


def _rupiah(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise ValueError("not whole Rupiah")
    return int(text)
