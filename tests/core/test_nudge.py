"""The broker away or silent: a page must not notice. Each case runs in a process of its own."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import TypedDict, cast

import pytest
import redis
from django.conf import settings
from django.db import transaction

from mpaspor.core.nudge import PAUSE, nudge

# What a page may spend on it, in seconds: half of one, and the rest for a busy machine.
PATIENCE = 3.0

SCRIPT = """
import json, time
from celery import current_app
from mpaspor.core import nudge

current_app.loader.import_default_modules()
spent = []
for _ in range(50):
    started = time.monotonic()
    nudge._send("payments.ask")
    spent.append(time.monotonic() - started)
print(json.dumps({"first": spent[0], "others": sum(spent[1:])}))
"""


class Spent(TypedDict):
    first: float
    others: float


def nudged_fifty_times(broker: str) -> tuple[Spent, list[str]]:
    """Seconds spent, and what was written to the log."""
    env = {"REDIS_URL": broker, "DJANGO_SETTINGS_MODULE": "mpaspor.settings"}
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(
        command, env=os.environ | env, capture_output=True, text=True, timeout=60, check=True
    )
    spent: Spent = json.loads(done.stdout)
    return spent, done.stderr.splitlines()


@pytest.fixture
def silent() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_nudge_while_the_broker_is_away_costs_a_page_nothing() -> None:
    spent, log = nudged_fifty_times("redis://127.0.0.1:1/0")
    assert spent["first"] < PATIENCE
    assert spent["others"] < PATIENCE
    assert log == [
        "WARNING mpaspor.core.nudge: "
        "broker away (OperationalError): the timetable will run payments.ask"
    ]


def test_nudge_while_the_broker_is_silent_waits_once_in_ten_seconds(silent: str) -> None:
    spent, log = nudged_fifty_times(silent)
    assert spent["first"] < PATIENCE
    assert spent["others"] < PATIENCE
    assert len(log) == 1
    assert PAUSE == 10


@pytest.fixture(autouse=True)
def nothing_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another test may have nudged the same task a moment ago."""
    monkeypatch.setattr("mpaspor.core.nudge._gathering", {})


@pytest.fixture
def broker() -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(settings.REDIS_URL) as line:
        line.delete("payments", "celery")
        yield line
        line.delete("payments", "celery")


def tasks_in(broker: "redis.Redis", queue: str) -> list[str]:
    messages = cast("list[bytes]", broker.lrange(queue, 0, -1))
    return [json.loads(message)["headers"]["task"] for message in messages]


@pytest.mark.django_db(transaction=True)
def test_nudge_is_sent_after_the_commit_to_the_queue_of_its_task(broker: "redis.Redis") -> None:
    with transaction.atomic():
        nudge("payments.ask")
        nudge("notifications.deliver")
        assert tasks_in(broker, "payments") == []
    assert tasks_in(broker, "payments") == ["payments.ask"]
    assert tasks_in(broker, "celery") == ["notifications.deliver"]


@pytest.mark.django_db(transaction=True)
def test_nudge_of_a_deed_that_is_rolled_back_is_not_sent(broker: "redis.Redis") -> None:
    with transaction.atomic():
        nudge("payments.ask")
        transaction.set_rollback(True)
    assert tasks_in(broker, "payments") == []


@pytest.mark.django_db(transaction=True)
def test_nudge_of_many_at_once_is_sent_now_and_once_more_at_the_end(broker: "redis.Redis") -> None:
    for _each in range(20):
        nudge("payments.ask")
    messages = cast("list[bytes]", broker.lrange("payments", 0, -1))
    waits = [json.loads(message)["headers"]["eta"] is not None for message in messages]
    assert sorted(waits) == [False, True]


@pytest.mark.django_db(transaction=True)
def test_nudge_after_the_broker_forgot_everything_still_arrives(broker: "redis.Redis") -> None:
    nudge("payments.ask")
    broker.flushdb()
    nudge("payments.ask")
    assert tasks_in(broker, "payments") == ["payments.ask"]
