"""Redis as a cache that may vanish: a failing Redis is an empty cache, never an error page."""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

# Seconds without a further try after Redis failed: a page asks it more than once.
PAUSE = 5.0
_silent_until = 0.0


def _forgiving(name: str, answer: Callable[..., Any]) -> Any:
    method = getattr(CountingRedisCache, name)

    @wraps(method)
    def call(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        global _silent_until
        if time.monotonic() < _silent_until:
            return answer(*args, **kwargs)
        try:
            return method(self, *args, **kwargs)
        except RedisError as gone:
            _silent_until = time.monotonic() + PAUSE
            log.warning("cache %s skipped: %s", name, type(gone).__name__)
            return answer(*args, **kwargs)

    return call


class KeptClient(RedisCacheClient):
    """Makes its client once, not for each command: on a page with five of them that is felt."""

    _kept: Any = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """One server is asked and written to, whatever the key."""
        if self._kept is None:
            self._kept = super().get_client(key, write=write)
        return self._kept


class CountingRedisCache(RedisCache):
    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient

    def count(self, key: str, seconds: int) -> int:
        """One more, in a single round trip; the key is forgotten `seconds` after its last one."""
        name = self.make_and_validate_key(key)
        with self._cache.get_client(name, write=True).pipeline(transaction=False) as line:
            line.incr(name)
            line.expire(name, seconds)
            counted, _expiry = line.execute()
        return int(counted)


class ForgivingRedisCache(CountingRedisCache):
    """Answers as an empty cache would while Redis is away."""

    get = _forgiving("get", lambda key, default=None, version=None: default)
    get_many = _forgiving("get_many", lambda keys, version=None: {})
    set = _forgiving("set", lambda *args, **kwargs: None)
    set_many = _forgiving("set_many", lambda *args, **kwargs: [])
    add = _forgiving("add", lambda *args, **kwargs: True)
    touch = _forgiving("touch", lambda *args, **kwargs: False)
    incr = _forgiving("incr", lambda key, delta=1, version=None: delta)
    delete = _forgiving("delete", lambda *args, **kwargs: False)
    delete_many = _forgiving("delete_many", lambda *args, **kwargs: None)
    has_key = _forgiving("has_key", lambda *args, **kwargs: False)
    clear = _forgiving("clear", lambda *args, **kwargs: False)
    count = _forgiving("count", lambda key, seconds: 0)


def count(key: str, *, seconds: int) -> int:
    """How often this was counted already, this time included; 0 while Redis is away."""
    cache = caches["default"]
    assert isinstance(cache, ForgivingRedisCache)
    counted: int = cache.count(key, seconds)
    return counted
