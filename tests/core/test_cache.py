"""A cache whose Redis is away or silent, beside one that works."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from redis.exceptions import RedisError

from mpaspor import settings
from mpaspor.core import cache as caching
from mpaspor.core.cache import ForgivingRedisCache

# What a page may spend on it, in seconds: half of one, and the rest for a busy machine.
PATIENCE = 3.0

CALLS: list[tuple[str, tuple[Any, ...], Any]] = [
    ("get", ("a",), None),
    ("get", ("a", 7), 7),
    ("get_many", (["a", "b"],), {}),
    ("get_or_set", ("a", lambda: 5), 5),
    ("set", ("a", 1), None),
    ("set_many", ({"a": 1},), []),
    ("add", ("a", 1), True),
    ("touch", ("a",), False),
    ("incr", ("a",), 1),
    ("decr", ("a",), -1),
    ("delete", ("a",), False),
    ("delete_many", (["a"],), None),
    ("has_key", ("a",), False),
    ("__contains__", ("a",), False),
    ("clear", (), False),
    ("count", ("a", 5), 0),
]


def cache_at(port: int) -> ForgivingRedisCache:
    """As impatient as the service."""
    options = {"OPTIONS": settings.CACHES["default"]["OPTIONS"]}
    return ForgivingRedisCache(f"redis://127.0.0.1:{port}/0", options)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        yield port


@pytest.mark.parametrize(("name", "arguments", "answer"), CALLS)
def test_cache_while_redis_is_away_answers_as_an_empty_one(
    name: str, arguments: tuple[Any, ...], answer: Any
) -> None:
    assert getattr(cache_at(1), name)(*arguments) == answer


def test_cache_while_redis_is_silent_waits_once_in_five_seconds(silent_port: int) -> None:
    cache = cache_at(silent_port)
    started = time.monotonic()
    assert [cache.get("a", "nothing") for _ in range(50)] == ["nothing"] * 50
    assert time.monotonic() - started < PATIENCE


def test_cache_asks_again_when_the_pause_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "PAUSE", 0.0)
    cache_at(1).set("tests:core", 1)
    working = ForgivingRedisCache(settings.REDIS_URL, {})
    working.set("tests:core", 2, 5)
    assert working.get("tests:core") == 2


def test_cache_while_redis_works_keeps_what_it_is_given() -> None:
    cache = ForgivingRedisCache(settings.REDIS_URL, {})
    cache.set("tests:core", {"a": 1}, 5)
    assert cache.get("tests:core") == {"a": 1}
    assert cache.delete("tests:core") is True
    assert cache.get("tests:core") is None


def test_cache_hides_no_mistake_of_ours() -> None:
    """Only Redis in trouble is forgiven."""
    cache = ForgivingRedisCache(settings.REDIS_URL, {})
    with pytest.raises(ValueError, match="not found"):
        cache.incr("tests:core:none")
    assert not issubclass(ValueError, RedisError)


def test_count_counts_each_key_for_itself_and_forgets_it_in_time() -> None:
    cache = ForgivingRedisCache(settings.REDIS_URL, {})
    cache.delete_many(["tests:a", "tests:b"])
    assert [cache.count("tests:a", 5) for _ in range(3)] == [1, 2, 3]
    assert cache.count("tests:b", 5) == 1
    assert cache.touch("tests:a", 0) is True
    assert cache.count("tests:a", 5) == 1
