"""The port: a fake and the simulator over HTTP say the same; faults and odd answers say nothing."""

import time
from typing import Any

import pytest

from applicants.enums import Detail, RegistryVerdict
from applicants.register.dukcapil import Dukcapil as Adapter
from applicants.register.dukcapil import register
from applicants.register.port import Answer, Question, Register
from tests.applicants.asking import MATCH, FakeRegister, a_question
from tests.payments.answering import Answering
from tests.simulators.running import Dukcapil

ODD_KIND = ["KeyError", "TypeError", "ValueError", "JSONDecodeError", "RecursionError"]

# What the registry has instead of what is asked, by the serial of the NIK (docs/dukcapil.md).
ELSE = {
    "9001": {"name": "Siti Aminah"},
    "9002": {"birth_place": "Surabaya"},
    "9003": {"birth_date": "1990-07-02"},
    "9004": {"sex": "F"},
    "9005": {"name": "Siti Aminah", "birth_place": "Surabaya"},
}
OTHERS = {
    "9011": RegistryVerdict.NOT_FOUND,
    "9012": RegistryVerdict.NOT_ONLINE,
    "9013": RegistryVerdict.BLOCKED,
}


def registry(question: Question) -> Answer:
    serial = question.nik[-4:]
    if serial in OTHERS:
        return Answer(OTHERS[serial])
    known = ELSE.get(serial, {})
    wrong = [name for name, value in known.items() if str(getattr(question, name)) != value]
    return Answer(RegistryVerdict.MISMATCH, tuple(map(Detail, wrong))) if wrong else MATCH


@pytest.fixture(params=["fake", "simulator"])
def either(request: pytest.FixtureRequest) -> Register:
    if request.param == "fake":
        return FakeRegister(registry)
    adapter: Adapter = request.getfixturevalue("adapter")
    return adapter


@pytest.mark.parametrize(
    ("serial", "verdict", "mismatches"),
    [
        ("0001", RegistryVerdict.MATCH, ()),
        ("9001", RegistryVerdict.MISMATCH, (Detail.NAME,)),
        ("9002", RegistryVerdict.MISMATCH, (Detail.BIRTH_PLACE,)),
        ("9003", RegistryVerdict.MISMATCH, (Detail.BIRTH_DATE,)),
        ("9004", RegistryVerdict.MISMATCH, (Detail.SEX,)),
        ("9005", RegistryVerdict.MISMATCH, (Detail.NAME, Detail.BIRTH_PLACE)),
        ("9011", RegistryVerdict.NOT_FOUND, ()),
        ("9012", RegistryVerdict.NOT_ONLINE, ()),
        ("9013", RegistryVerdict.BLOCKED, ()),
    ],
)
def test_verify_of_each_kind_of_nik_gives_its_verdict(
    either: Register, serial: str, verdict: RegistryVerdict, mismatches: tuple[Detail, ...]
) -> None:
    assert either.verify(a_question(serial)) == Answer(verdict, mismatches)


def test_verify_with_what_the_registry_has_matches(either: Register) -> None:
    question = a_question("9005", name="Siti Aminah", birth_place="Surabaya")
    assert either.verify(question) == MATCH


def test_verify_asked_twice_says_the_same(either: Register) -> None:
    answers = {either.verify(a_question("9001")) for _ in range(2)}
    assert answers == {Answer(RegistryVerdict.MISMATCH, (Detail.NAME,))}


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("500", "HTTP 500"),
        ("html", "JSONDecodeError"),
        ("json", "odd answer: ValueError"),
        ("down", "ConnectionError"),
        ("timeout", "ReadTimeout"),
    ],
)
def test_registry_in_trouble_is_unavailable_never_no(
    adapter: Adapter, dukcapil: Dukcapil, fault: str, trouble: str
) -> None:
    dukcapil.control(fail=fault)
    started = time.monotonic()
    assert adapter.verify(a_question()) == Answer(RegistryVerdict.UNAVAILABLE, trouble=trouble)
    assert time.monotonic() - started < 3


def test_registry_that_fails_for_one_nik_is_unavailable_for_it_alone(adapter: Adapter) -> None:
    answers = [adapter.verify(a_question(serial)) for serial in ("9014", "0001")]
    assert answers == [Answer(RegistryVerdict.UNAVAILABLE, trouble="HTTP 500"), MATCH]


