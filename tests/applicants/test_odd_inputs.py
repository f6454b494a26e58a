"""Whatever people type or paste, at every door: taken as it was meant, or refused by a message that
names the field and the remedy, with what was typed kept and nothing written.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from applicants.models import Person, User
from tests.api.conftest import Integrator, make_integrator
from tests.factories.applicants import PASSWORD, make_user

pytestmark = pytest.mark.django_db

NIK = "3273010107900001"
PERSON = {
    "nik": NIK,
    "name": "Budi",
    "birth_place": "Bandung",
    "birth_date": "1990-07-01",
    "sex": "M",
}
HUGE = 10_000


@dataclass(frozen=True)
class Odd:
    """`taken` is what it is understood as; without it `said` stands in the message."""

    typed: str
    taken: str = ""
    said: str = ""


def taken(*texts: str, as_: str) -> list[Odd]:
    return [Odd(text, taken=as_) for text in texts]


NIKS = [
    *taken(
        "3273010107900001",
        " 3273 0101 0790 0001 ",
        "3273.0101.0790.0001",
        "3273-0101-0790-0001",
        "3273–0101—0790‑0001",
        "3273−010107900001",
        "\t3273010107900001\r\n",
        "3273\u00a00101\u20090790\u30000001",
        "3273\u200b0101\u200d0790\ufeff0001",
        "3273\u00ad010107900001",
        "\u200e3273010107900001\u200e",
        "\u202e3273010107900001\u202c",
        "３２７３０１０１０７９００００１",
        "٣٢٧٣٠١٠١٠٧٩٠٠٠٠١",
        "۳۲۷۳۰۱۰۱۰۷۹۰۰۰۰۱",
        "३२७३०१०१०७९००००१",
        "𝟑𝟐𝟕𝟑𝟎𝟏𝟎𝟏𝟎𝟕𝟗𝟎𝟎𝟎𝟎𝟏",
        as_=NIK,
    ),
    Odd("", said="required"),
    Odd("   ", said="required"),
    Odd("32730101O7900001", said="Place 9 is “O”, and a NIK has digits only. Did you mean"),
    Odd("3273010l0790000I", said="Place 8 is “l”, and a NIK has digits only. Did you mean"),
    Odd("327301010790001", said="you typed 15. Compare it"),
    Odd("3.273010107900001E15", said="Place 17 is “E”"),
    Odd("³²⁷³⁰¹⁰¹⁰⁷⁹⁰⁰⁰⁰¹", said="digits only. Type the 16 digits"),
    Odd("3273018107900001", said="Digits 7 and 8 are the day"),
    Odd("3273013002900001", said="there is no such day. Compare it"),
    Odd("3273010107900000", said="Digits 13 to 16 are never 0000. Compare it"),
    Odd("9973010107900001", said="no province has the code 99. Compare it"),
    Odd("3273010107900\x0001", said="cannot be seen. Delete"),
    Odd("3" * HUGE, said="10000 signs; there is room for 300"),
    Odd("'3273010107900001", said="Place 1 is “'”, and a NIK has digits only. Type"),
    Odd("=3273010107900001", said="Place 1 is “=”"),
    Odd("{{7*7}}", said="digits only. Type the 16 digits"),
    Odd("<script>alert(1)</script>", said="digits only. Type the 16 digits"),
]

NAMES = [
    Odd("Suharto", taken="Suharto"),
    Odd("  Budi \t Santoso\r\n", taken="Budi Santoso"),
    Odd("Nur'aini", taken="Nur'aini"),
    Odd("Sa’diyah", taken="Sa’diyah"),
    Odd("Ma`ruf Amin", taken="Ma`ruf Amin"),
    Odd("Rene\u0301", taken="René"),
    Odd("H. M. Said, S.H.", taken="H. M. Said, S.H."),
    Odd("Ｂｕｄｉ　Ｓａｎｔｏｓｏ", taken="Budi Santoso"),
    Odd("Bu\u200bdi\ufeff", taken="Budi"),
    Odd("李小龍", taken="李小龍"),
    Odd("محمد", taken="محمد"),
    Odd("Null", taken="Null"),
    Odd("", said="required"),
    Odd("٣٤٥", said="There is no letter in it. Type the full name"),
    Odd("Budi\x00Santoso", said="cannot be seen. Delete"),
    Odd("Budi\u202eosotnaS", said="The sign “U+202E” cannot stand here. Type the full name"),
    Odd("B" * HUGE, said="10000 signs; there is room for 300"),
    Odd('=HYPERLINK("http://x")', said="The sign “=” cannot stand here"),
    Odd("{{ 7*7 }}{% debug %}", said="The sign “{” cannot stand here"),
    Odd("%(name)s", said="The sign “%” cannot stand here"),
    Odd("<b>Budi</b>", said="The sign “<” cannot stand here"),
    Odd("Budi 😀", said="The sign “😀” cannot stand here"),
]

EMAIL = "budi@example.com"
EMAILS = [
    *taken(
        "budi@example.com",
        " Budi@Example.COM ",
        "budi @ example.com",
        "ｂｕｄｉ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "bu\u200bdi@example.com\ufeff",
        "\u202ebudi@example.com\u202c",
        as_=EMAIL,
    ),
    Odd("o'brien@example.com", taken="o'brien@example.com"),
    Odd("budi+paspor@mail.example.co.id", taken="budi+paspor@mail.example.co.id"),
    Odd("{{7*7}}@example.com", taken="{{7*7}}@example.com"),
    Odd("budi@", said="not complete or has a sign that does not belong"),
    Odd("@example.com", said="Type it like budi@example.com"),
    Odd("budi@example", said="not complete"),
    Odd("budi@@example.com", said="not complete"),
    Odd("rene\u0301@example.com", said="a sign that does not belong"),
    Odd("budi@example.com\r\nBcc: a@b.id", said="a sign that does not belong"),
    Odd("bu\x00di@example.com", said="cannot be seen. Delete"),
    Odd(f"{'a' * HUGE}@example.com", said="signs; there is room for 300"),
    Odd("<script>@example.com", said="a sign that does not belong"),
]

PHONE = "+6281234567890"
PHONES = [
    *taken(
        "081234567890",
        "0812-3456-7890",
        "(0812) 3456.7890",
        "+62 (0)812 3456 7890",
        "0062 812 3456 7890",
        "62812–3456—7890",
        "０８１２３４５６７８９０",
        "٠٨١٢٣٤٥٦٧٨٩٠",
        "0812\u200b3456\u00a07890",
        "\u202d+62 812-3456-7890\u202c",
        as_=PHONE,
    ),
    Odd("0812-3456", said="a digit is missing or it is a landline. Type a mobile number"),
    Odd("(021) 555 1234", said="a digit is missing or it is a landline"),
    Odd("+65 9123 4567", said="not an Indonesian phone number. Type an Indonesian"),
    Odd("0812 3456 789O", said="neither an e-mail address nor a mobile phone number. Type"),
    Odd("'081234567890", said="neither an e-mail address nor a mobile phone number. Type"),
    Odd("=081234567890+0", said="neither an e-mail address nor a mobile phone number. Type"),
    Odd("0812\x0034567890", said="cannot be seen. Delete"),
    Odd("8" * HUGE, said="10000 signs; there is room for 300"),
]


def test_tables_are_as_long_as_promised() -> None:
    tables = [NIKS, NAMES, EMAILS, PHONES]
    assert [len(table) for table in tables] == [34, 22, 18, 18]
    assert all(bool(odd.taken) != bool(odd.said) for table in tables for odd in table)


def each(**tables: list[Odd]) -> pytest.MarkDecorator:
    """One test for each line of the tables, which are named after the field they go into."""
    cases = [(field, odd) for field, table in tables.items() for odd in table]
    names = [f"{field} {ascii(odd.typed)[:40]}" for field, odd in cases]
    return pytest.mark.parametrize(("field", "odd"), cases, ids=names)


@each(name=NAMES, contact=EMAILS + PHONES)
def test_what_is_typed_to_sign_up(visitor: Client, field: str, odd: Odd) -> None:
    usual = {"name": "Siti Rahayu", "contact": "siti@example.com", "password": PASSWORD}
    answer = visitor.post("/account/signup/", usual | {field: odd.typed})
    if odd.taken:
        assert answer["Location"] == "/account/code/"
        account = User.objects.get()
        assert odd.taken in {account.name, account.email, str(account.phone)}
    else:
        is_refused(answer, field, odd)


@each(nik=NIKS, name=NAMES)
def test_what_is_typed_for_a_person(visitor: Client, field: str, odd: Odd) -> None:
    visitor.force_login(make_user())
    answer = visitor.post("/account/persons/new/", PERSON | {field: odd.typed})
    if odd.taken:
        assert answer.status_code == HTTPStatus.FOUND
        assert kept(field) == odd.taken
    else:
        is_refused(answer, field, odd)


@each(nik=NIKS)
def test_what_is_typed_to_be_explained(visitor: Client, field: str, odd: Odd) -> None:
    answer = visitor.post("/nik/", {field: odd.typed})
    if odd.taken:
        assert "This can be a NIK" in answer.text
        assert answer.context["form"].cleaned_data[field].digits == odd.taken
    else:
        is_refused(answer, field, odd)


@each(nik=NIKS, name=NAMES)
def test_what_is_sent_for_a_person(api: Integrator, field: str, odd: Odd) -> None:
    answer = api.post("persons/", PERSON | {field: odd.typed})
    if odd.taken:
        assert answer.status_code == HTTPStatus.CREATED
        assert kept(field) == odd.taken
    else:
        is_a_problem(answer, field, odd)


@each(nik=NIKS)
def test_what_is_sent_to_be_checked(api: Integrator, field: str, odd: Odd) -> None:
    answer = api.post("nik-checks/", {field: odd.typed})
    if answer.status_code == HTTPStatus.OK:
        verdict = answer.json()
        assert verdict["valid"] is bool(odd.taken)
        reasons = " ".join(f"{each['message']} {each['remedy']}" for each in verdict["problems"])
        assert odd.said in reasons
    else:
        is_a_problem(answer, field, odd)


@pytest.fixture
def api() -> Integrator:
    cache.clear()
    return make_integrator()


def kept(field: str) -> str:
    person = Person.objects.get()
    return {"nik": person.identity.nik, "name": person.name}[field]


def is_refused(answer: Any, field: str, odd: Odd) -> None:
    """The page comes back with what was typed, and says at the field what is wrong."""
    assert answer.status_code == HTTPStatus.OK
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert odd.said in " ".join(form.errors[field])
    assert form[field].value() == odd.typed
    assert Person.objects.count() == 0


def is_a_problem(answer: Any, field: str, odd: Odd) -> None:
    """What the shape of the request forbids is told by the framework, the rest as on the pages."""
    problem = answer.json()
    assert answer.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
    assert [fault["pointer"] for fault in problem["errors"]] == [f"#/{field}"]
    assert problem["errors"][0]["detail"]
    if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        assert odd.said in problem["detail"]
    assert Person.objects.count() == 0
