"""The requirements, as programs read them."""

from typing import Any

import pytest
from django.test import Client as Browser

from payments.fees import load_fees
from payments.models import Tariff

pytestmark = pytest.mark.django_db

ASKED = {"kind": "replacement", "age": "34", "book": "5"}


@pytest.fixture(autouse=True)
def fees() -> None:
    load_fees()


def get(query: dict[str, Any], language: str = "en", **headers: str) -> Any:
    headers = {"Accept-Language": language, **headers}
    return Browser().get("/api/v1/requirements/", query, headers=headers)


def test_requirements_have_documents_costs_visit_and_sources() -> None:
    answer = get(ASKED | {"circumstance": ["old_book", "old_book"], "day": "2026-12-01"}).json()
    codes = [each["code"] for each in answer["documents"]]
    assert codes == ["ktp", "kk", "proof-of-birth", "old-passport"]
    assert answer["documents"][0] == {
        "code": "ktp",
        "name": "Identity card (KTP-el)",
        "why": "It shows who you are and your NIK.",
        "how": "Bring the original, and keep a photo or PDF of it ready.",
        "only_if_any": False,
        "written_in": "Permenkumham 8/2014 jo. 18/2022, Pasal 4",
    }
    assert answer["costs"] == [
        {
            "tariff": "EPASSPORT-5",
            "description": "Electronic passport, up to 5 years",
            "amount": 650_000,
        }
    ]
    facts = {name: answer[name] for name in ("day", "kind", "age", "book", "service", "total")}
    assert facts == {
        "day": "2026-12-01",
        "kind": "replacement",
        "age": 34,
        "book": "5",
        "service": "regular",
        "total": 650_000,
    }
    assert (answer["circumstances"], answer["visit"]) == (["old_book"], "online")
    assert "PP 45/2024 (PNBP)" in answer["sources"]


def test_requirements_are_in_the_language_asked_for() -> None:
    answer = get(ASKED, language="id").json()
    assert answer["documents"][1]["name"] == "Paspor lama"
    assert answer["costs"][0]["description"] == "Paspor elektronik, paling lama 5 tahun"


def test_requirements_unchanged_are_answered_with_304() -> None:
    first = get(ASKED)
    again = get(ASKED, **{"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    Tariff.objects.filter(code="EPASSPORT-5").update(amount=1)
    assert get(ASKED, **{"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"kind": ""}, "#/kind"),
        ({"kind": "renewal"}, "#/kind"),
        ({"age": "-1"}, "#/age"),
        ({"age": "121"}, "#/age"),
        ({"age": "9" * 5000}, "#/age"),
        ({"age": "old"}, "#/age"),
        ({"book": "7"}, "#/book"),
        ({"service": "\x00"}, "#/service"),
        ({"circumstance": ["married", "rich"]}, "#/circumstance"),
        ({"day": "tomorrow"}, "#/day"),
        ({"nik": "1173010107900001"}, "#"),
    ],
)
def test_requirements_of_a_bad_query_name_the_parameter(
    query: dict[str, Any], pointer: str
) -> None:
    answer = get(ASKED | query)
    assert answer.status_code == 400
    assert {fault["pointer"].removesuffix("/1") for fault in answer.json()["errors"]} == {pointer}
    assert "1173010107900001" not in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "status", "problem"),
    [
        ({"age": "16", "book": "10"}, 409, "ten-years-from-17"),
        ({"day": "2024-12-16"}, 422, "no-rules-yet"),
    ],
)
def test_requirements_that_nobody_can_have_are_refused_by_name(
    query: dict[str, Any], status: int, problem: str
) -> None:
    answer = get(ASKED | query)
    assert (answer.status_code, answer.json()["type"]) == (
        status,
        f"/api/docs/problems/#{problem}",
    )


def test_requirements_without_a_fee_are_503() -> None:
    Tariff.objects.all().delete()
    assert get(ASKED).status_code == 503
