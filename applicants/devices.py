"""The devices on which an account is signed in: coming back, listing them, signing out there."""

import hashlib
import hmac
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.db import transaction
from django.utils import timezone

from applicants.browsers import Browser, DeviceKind, read_browser
from applicants.models import Session, User
from applicants.sessions import end_sessions
from mpaspor.audit import trail

# What a session knows of its device: what it is, since when it is signed in, its last day here.
BROWSER, SINCE, LAST_DAY = "browser", "signed_in_since", "last_day"


@dataclass(frozen=True)
class Device:
    code: str
    browser: Browser
    since: datetime | None
    last_day: date | None
    is_this: bool


def note_visit(session: MutableMapping[str, Any], *, user_agent: str, at: datetime) -> None:
    """Of somebody signed in: the first of each day changes the session, so it is saved and renewed.

    Neither address nor anything else of the browser's long name is kept.
    """
    day = timezone.localdate(at).isoformat()
    if session.get(LAST_DAY) != day:
        session.setdefault(SINCE, at.isoformat())
        session[BROWSER] = list(read_browser(user_agent))
        session[LAST_DAY] = day


def devices_of(account: User, *, this: str | None, at: datetime) -> list[Device]:
    """Where the account is signed in now; the session with the key `this` first, then by last day.

    Sessions that began before the password was changed are over and not among them.
    """
    live = (row for row in _sessions_of(account, at) if _is_live(row, account))
    devices = [_device(row, this) for row in live]
    return sorted(devices, key=lambda device: (device.is_this, str(device.last_day)), reverse=True)


@transaction.atomic
def sign_out_device(*, account: User, code: str, by: trail.By, at: datetime) -> None:
    """At once. Without effect when that device is signed out already."""
    ended = [row for row in _sessions_of(account, at) if _code(row.session_key) == code]
    _end(account, ended, by=by, at=at)


@transaction.atomic
def sign_out_others(*, account: User, this: str | None, by: trail.By, at: datetime) -> None:
    """Everywhere but in the session with the key `this`."""
    ended = [row for row in _sessions_of(account, at) if row.session_key != this]
    _end(account, ended, by=by, at=at)


def _sessions_of(account: User, at: datetime) -> Iterable[Session]:
    return Session.objects.filter(account=account, expire_date__gt=at)


def _end(account: User, ended: list[Session], *, by: trail.By, at: datetime) -> None:
    if count := end_sessions(ended):
        trail.record(
            "sign_out_devices", subject=f"account:{account.code}", by=by, at=at, devices=count
        )


def _is_live(row: Session, account: User) -> bool:
    """As django.contrib.auth will judge it at its next request."""
    kept = str(row.get_decoded().get(HASH_SESSION_KEY, ""))
    return hmac.compare_digest(kept, account.get_session_auth_hash())


def _device(row: Session, this: str | None) -> Device:
    facts = row.get_decoded()
    since, last_day = facts.get(SINCE), facts.get(LAST_DAY)
    kind, name, system = facts.get(BROWSER, ("", "", ""))
    return Device(
        code=_code(row.session_key),
        browser=Browser(DeviceKind(kind), name, system),
        since=datetime.fromisoformat(since) if since else None,
        last_day=date.fromisoformat(last_day) if last_day else None,
        is_this=row.session_key == this,
    )


def _code(key: str) -> str:
    """Names a session on a page; nobody gets from it to the key."""
    return hashlib.sha256(f"device:{key}".encode()).hexdigest()[:20]
