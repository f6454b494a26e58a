"""A POST sent again with its key: one effect, one answer, whatever happened in between."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from applicants.models import Person
from appointments.models import Appointment
from mpaspor.core.idempotency import IdempotencyKey
from payments.models import Bill
from tests.api.conftest import Integrator, make_integrator
from tests.api.steps import an_application, made, person_body
from tests.factories.quota import make_open_slot
from tests.simulators.running import until

KEY = {"Idempotency-Key": "0b0a7c5e-8d6f-4a43-9d0e-6f4b2f0c1a55"}


def booking(integrator: Integrator) -> dict[str, Any]:
    return {"applications": [an_application(integrator)], "slot": make_open_slot().code}


def test_post_repeated_gives_the_same_answer_and_one_effect(integrator: Integrator) -> None:
    body = booking(integrator)
    first = integrator.post("appointments/", body, **KEY)
    again = integrator.post("appointments/", body, **KEY)
    assert made(again) == made(first)
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert (Appointment.objects.count(), Bill.objects.count()) == (1, 1)


def test_post_repeated_with_other_blanks_and_order_is_the_same(integrator: Integrator) -> None:
    first = integrator.post("persons/", '{"a": 1}', **KEY)
    assert first.status_code == 400
    body = person_body()
    made(integrator.post("persons/", body, **KEY))
    turned = dict(reversed(body.items()))
    assert integrator.post("persons/", turned, **KEY)["Idempotent-Replayed"] == "true"
    assert Person.objects.count() == 1


@pytest.mark.parametrize("path", ["persons/", "applications/"])
def test_key_with_other_request_is_refused(integrator: Integrator, path: str) -> None:
    made(integrator.post("persons/", person_body(), **KEY))
    answer = integrator.post(path, person_body(), **KEY)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/api/docs/problems/#idempotency-key-reused"
    assert Person.objects.count() == 1


def test_key_belongs_to_its_client(integrator: Integrator) -> None:
    made(integrator.post("persons/", person_body(), **KEY))
    other = make_integrator()
    assert "Idempotent-Replayed" not in other.post("persons/", person_body(), **KEY)
    assert Person.objects.count() == 2


def test_refusal_is_not_kept(integrator: Integrator) -> None:
    wrong = integrator.post("persons/", person_body(nik="1"), **KEY)
    assert wrong.status_code == 422
    assert made(integrator.post("persons/", person_body(), **KEY))["code"]


def test_kept_answer_holds_no_nik_in_the_clear(integrator: Integrator) -> None:
    made(integrator.post("persons/", person_body(nik="1173010107900001"), **KEY))
    kept = IdempotencyKey.objects.get()
    assert "1173010107900001" not in f"{kept.body}{kept.key}{bytes(kept.fingerprint)!r}"


@pytest.mark.django_db(transaction=True)
def test_same_key_from_many_threads_has_one_effect(integrator: Integrator) -> None:
    body, start = booking(integrator), threading.Barrier(8)

    def post() -> Any:
        start.wait()
        return integrator.post("appointments/", body, **KEY)

    with ThreadPoolExecutor(8) as threads:
        answers = [call.result() for call in [threads.submit(alone(post)) for _ in range(8)]]
    good = [answer for answer in answers if answer.status_code == 201]
    codes = {answer.json()["bill"]["code"] for answer in good}
    assert len(codes) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert (Appointment.objects.count(), Bill.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_same_key_while_the_first_runs_is_told_to_wait(integrator: Integrator) -> None:
    body = booking(integrator)
    with held_before_commit(integrator, body) as first:
        second = integrator.post("appointments/", body, **KEY)
        assert (second.status_code, second["Retry-After"]) == (409, "1")
        assert second.json()["type"] == "/api/docs/problems/#request-in-progress"
    made(first.result())
    assert Appointment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_kill_between_deed_and_answer_leaves_neither(integrator: Integrator) -> None:
    body = booking(integrator)
    with held_before_commit(integrator, body) as first:
        execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE " + WAITING)
        with pytest.raises(OperationalError):
            first.result()
    assert (Appointment.objects.count(), Bill.objects.count()) == (0, 0)
    made(integrator.post("appointments/", body, **KEY))
    assert (Appointment.objects.count(), Bill.objects.count()) == (1, 1)


WAITING = (
    "datname = current_database() AND wait_event_type = 'Lock' "
    "AND query LIKE 'INSERT INTO \"core_idempotencykey\"%'"
)


@contextmanager
def held_before_commit(integrator: Integrator, body: Any) -> Iterator["Future[Any]"]:
    """A POST whose deed is done and whose answer waits to be kept: another writer has its place."""
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor, ThreadPoolExecutor(1) as thread:
        scope = f"client:{integrator.client.pk}"
        cursor.execute(
            "INSERT INTO core_idempotencykey (scope, key, fingerprint, status, body, created_at) "
            "VALUES (%s, %s, '', 201, '{}', now())",
            [scope, KEY["Idempotency-Key"]],
        )
        first = thread.submit(alone(lambda: integrator.post("appointments/", body, **KEY)))
        until(lambda: bool(execute(COUNT)), seconds=20, what="the answer to wait")
        try:
            yield first
        finally:
            other.rollback()
    other.close()


COUNT = "SELECT count(*) FROM pg_stat_activity WHERE " + WAITING


def execute(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def alone(call: Callable[[], Any]) -> Callable[[], Any]:
    """In a thread of its own, with a connection of its own."""

    def run() -> Any:
        try:
            return call()
        finally:
            connections.close_all()

    return run
