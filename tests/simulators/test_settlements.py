"""The file of a banking day."""

import csv
import io
import secrets
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
import requests

from tests.simulators.gateway import get, issued
from tests.simulators.running import Simponi

COLUMNS = ["ntpn", "ntb", "billing_code", "amount", "paid_at", "channel", "settled_on"]
days = count()


@pytest.fixture
def day() -> str:
    """A day that no other test has used."""
    return (date(2019, 1, 1) + timedelta(days=next(days))).isoformat()


def file_of(simponi: Simponi, day: str) -> list[dict[str, str]]:
    answer = get(simponi, f"/v1/settlements/{day}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def orphan(simponi: Simponi, day: str, amount: int = 350_000) -> str:
    code = str(secrets.randbelow(9 * 10**14) + 10**14)
    return str(simponi.pay(code, anyhow=True, amount=amount, settled_on=day)["ntpn"])


def test_file_of_a_quiet_day_is_its_head(simponi: Simponi, day: str) -> None:
    assert get(simponi, f"/v1/settlements/{day}").text == ",".join(COLUMNS) + "\r\n"


def test_file_has_all_money_of_its_day_with_orphans_and_of_no_other(
    simponi: Simponi, day: str
) -> None:
    code = issued(simponi)["billing_code"]
    paid = simponi.pay(code, "teller", settled_on=day)
    twice = simponi.pay(code, anyhow=True, settled_on=day)
    nobodys = orphan(simponi, day)
    orphan(simponi, (date.fromisoformat(day) + timedelta(days=4000)).isoformat())
    rows = file_of(simponi, day)
    assert [row["ntpn"] for row in rows] == [paid["ntpn"], twice["ntpn"], nobodys]
    facts = {name: str(paid[name]) for name in COLUMNS[:-1]}
    assert rows[0] == facts | {"settled_on": day}


def test_payment_is_on_the_day_the_bank_tells_it_although_it_was_made_before(
    simponi: Simponi,
) -> None:
    before = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    paid = simponi.pay(issued(simponi)["billing_code"], paid_at=before)
    today = datetime.now(UTC) + timedelta(hours=7)
    assert paid["ntpn"] in {row["ntpn"] for row in file_of(simponi, today.date().isoformat())}


def test_file_differs_as_told(simponi: Simponi, day: str) -> None:
    first, second, third = (orphan(simponi, day) for _ in range(3))
    simponi.control(file_left_out=[first], file_changed={second: 1}, file_added=2)
    rows = file_of(simponi, day)
    assert [(row["ntpn"], row["amount"]) for row in rows[:2]] == [(second, "1"), (third, "350000")]
    assert len(rows) == 4
    assert file_of(simponi, day) == rows
    simponi.reset()
    assert [row["ntpn"] for row in file_of(simponi, day)] == [first, second, third]


def test_file_cut_breaks_off(simponi: Simponi, day: str) -> None:
    orphan(simponi, day)
    simponi.control(file_cut=True)
    with pytest.raises(requests.RequestException):
        get(simponi, f"/v1/settlements/{day}")


@pytest.mark.parametrize("day", ["", "today", "2026-02-30", "2026-11-03T00:00:00"])
def test_file_of_no_day_is_not_there(simponi: Simponi, day: str) -> None:
    assert get(simponi, f"/v1/settlements/{day}").status_code == 404


def test_file_without_the_key_is_refused(simponi: Simponi, day: str) -> None:
    answer = simponi.web.get(f"{simponi.url}/v1/settlements/{day}", timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")
