"""Starting, stopping and surviving, as processes."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.simulators.gateway import get, issued, soon
from tests.simulators.running import ROOT, start_inbox, start_simponi

PRODUCT = {"django", "mpaspor", "applicants", "quota", "payments", "appointments"}
# The simulators and the variable that each has its key in.
KEYS = {"simponi": "SIMPONI_KEY", "inbox": "SMS_KEY", "dukcapil": "DUKCAPIL_KEY"}
LOADED = f"import sys, {', '.join(f'simulators.{name}.__main__' for name in KEYS)}; "
LOADED += "print(*sys.modules)"


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    clean = {name: value for name, value in os.environ.items() if name not in KEYS.values()}
    return subprocess.run(
        command, cwd=ROOT, env=clean | env, capture_output=True, text=True, timeout=20, check=False
    )


def test_simulators_load_nothing_of_the_product() -> None:
    loaded = {name.partition(".")[0] for name in run("-c", LOADED).stdout.split()}
    assert "aiohttp" in loaded
    assert loaded & PRODUCT == set()


def test_simponi_killed_and_started_again_keeps_bills_and_payments(tmp_path: Path) -> None:
    simponi = start_simponi(tmp_path)
    url, open_bill, paid = simponi.url, issued(simponi), issued(simponi)
    payment = simponi.pay(paid["billing_code"])
    simponi.control(fail="500")
    simponi.kill()
    simponi.start()
    assert simponi.url == url
    assert get(simponi, f"/v1/bills/{open_bill['billing_code']}").json() == open_bill
    assert (
        get(simponi, f"/v1/bills/{paid['billing_code']}").json()["payments"][0]["ntpn"]
        == payment["ntpn"]
    )
    assert simponi.pay(open_bill["billing_code"])["status"] == "PAID"
    assert simponi.stop() == 0


def test_inbox_killed_and_started_again_keeps_messages(tmp_path: Path) -> None:
    inbox = start_inbox(tmp_path)
    ports = (inbox.port, inbox.smtp_port)
    body = {"to": "+6281234567890", "text": "123456", "reference": "a"}
    headers = {"Authorization": f"Bearer {inbox.key}"}
    inbox.web.post(f"{inbox.url}/v1/messages", json=body, headers=headers, timeout=10)
    before = inbox.messages()
    inbox.kill()
    inbox.start()
    assert (inbox.port, inbox.smtp_port) == ports
    assert (inbox.messages(), [message["text"] for message in before]) == (before, ["123456"])
    assert inbox.stop() == 0


def test_sigterm_stops_quickly_while_requests_hang_and_callbacks_wait(tmp_path: Path) -> None:
    simponi = start_simponi(tmp_path, "http://127.0.0.1:9/closed")
    simponi.pay(issued(simponi)["billing_code"])
    bill = issued(simponi, expires_at=soon(60))
    simponi.control(fail="timeout_after")
    with pytest.raises(requests.ReadTimeout):
        get(simponi, f"/v1/bills/{bill['billing_code']}", timeout=0.3)
    began = time.monotonic()
    assert simponi.stop() == 0
    assert time.monotonic() - began < 5
    assert simponi.failures() == []


@pytest.mark.parametrize(("name", "variable"), KEYS.items())
def test_start_without_a_key_says_which_variable_to_set(
    tmp_path: Path, name: str, variable: str
) -> None:
    data = [] if name == "dukcapil" else ["--data", str(tmp_path / "x.sqlite3")]
    result = run("-m", f"simulators.{name}", "--port", "0", *data)
    assert result.returncode == 1
    assert (
        result.stderr
        == f"Set the environment variable {variable}: the key that callers must send.\n"
    )


def test_start_on_a_taken_port_says_so(tmp_path: Path) -> None:
    simponi = start_simponi(tmp_path)
    again = ("--port", str(simponi.port), "--data", str(tmp_path / "other.sqlite3"))
    result = run("-m", "simulators.simponi", *again, SIMPONI_KEY="k")
    simponi.stop()
    assert result.returncode == 1
    assert result.stderr.startswith(
        "simponi: [Errno 98] error while attempting to bind on address ('127.0.0.1', "
    )
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["simponi", "inbox"])
def test_start_with_a_file_that_is_no_database_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "x.sqlite3").write_text("not a database, but long enough to be taken for one" * 50)
    result = run(
        "-m",
        f"simulators.{name}",
        "--port",
        "0",
        "--data",
        str(tmp_path / "x.sqlite3"),
        SIMPONI_KEY="k",
        SMS_KEY="k",
    )
    assert (result.returncode, result.stderr) == (1, f"{name}: file is not a database\n")


def test_log_has_one_line_for_each_request_and_no_query(tmp_path: Path) -> None:
    inbox = start_inbox(tmp_path)
    inbox.web.get(f"{inbox.url}/messages.json?to=%2B6281234567890", timeout=10)
    inbox.web.get(f"{inbox.url}/a%0Ab", timeout=10)
    inbox.stop()
    lines = [line.split(" ")[1:4] for line in inbox.log.splitlines() if " ms" in line]
    assert lines == [["GET", "/messages.json", "200"], ["GET", "/a%0Ab", "404"]]


def test_simponi_with_a_file_of_the_first_version_keeps_its_payments(tmp_path: Path) -> None:
    simponi = start_simponi(tmp_path)
    bill = issued(simponi)
    simponi.stop()
    with closing(sqlite3.connect(tmp_path / "simponi.sqlite3")) as store:
        store.executescript(f"""
            CREATE TABLE payments (ntpn TEXT, billing_code TEXT, ntb TEXT, amount INTEGER,
                channel TEXT, paid_at TEXT);
            CREATE TABLE callbacks (id INTEGER);
            INSERT INTO payments VALUES ('9K2V7Q0XW4TB61MD', '{bill["billing_code"]}',
                '004518823097', 1650000, 'atm', '2026-11-03T13:20:44+07:00');
        """)
    for _ in range(2):
        simponi.start()
        (payment,) = get(simponi, f"/v1/bills/{bill['billing_code']}").json()["payments"]
        assert payment["ntpn"] == "9K2V7Q0XW4TB61MD"
        assert simponi.stop() == 0
