"""What docs/simponi.md says is what the simulator does."""

import hashlib
import hmac
import json
import re

from simulators.simponi.callbacks import sign
from tests.simulators.gateway import ask, soon
from tests.simulators.running import ROOT, Simponi

DOCUMENT = (ROOT / "docs/simponi.md").read_text(encoding="utf-8")


def example(name: str) -> str:
    (value,) = re.findall(f"^{name} +(.+)$", DOCUMENT, re.MULTILINE)
    return str(value)


def json_after(heading: str) -> dict[str, object]:
    block = DOCUMENT.partition(heading)[2].partition("```json\n")[2].partition("```")[0]
    body: dict[str, object] = json.loads(block)
    return body


def test_signature_of_the_worked_example_is_right() -> None:
    key, timestamp, body = example("key"), example("timestamp"), example("body").encode()
    digest = hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert example("signature") == f"sha256={digest}" == sign(key, int(timestamp), body)


def test_request_of_the_document_is_accepted_and_answered_as_shown(simponi: Simponi) -> None:
    request = json_after("## Ask for a bill") | {"expires_at": soon(60)}
    response = ask(simponi, request)
    shown = json.loads(
        DOCUMENT.partition("never makes two bills.")[2].split("```")[1][len("json") :]
    )
    assert (response.status_code, list(response.json())) == (201, list(shown))


def test_payment_of_the_document_has_the_fields_of_the_simulator(simponi: Simponi) -> None:
    code = ask(
        simponi, json_after("## Ask for a bill") | {"request_key": "paid", "expires_at": soon(60)}
    ).json()
    receipt = simponi.pay(code["billing_code"])
    assert list(receipt) == ["billing_code", "status", *json_after("has one entry in")]
