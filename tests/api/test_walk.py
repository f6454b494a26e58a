"""docs/api.md, executed: its calls over real HTTP, its bank the simulator, its answers compared."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from string import Template
from typing import Any

import pytest
import requests
from django.utils.timezone import localdate

from mpaspor.core import clock
from payments.tasks import ask, request_bills
from quota.enums import Role
from quota.models import Officer
from tests.api.conftest import Integrator
from tests.appointments.documents.files import jpeg
from tests.factories.quota import make_office, make_open_slot, make_terms
from tests.simulators.running import Simponi, start_simponi, until

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
PART = re.compile(r"^```(sh|json)\n(.*?)^```|Keep `([\w.]+)` as `(\w+)`", re.DOTALL | re.MULTILINE)


@pytest.fixture
def bank(tmp_path: Path, live_server: Any, settings: Any) -> Iterator[Simponi]:
    callbacks = f"{live_server.url}/api/v1/payments/callbacks/simponi/"
    simponi = start_simponi(tmp_path, callbacks, key=settings.SIMPONI_KEY)
    settings.SIMPONI_URL = simponi.url
    yield simponi
    simponi.stop()


@pytest.mark.django_db(transaction=True)
def test_walk_of_the_documentation_is_true(
    integrator: Integrator, live_server: Any, bank: Simponi, tmp_path: Path
) -> None:
    office = make_office(code="demo")
    make_terms(office=office, early_minutes=32_000)
    make_open_slot(office=office, seats=12)
    Officer.objects.create(user=integrator.account, office=office, role=Role.COUNTER)
    words = {
        "BASE": live_server.url,
        "BANK": bank.url,
        "CLIENT_ID": integrator.client.client_id,
        "CLIENT_SECRET": integrator.secret,
        "FROM": localdate(clock.now()).isoformat(),
        "TO": (localdate(clock.now()) + timedelta(days=14)).isoformat(),
    }
    answers = walk(words)
    assert [answer.status_code for answer in answers] == [
        200, 200, 201, 201, 200, 201, 200, 201, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200,
        200,
    ]  # fmt: skip
    bill, appointment, letter, decided, arrived, checked = answers[-9:-3]
    assert bill.json()["status"] == "paid"
    assert appointment.json()["status"] == "confirmed"
    assert letter.content.startswith(b"%PDF")
    assert decided.json()["status"] == "complete"
    assert arrived.json()["status"] == "checked_in"
    assert [problem["code"] for problem in checked.json()["problems"]] == ["nik-day"]
    assert answers[-1].json()["state"] == "valid"


def walk(words: dict[str, str]) -> list[requests.Response]:
    answers: list[requests.Response] = []
    for kind, text, place, name in PART.findall(TEXT):
        if kind == "sh" and text.startswith("curl"):
            answers.append(settled(Template(text).substitute(words)))
        elif kind == "json":
            assert shape(answers[-1].json()) == shape(json.loads(text)), text
        elif name:
            words[name] = value(answers[-1].json(), place)
    return answers


def settled(command: str) -> requests.Response:
    """The answer; of a bill, once the workers have done what is due."""
    answers = [curl(command)]

    def at_rest() -> bool:
        request_bills()
        ask()
        answers.append(curl(command))
        return bool(answers[-1].json()["status"] == wanted)

    if "/bills/" in command:
        wanted = "issued" if answers[0].json()["status"] == "requested" else "paid"
        until(at_rest, seconds=20, what=f"the bill to be {wanted}")
    return answers[-1]


def curl(command: str) -> requests.Response:
    """Does what curl would do, for the options that the documentation uses."""
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    call: dict[str, Any] = {"method": "GET", "headers": {}}
    for word in words:
        if word == "-H":
            name, _colon, said = next(words).partition(": ")
            call["headers"][name] = said
        elif word == "-d":
            call |= {"data": next(words)} | ({"method": "POST"} if call["method"] == "GET" else {})
        elif word == "-F":
            name, _equals, said = next(words).partition("=")
            part = (None, said) if said[0] != "@" else (said[1:], jpeg())
            call |= {"method": "POST", "files": call.get("files", {}) | {name: part}}
        elif word == "-u":
            call["auth"] = tuple(next(words).split(":"))
        elif word in {"-X", "-o"}:
            call |= {"method": next(words)} if word == "-X" else {"stream": bool(next(words))}
        else:
            call["url"] = word
    if call["method"] == "POST" and "files" not in call:
        call["headers"].setdefault("Content-Type", "application/x-www-form-urlencoded")
    return requests.request(**call, timeout=20)


def shape(body: Any) -> Any:
    """Names and kinds without the values, so that an answer compares with an example."""
    if isinstance(body, dict):
        return {name: shape(inner) for name, inner in body.items()}
    if isinstance(body, list):
        return [shape(inner) for inner in body[:1]]
    return type(body).__name__


def value(body: Any, place: str) -> str:
    for name in place.split("."):
        body = body[int(name)] if name.isdigit() else body[name]
    return str(body)
