"""The file of a banking day as the adapter reads it."""

import secrets
import tracemalloc
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest

from payments.gateway.port import GatewayUnknown, Money, OddLine, SettledLine
from payments.gateway.settlement_file import read_lines
from payments.gateway.simponi import Simponi as Adapter
from tests.payments.answering import Answering
from tests.simulators.running import Simponi

HEAD = b"ntpn,ntb,billing_code,amount,paid_at,channel,settled_on\r\n"
NTPN, CODE, PAID_AT = "9K2V7Q0XW4TB61MD", "820261103000417", "2026-11-03T13:20:44+07:00"
days = count()


@pytest.fixture
def day() -> date:
    """A day that no other test has used."""
    return date(2019, 1, 1) + timedelta(days=next(days))


def orphan(simponi: Simponi, day: date) -> dict[str, Any]:
    code = str(secrets.randbelow(9 * 10**14) + 10**14)
    return simponi.pay(code, anyhow=True, amount=350_000, settled_on=day.isoformat())


def a_line(**cells: str) -> bytes:
    usual = {
        "ntpn": NTPN,
        "ntb": "004518823097",
        "billing_code": CODE,
        "amount": "1650000",
        "paid_at": PAID_AT,
        "channel": "atm",
        "settled_on": "2026-11-03",
    }
    return ",".join((usual | cells).values()).encode() + b"\r\n"


def test_settlement_lines_of_a_quiet_day_are_none(adapter: Adapter, day: date) -> None:
    assert list(adapter.settlement_lines(day)) == []


def test_settlement_lines_tell_the_money_of_the_day(
    adapter: Adapter, simponi: Simponi, day: date
) -> None:
    paid = [orphan(simponi, day) for _ in range(3)]
    lines = list(adapter.settlement_lines(day))
    assert [
        (line.line, line.billing_code, line.money.ntpn, line.money.amount, line.settled_on)
        for line in lines
        if isinstance(line, SettledLine)
    ] == [
        (number, money["billing_code"], money["ntpn"], 350_000, day)
        for number, money in enumerate(paid, start=2)
    ]


def test_settlement_lines_read_like_the_inquiry(
    adapter: Adapter, simponi: Simponi, day: date
) -> None:
    code = str(secrets.randbelow(9 * 10**14) + 10**14)
    simponi.pay(code, anyhow=True, amount=1, settled_on=day.isoformat())
    simponi.control(next_codes=[code])
    order = {
        "request_key": code,
        "payer_name": "SITI",
        "amount": 1,
        "description": "Paspor",
        "expires_at": "2099-01-01T00:00:00Z",
    }
    simponi.web.post(f"{simponi.url}/v1/bills", json=order, headers=simponi.headers(), timeout=10)
    (line,) = adapter.settlement_lines(day)
    assert isinstance(line, SettledLine)
    assert [line.money] == adapter.inquire([code])[code]


def test_settlement_lines_name_odd_ones_and_lose_no_other(
    adapter: Adapter, simponi: Simponi, day: date
) -> None:
    orphan(simponi, day)
    simponi.control(file_added=1, file_broken=4)
    lines = list(adapter.settlement_lines(day))
    assert [type(line) for line in lines] == [SettledLine] * 2 + [OddLine] * 4
    assert [line.line for line in lines] == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("fail", ["500", "html", "empty", "down"])
def test_settlement_lines_of_a_gateway_in_trouble_are_unknown(
    adapter: Adapter, simponi: Simponi, day: date, fail: str
) -> None:
    simponi.control(fail=fail)
    with pytest.raises(GatewayUnknown):
        next(adapter.settlement_lines(day))


def test_settlement_lines_that_break_off_tell_what_came_and_then_that_more_is_missing(
    adapter: Adapter, simponi: Simponi, day: date
) -> None:
    paid = orphan(simponi, day)
    simponi.control(file_cut=True)
    lines = adapter.settlement_lines(day)
    first = next(lines)
    assert isinstance(first, SettledLine)
    assert first.money.ntpn == paid["ntpn"]
    with pytest.raises(GatewayUnknown):
        next(lines)


def test_settlement_lines_of_a_large_day_are_all_told(
    adapter: Adapter, simponi: Simponi, day: date
) -> None:
    simponi.control(file_added=100_000)
    assert sum(isinstance(line, SettledLine) for line in adapter.settlement_lines(day)) == 100_000


def test_settlement_lines_are_read_as_a_stream_and_may_be_left(
    adapter: Adapter, simponi: Simponi, day: date
) -> None:
    simponi.control(file_added=20_000)  # of more than 100 bytes each
    tracemalloc.start()
    lines = adapter.settlement_lines(day)
    for _ in range(15_000):
        next(lines)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del lines
    assert peak < 1_500_000


def test_read_lines_reads_a_plain_line() -> None:
    (line,) = read_lines([HEAD, a_line()])
    assert line == SettledLine(
        line=2,
        billing_code=CODE,
        money=Money(
            ntpn=NTPN,
            ntb="004518823097",
            amount=1_650_000,
            paid_at=line.money.paid_at,  # type: ignore[union-attr]
            channel="atm",
        ),
        settled_on=date(2026, 11, 3),
    )


@pytest.mark.parametrize(
    "line",
    [
        a_line(ntpn=NTPN.lower()),
        a_line(ntpn=""),
        a_line(billing_code="12"),
        a_line(billing_code="٨٢٠٢٦١١٠٣٠٠٠٤١٧"),
        a_line(amount="0"),
        a_line(amount="-1"),
        a_line(amount="+1"),
        a_line(amount="1.650.000"),
        a_line(amount="1650000.00"),
        a_line(amount="Rp1650000"),
        a_line(amount="1_0"),
        a_line(amount="9" * 13),
        a_line(amount="9" * 900),
        a_line(paid_at="2026-11-03T13:20:44"),
        a_line(paid_at="soon"),
        a_line(settled_on="yesterday"),
        a_line(channel="a,b"),
        a_line(channel='"atm'),
        a_line(channel='"atm"x'),
        a_line(channel="x" * 2000),
        b"\xff\xfe\r\n",
        b"\x00\r\n",
        b",,,,,,\r\n",
        b"TOTAL\r\n",
    ],
    ids=lambda line: repr(line[:40]),
)
def test_read_lines_names_an_odd_line_and_goes_on(line: bytes) -> None:
    before, odd, after = read_lines([HEAD, a_line(), line, a_line()])
    assert (type(before), type(after)) == (SettledLine, SettledLine)
    assert isinstance(odd, OddLine)
    assert (odd.line, bool(odd.reason)) == (3, True)


def test_read_lines_passes_over_blank_lines_and_counts_them() -> None:
    assert [line.line for line in read_lines([HEAD, b"\r\n", a_line(), b"\n"])] == [3]


@pytest.mark.parametrize("head", [b"", b"<html>\n", b"ntpn,amount\r\n", b"\xef\xbb\xbf" + HEAD])
def test_read_lines_of_another_file_is_unknown(head: bytes) -> None:
    with pytest.raises(GatewayUnknown):
        list(read_lines([head, a_line()]))


def test_inquire_with_one_odd_bill_among_others_still_tells_the_others(
    answering: Answering,
) -> None:
    good = {"billing_code": CODE, "status": "EXPIRED", "payments": []}
    answering.says({"bills": [good | {"status": ["PAID"]}, None, good]})
    assert Adapter(answering.url, "key", timeout=1).inquire([CODE]) == {CODE: []}
