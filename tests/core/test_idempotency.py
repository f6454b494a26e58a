"""A key, a request, a deed: the deed happens once, whatever is repeated and whenever."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from mpaspor.core.idempotency import Answer, IdempotencyKey, KeyReused, StillRunning, once
from mpaspor.notifications.models import Notice
from tests.notifications.making import make_notice

DEADLINE = 20.0

pytestmark = pytest.mark.django_db


def deed(reference: str = "effect") -> Callable[[], Answer]:
    """Leaves a row, so that what was done can be counted."""

    def do() -> Answer:
        make_notice(reference=reference)
        return Answer(201, {"reference": reference, "seats": [1, 2], "none": None})

    return do


def ask(
    *, key: str = "k1", request: bytes = b"POST /a {}", scope: str = "client", **kw: object
) -> Answer:
    wanted = kw.get("deed") or deed()
    assert callable(wanted)
    return once(scope=scope, key=key, request=[request, b"also"], deed=wanted)


def effects() -> int:
    return Notice.objects.count()


def test_once_repeated_gives_the_same_answer_and_does_nothing() -> None:
    first = ask()
    again = [ask(deed=deed("other")) for _ in range(4)]

    assert first == Answer(201, {"reference": "effect", "seats": [1, 2], "none": None})
    assert again == [Answer(first.status, first.body, replayed=True)] * 4
    assert effects() == 1


def test_once_with_another_request_under_the_same_key_is_refused() -> None:
    ask()
    with pytest.raises(KeyReused):
        ask(request=b"POST /a {1}", deed=deed("other"))
    assert effects() == 1


@pytest.mark.parametrize(("scope", "key"), [("other", "k1"), ("client", "k2")])
def test_once_under_another_scope_or_key_is_another_request(scope: str, key: str) -> None:
    ask()
    assert ask(scope=scope, key=key, deed=deed("other")).replayed is False
    assert effects() == 2


def test_once_whose_deed_refuses_keeps_neither_answer_nor_effect() -> None:
    def refuse() -> Answer:
        make_notice(reference="half")
        raise KeyReused

    with pytest.raises(KeyReused):
        ask(deed=refuse)

    assert (effects(), IdempotencyKey.objects.count()) == (0, 0)
    assert ask().replayed is False


@pytest.mark.django_db(transaction=True)
def test_once_while_the_same_request_runs_says_so() -> None:
    started, finish = threading.Event(), threading.Event()

    def slow() -> Answer:
        started.set()
        assert finish.wait(DEADLINE)
        return deed()()

    def first() -> Answer:
        try:
            return ask(deed=slow)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first)
        assert started.wait(DEADLINE)
        with pytest.raises(StillRunning):
            ask(deed=deed("other"))
        assert ask(key="k2", deed=deed("unrelated")).replayed is False
        finish.set()
        answer = running.result(DEADLINE)

    assert ask(deed=deed("other")) == Answer(answer.status, answer.body, replayed=True)
    assert sorted(Notice.objects.values_list("reference", flat=True)) == ["effect", "unrelated"]


@pytest.mark.django_db(transaction=True)
def test_once_asked_by_eight_at_once_does_it_once() -> None:
    gate = threading.Barrier(8)

    def one(number: int) -> str:
        gate.wait(DEADLINE)
        try:
            return "replayed" if ask(deed=deed(f"effect-{number}")).replayed else "done"
        except StillRunning:
            return "running"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(one, range(8)))

    assert outcomes.count("done") == effects() == 1