def test_registry_slower_than_our_patience_is_unavailable(
    adapter: Adapter, dukcapil: Dukcapil
) -> None:
    dukcapil.control(latency_ms=1500)
    assert adapter.verify(a_question()).trouble == "ReadTimeout"


def test_registry_that_is_not_there_is_unavailable() -> None:
    nowhere = Adapter("http://127.0.0.1:1", "key", timeout=1)
    assert nowhere.verify(a_question()).trouble == "ConnectionError"


def test_registry_without_an_address_is_unavailable() -> None:
    assert Adapter("", "", timeout=1).verify(a_question()).trouble == "MissingSchema"


def test_registry_that_does_not_know_our_key_is_unavailable(dukcapil: Dukcapil) -> None:
    assert Adapter(dukcapil.url, "wrong", timeout=1).verify(a_question()).trouble == "HTTP 401"


def test_verify_of_what_the_registry_does_not_take_is_unavailable(adapter: Adapter) -> None:
    assert adapter.verify(a_question(name="")).trouble == "HTTP 422"


def test_register_is_the_one_of_the_settings(dukcapil: Dukcapil) -> None:
    assert register().verify(a_question()) == MATCH


@pytest.fixture
def odd(answering: Answering) -> Adapter:
    return Adapter(answering.url, "key", timeout=1)


def told(**facts: Any) -> dict[str, Any]:
    return {"request_id": "4FQXC7RTHA-1", "verdict": "MATCH", "mismatches": []} | facts


def test_verify_reads_a_plain_answer_and_nothing_beside_it(
    odd: Adapter, answering: Answering
) -> None:
    answering.says(told(record={"mother": "Cut Nyak"}))
    assert odd.verify(a_question()) == MATCH


@pytest.mark.parametrize(
    "answer",
    [
        *(told(request_id=odd) for odd in ("4FQXC7RTHA-2", None, 7)),
        *(told(verdict=odd) for odd in ("match", "UNAVAILABLE", "PENDING", "", "MATCH\x00")),
        *(told(verdict=odd) for odd in (None, 0, True)),
        told(verdict=["MATCH"]),
        told(verdict={"MATCH": 1}),
        *(told(mismatches=odd) for odd in (None, "", 0)),
        told(mismatches=["name"]),
        told(mismatches={}),
        *(told(verdict="MISMATCH", mismatches=[odd]) for odd in ("NAME", "nik", None)),
        told(verdict="MISMATCH", mismatches=[]),
        told(verdict="MISMATCH", mismatches=[["name"]]),
        told(verdict="MISMATCH", mismatches="name"),
        told(verdict="MISMATCH", mismatches={"name": 1}),
        told(verdict="NOT_FOUND", mismatches=["name"]),
        *({name: value for name, value in told().items() if name != gone} for gone in told()),
        *(b"", b"not json", b"\xff\xfe", b"[" * 100_000, b"null", b"[]", b"7", b'"text"', b"{}"),
    ],
    ids=lambda answer: repr(answer)[:60],
)
def test_verify_with_an_odd_answer_is_unavailable(
    odd: Adapter, answering: Answering, answer: Any
) -> None:
    answering.says(answer)
    said = odd.verify(a_question())
    assert (said.verdict, said.mismatches) == (RegistryVerdict.UNAVAILABLE, ())
    assert said.trouble.removeprefix("odd answer: ") in ODD_KIND


def test_verify_with_a_detail_named_twice_names_it_once(odd: Adapter, answering: Answering) -> None:
    answering.says(told(verdict="MISMATCH", mismatches=["sex", "name", "sex"]))
    assert odd.verify(a_question()).mismatches == (Detail.SEX, Detail.NAME)


@pytest.mark.parametrize("status", [201, 302, 307, 401, 403, 404, 429, 500, 502, 503])
def test_verify_with_any_other_status_is_unavailable(
    odd: Adapter, answering: Answering, status: int
) -> None:
    answering.says(told(), status=status)
    assert odd.verify(a_question()) == Answer(RegistryVerdict.UNAVAILABLE, trouble=f"HTTP {status}")


def test_question_written_out_holds_nothing_personal() -> None:
    assert repr(a_question()) == "Question(request='4FQXC7RTHA-1')"
