"""The registry's simulator does what docs/dukcapil.md says, and remembers nothing."""

import json
import re
import time
from typing import Any

import pytest
import requests

from tests.simulators.running import ROOT, Dukcapil

DOCUMENT = (ROOT / "docs/dukcapil.md").read_text(encoding="utf-8")
NO_FAULTS = {
    "latency_ms": 0,
    "latency_rate": 1,
    "slow_ms": 28_000,
    "fail": "none",
    "fail_count": None,
    "rates": {},
    "seed": 0,
}
NIK = "1173010107900001"


def question(**changes: object) -> dict[str, Any]:
    return {
        "request_id": "4FQXC7RTHA-1",
        "purpose": "passport-application",
        "nik": NIK,
        "name": "Siti Aminah",
        "birth_place": "Lhokseumawe",
        "birth_date": "1990-07-01",
        "sex": "M",
    } | changes


def ask(dukcapil: Dukcapil, body: object, *, key: str = "", timeout: float = 10.0) -> Any:
    return dukcapil.web.post(
        f"{dukcapil.url}/v1/verifications",
        data=body if isinstance(body, bytes) else json.dumps(body),
        headers={"Authorization": f"Bearer {key or dukcapil.key}"},
        timeout=timeout,
    )


def json_after(words: str) -> Any:
    return json.loads(DOCUMENT.partition(words)[2].partition("```json\n")[2].partition("```")[0])


def test_question_of_the_document_is_answered_as_shown(dukcapil: Dukcapil) -> None:
    answer = ask(dukcapil, json_after("## Ask about a person"))
    assert (answer.status_code, answer.json()) == (200, json_after("## The answer"))


def test_every_serial_of_the_document_is_answered_as_it_says(dukcapil: Dukcapil) -> None:
    rows = re.findall(r"^\| (90\d\d) \| `(\w+)`(?:: (.+))? \|$", DOCUMENT, re.MULTILINE)
    assert len(rows) == 8
    for serial, verdict, names in rows:
        answer = ask(dukcapil, question(nik=NIK[:12] + serial, name="Budi")).json()
        named = re.findall(r"`(\w+)`", names)
        assert (answer["verdict"], answer["mismatches"]) == (verdict, named), serial


def test_any_other_nik_matches_whatever_is_asked(dukcapil: Dukcapil) -> None:
    answer = ask(dukcapil, question(nik="9601010101900001", name="Yosina")).json()
    assert answer == {"request_id": "4FQXC7RTHA-1", "verdict": "MATCH", "mismatches": []}


def test_capitals_and_blanks_do_not_make_a_mismatch(dukcapil: Dukcapil) -> None:
    answer = ask(dukcapil, question(nik=NIK[:12] + "9001", name=" siti   aminah ")).json()
    assert answer["verdict"] == "MATCH"


def test_serial_9014_fails_always_and_others_never(dukcapil: Dukcapil) -> None:
    asked = [question(nik=NIK[:12] + serial) for serial in ("9014", "0001", "9014")]
    assert [ask(dukcapil, body).status_code for body in asked] == [500, 200, 500]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("nik", value) for value in ("", "1" * 15, "1" * 17, "x" * 16, 1173010107900001, None)),
        *(("name", value) for value in ("", " ", "x" * 201, "\x00", 7)),
        *(("birth_place", value) for value in ("", None)),
        *(("birth_date", value) for value in ("1-7-1990", "1990-13-01", "1990-07-32", 1990)),
        *(("sex", value) for value in ("L", "", None)),
        *(("purpose", value) for value in ("curiosity", "", None)),
        *(("request_id", value) for value in ("a b", "", None)),
    ],
)
def test_question_with_a_bad_field_is_refused_by_its_name(
    dukcapil: Dukcapil, field: str, value: object
) -> None:
    answer = ask(dukcapil, question(**{field: value}))
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/{field}"]
    assert NIK not in answer.text


@pytest.mark.parametrize("body", [b"", b"not json", b"\xff", b"[]", b"7", b"[" * 100_000])
def test_question_that_is_no_object_is_refused(dukcapil: Dukcapil, body: bytes) -> None:
    answer = ask(dukcapil, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "not-json")


def test_question_without_the_key_is_refused(dukcapil: Dukcapil) -> None:
    assert ask(dukcapil, question(), key="wrong").status_code == 401


def test_nik_in_the_address_is_no_way_to_ask(dukcapil: Dukcapil) -> None:
    assert dukcapil.web.get(f"{dukcapil.url}/v1/verifications", timeout=10).status_code == 405


@pytest.mark.parametrize(("fail", "status"), [("500", 500), ("html", 200), ("json", 200)])
def test_fail_counts_down_and_then_all_is_well(dukcapil: Dukcapil, fail: str, status: int) -> None:
    assert dukcapil.control(fail=fail, fail_count=1) == NO_FAULTS | {"fail": fail, "fail_count": 1}
    first, second = ask(dukcapil, question()), ask(dukcapil, question())
    assert first.status_code == status
    assert "MATCH" not in first.text
    assert second.json()["verdict"] == "MATCH"
    assert dukcapil.web.get(f"{dukcapil.url}/control", timeout=10).json() == NO_FAULTS


def test_fail_down_drops_the_connection(dukcapil: Dukcapil) -> None:
    dukcapil.control(fail="down", fail_count=1)
    with pytest.raises(requests.ConnectionError):
        ask(dukcapil, question())


def test_fail_timeout_never_answers(dukcapil: Dukcapil) -> None:
    dukcapil.control(fail="timeout", fail_count=1)
    with pytest.raises(requests.ReadTimeout):
        ask(dukcapil, question(), timeout=0.5)


def test_latency_delays_the_answer(dukcapil: Dukcapil) -> None:
    dukcapil.control(latency_ms=300)
    began = time.monotonic()
    assert ask(dukcapil, question()).status_code == 200
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("setting", [{"fail": "timeout_after"}, {"callback": "late"}, {"x": 1}])
def test_control_knows_only_its_own_faults(dukcapil: Dukcapil, setting: dict[str, object]) -> None:
    answer = dukcapil.web.post(f"{dukcapil.url}/control", json=setting, timeout=10)
    assert answer.status_code == 422


def test_page_for_people_lists_the_serials(dukcapil: Dukcapil) -> None:
    page = dukcapil.web.get(dukcapil.url, timeout=10)
    assert page.status_code == 200
    for serial in re.findall(r"^\| (90\d\d) \|", DOCUMENT, re.MULTILINE):
        assert f"… {serial}" in page.text


def test_nothing_that_was_asked_is_in_the_log_or_on_the_disk(dukcapil: Dukcapil) -> None:
    for nik in (NIK, NIK[:12] + "9014", "1" * 15):
        ask(dukcapil, question(nik=nik))
    assert "/v1/verifications 200" in dukcapil.log
    assert [word for word in (NIK, NIK[:12], "Aminah", "Lhokseumawe") if word in dukcapil.log] == []
    assert sorted(path.name for path in dukcapil.data.iterdir()) == ["dukcapil.log"]
