"""What is wrong with a NIK, for programs: nothing stored, the NIK never in an answer."""

import json
from typing import Any

import pytest
from django.test import Client as Browser

from tests.api.test_bad_input import ABSENT, BODIES, HALF, NUL, changed, said, written

pytestmark = pytest.mark.django_db

NIK = "1173014107900001"
SAYS = {
    "province": "Aceh",
    "regency": "Kota Lhokseumawe",
    "district": "Muara Dua",
    "sex": "F",
    "birth_dates": ["1990-07-01"],
}


def post(body: Any, **headers: str) -> Any:
    text = body if isinstance(body, bytes) else json.dumps(body)
    return Browser().post(
        "/api/v1/nik-checks/",
        text,
        content_type="application/json",
        headers={"Accept-Language": "en"} | headers,
    )


def verdict_on(**body: str) -> dict[str, Any]:
    answer = post(body)
    assert answer.status_code == 200
    verdict: dict[str, Any] = answer.json()
    return verdict


def faults(remarks: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [(remark["code"], remark["start"], remark["end"]) for remark in remarks]


def test_nik_check_of_a_good_nik_says_what_it_means() -> None:
    assert verdict_on(nik=NIK) == {
        "valid": True,
        "problems": [],
        "notes": [],
        "differences": [],
        "says": SAYS,
    }


def test_nik_check_of_a_wrong_nik_names_places_reasons_and_remedies() -> None:
    verdict = verdict_on(nik="9973018107900000")
    assert (verdict["valid"], verdict["says"]) == (False, None)
    assert faults(verdict["problems"]) == [
        ("nik-province", 1, 2),
        ("nik-day", 7, 8),
        ("nik-serial", 13, 16),
    ]
    assert all(problem["message"] and problem["remedy"] for problem in verdict["problems"])


def test_nik_check_tells_the_digit_that_a_letter_was_meant_to_be() -> None:
    (problem,) = verdict_on(nik="11730141O7900001")["problems"]
    assert (problem["start"], problem["meant"]) == (9, "0")


def test_nik_check_of_an_unknown_district_is_a_note() -> None:
    verdict = verdict_on(nik="1173994107900001")
    assert verdict["valid"] is True
    assert faults(verdict["notes"]) == [("nik-district", 5, 6)]
    assert verdict["says"] == SAYS | {"district": None}


def test_nik_check_knows_a_code_retired_in_2022() -> None:
    verdict = verdict_on(nik="9101014107900001")
    assert verdict["notes"] == []
    assert verdict["says"]["regency"] == "Kabupaten Merauke"


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"birth_date": "1990-07-01", "sex": "F"}, []),
        ({"birth_date": "1990-07-02"}, ["birth_date"]),
        ({"sex": "M"}, ["sex"]),
        ({"birth_date": "1991-07-01", "sex": "M"}, ["birth_date", "sex"]),
    ],
)
def test_nik_check_compares_what_it_is_given(given: dict[str, str], fields: list[str]) -> None:
    verdict = verdict_on(nik=NIK, **given)
    assert verdict["valid"] is True
    assert [difference["field"] for difference in verdict["differences"]] == fields


@pytest.mark.parametrize("nik", [NIK, "1173018107900001", NIK[:15], "11730141O790OOO1"])
def test_nik_check_stores_nothing_and_never_repeats_the_nik(nik: str) -> None:
    before = written()
    answer = post({"nik": nik})
    assert nik not in answer.content.decode()
    assert NIK not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert written() == before


def test_nik_check_speaks_the_callers_language() -> None:
    answer = post({"nik": "1173018107900001"}, **{"Accept-Language": "id"})
    assert "Angka ke-7 dan ke-8" in answer.json()["problems"][0]["message"]


FIELDS: dict[str, list[Any]] = {
    "nik": [ABSENT, None, [], {}, "", "  ", NUL, HALF, "1" * 10_000, True],
    "birth_date": [None, [], "", NUL, "01-07-1990", "1990-02-30", 19900701],
    "sex": [None, [], "", NUL, "X", "f", True, 1],
}


@pytest.mark.parametrize("name", FIELDS)
def test_nik_check_with_bad_field_names_it(name: str) -> None:
    for value in FIELDS[name]:
        answer = post(changed({"nik": NIK, "birth_date": "1990-07-01", "sex": "F"}, name, value))
        problem = said(answer, 400, repr(value)[:80])
        assert [fault["pointer"] for fault in problem["errors"]] == [f"#/{name}"], repr(value)[:80]
        assert NIK not in json.dumps(problem)


def test_nik_check_of_a_body_that_is_no_object_is_refused() -> None:
    for name, body in BODIES.items():
        assert NIK not in json.dumps(said(post(body), 400, name))


def test_nik_check_in_pieces_or_too_large_is_refused() -> None:
    said(post({"nik": NIK}, **{"Transfer-Encoding": "chunked", "Content-Length": ""}), 411)
    said(post(b'"' + b"a" * 1_100_000 + b'"'), 413)
