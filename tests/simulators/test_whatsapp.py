"""The Cloud API of WhatsApp as the simulator has it, asked by hand."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.simulators.running import Inbox, start_inbox

TO = "+6281234500001"
OLD = """
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL CHECK (kind IN ('mail', 'sms')),
    recipient TEXT NOT NULL, sender TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL,
    raw BLOB NOT NULL DEFAULT x'', reference TEXT UNIQUE, received_at TEXT NOT NULL
) STRICT;
CREATE INDEX messages_recipient ON messages (lower(recipient), id);
INSERT INTO messages (kind, recipient, sender, subject, text, received_at)
VALUES ('sms', '+6281234500001', '', '', 'older', '2026-11-03T13:20:44+07:00');
"""


def message(text: str = "Kode ACD3EFG4HJ", language: str = "id", **changes: object) -> Any:
    template = {
        "name": "mpaspor_notice",
        "language": {"code": language},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": text}]}],
    }
    usual = {"messaging_product": "whatsapp", "to": TO, "type": "template", "template": template}
    return usual | changes


def send(inbox: Inbox, body: object, **headers: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {inbox.key}"} | headers
    url = f"{inbox.url}/whatsapp/100200300400500/messages"
    return inbox.web.post(url, json=body, headers=headers, timeout=10)


def test_message_is_taken_each_time_and_shown_among_the_others(inbox: Inbox) -> None:
    taken = [send(inbox, message()).json() for _two in range(2)]
    second, first = inbox.messages(TO)
    ids = [answer["messages"][0]["id"] for answer in taken]
    assert ids == [f"wamid.{row['id']}" for row in (first, second)]
    assert taken[0]["contacts"] == [{"input": TO, "wa_id": TO[1:]}]
    facts = (first["kind"], first["to"], first["from"], first["text"])
    assert facts == ("whatsapp", TO, "mpaspor_notice (id)", "Kode ACD3EFG4HJ")
    page = inbox.web.get(f"{inbox.url}/?to={TO[1:]}", timeout=10).text
    assert page.count('<span class="kind">WhatsApp</span>') == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (message(messaging_product="sms"), 100),
        (message(type="text"), 100),
        (message(to="0812"), 100),
        (message(to=62812), 100),
        ([], 100),
        (message(template=None), 132000),
        (message(template={"name": "x", "language": {"code": "id"}, "components": []}), 132000),
        (message(language="fr"), 132001),
        (message(text=""), 132005),
        (message(text="x" * 1025), 132005),
        (message(text="two\nlines"), 132018),
        (message(text="a     gap"), 132018),
    ],
)
def test_bad_message_gets_metas_number_and_is_not_kept(
    inbox: Inbox, body: object, code: int
) -> None:
    before = inbox.messages()
    answer = send(inbox, body)
    assert (answer.status_code // 100, answer.json()["error"]["code"]) == (4, code)
    assert inbox.messages() == before


@pytest.mark.parametrize(
    ("fail", "status", "code"), [("500", 500, 2), ("not_on_whatsapp", 400, 131026)]
)
def test_fault_answers_as_told_and_keeps_nothing(
    inbox: Inbox, fail: str, status: int, code: int
) -> None:
    before = inbox.messages()
    inbox.control(whatsapp_fail=fail)
    answer = send(inbox, message())
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert inbox.messages() == before


@pytest.mark.parametrize("sent", ["", "Bearer ", "Bearer wrong"])
def test_wrong_token_answers_401(inbox: Inbox, sent: str) -> None:
    answer = send(inbox, message(), Authorization=sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)


def test_file_of_before_takes_whatsapp_and_keeps_what_it_had(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "inbox.sqlite3")) as db:
        db.executescript(OLD)
    inbox = start_inbox(tmp_path)
    send(inbox, message())
    inbox.kill()
    inbox.start()
    rows = [(row["id"], row["kind"]) for row in inbox.messages(TO)]
    assert inbox.stop() == 0
    assert rows == [(2, "whatsapp"), (1, "sms")]
