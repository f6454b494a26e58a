"""Typed readers for environment variables; settings.py is their only reader."""

import base64
import binascii
import os
from urllib.parse import parse_qsl, unquote, urlsplit


class SettingMissing(Exception):
    """A variable without a default is not set; the message names it."""


class SettingWrong(Exception):
    """A variable does not say what it should; the message names it, never what it holds."""


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise SettingMissing(f"Set the environment variable {name} (see deploy/env.sample).")
    return value


def number(name: str, default: int) -> int:
    return int(os.environ.get(name) or default)


def flag(name: str, default: bool) -> bool:
    value = os.environ.get(name)
    return default if not value else value.lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str) -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def keys(name: str) -> dict[int, bytes]:
    """`1:<base64>,2:<base64>`: 32-byte keys by their id. Raises SettingWrong."""
    try:
        pairs = [word.split(":") for word in words(name, "")]
        found = {int(key_id): base64.b64decode(key, validate=True) for key_id, key in pairs}
    except (ValueError, binascii.Error) as wrong:
        raise SettingWrong(f"{name} is not a list like 1:<base64>,2:<base64>.") from wrong
    if not pairs or len(found) < len(pairs) or not all(0 < key_id < 256 for key_id in found):
        raise SettingWrong(f"{name} needs at least one key; ids are different and from 1 to 255.")
    if any(len(key) != 32 for key in found.values()):
        raise SettingWrong(f"{name} holds a key that is not 32 bytes long.")
    return found


def index_keys(name: str) -> dict[int, bytes]:
    """As `keys`. Two are in use at most, and with ids that follow each other."""
    found = keys(name)
    if max(found) - min(found) > 1:
        raise SettingWrong(f"{name} may hold two keys at a time, with ids like 1 and 2 or 2 and 3.")
    return found


def key_in_use(name: str, known: dict[int, bytes]) -> int:
    """The id of the key for what is written from now on; the newest unless the variable says."""
    key_id = number(name, max(known))
    if key_id not in known:
        raise SettingWrong(f"{name} names a key that is not there.")
    return key_id


def database(name: str, *, options: str = "") -> dict[str, object]:
    """`postgres://user:password@host:port/name?host=/socket/folder` as Django wants it.

    `options` are the server's for each session, unless the address has its own.
    """
    url = urlsplit(text(name))
    given = {**({"options": options} if options else {}), **dict(parse_qsl(url.query))}
    host = given.pop("host", "") or unquote(url.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": str(url.port or ""),
        "OPTIONS": given,
    }


def broker(name: str) -> str:
    """The Redis URL in the form Celery's transport reads (it names sockets differently)."""
    url = urlsplit(text(name))
    if url.scheme != "unix":
        return url.geturl()
    db = dict(parse_qsl(url.query)).get("db", "0")
    return f"redis+socket://{url.path}?virtual_host={db}"
