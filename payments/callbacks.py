"""The gateway says that something happened. We believe none of it: we ask, only sooner."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.core.errors import Refusal
from mpaspor.core.nudge import nudge
from payments.codes import bills_with
from payments.enums import CallbackVerdict
from payments.models import CallbackEvent

ASK, ASK_STRAYS = "payments.ask", "payments.ask_strays"
OLDEST = timedelta(seconds=300)
# Bytes; an event has a few hundred.
LONGEST = 16_384
JSON_TYPE = "application/json"


class NotFromGateway(Refusal):
    code = "callback-not-signed"
    message = _("The signature does not fit the body and the timestamp, or is older than 300 s.")
    status = 401


class CallbackTooLong(Refusal):
    code = "callback-too-long"
    message = _("The body has more than %(bytes)s bytes. Send each event in a request of its own.")
    status = 413


class CallbackNotJson(Refusal):
    code = "callback-not-json"
    message = _("The Content-Type must be application/json.")
    status = 415


class CallbackUnreadable(Refusal):
    code = "callback-unreadable"
    message = _(
        "The body is not one JSON object with an event_id of 1 to 64 plain characters and a "
        "billing_code of 15 digits, each name once."
    )
    status = 400


@dataclass(frozen=True)
class Told:
    event_id: str
    billing_code: str
    fingerprint: str


@transaction.atomic
def take_callback(
    *, body: bytes, content_type: str, timestamp: str, signature: str, at: datetime
) -> bool:
    """Keeps a signed event as it came and makes its bill due for a question now; repeatable.

    Returns whether we know the bill; about a code of no bill we ask as well. An event that was
    told before changes nothing. Raises CallbackTooLong, CallbackNotJson, NotFromGateway,
    CallbackUnreadable.
    """
    if len(body) > LONGEST:
        raise CallbackTooLong(bytes=LONGEST)
    if content_type.partition(";")[0].strip().lower() != JSON_TYPE:
        raise CallbackNotJson
    _check_signature(body, timestamp, signature, at)
    told = _read(body)
    bill = bills_with(told.billing_code)
    known = bill.exists()
    if _keep(told, body, known=known, at=at):
        bill.update(next_at=at)
        nudge(ASK if known else ASK_STRAYS)
    return known


def _keep(told: Told, body: bytes, *, known: bool, at: datetime) -> bool:
    """Whether there is something new to ask. Told differently under one id, the first is kept."""
    event = CallbackEvent(
        event_id=told.event_id,
        billing_code=told.billing_code,
        fingerprint=told.fingerprint,
        body=body,
        received_at=at,
        verdict=CallbackVerdict.ASKED if known else CallbackVerdict.STRAY,
        next_at=None if known else at,
    )
    before = CallbackEvent.objects.filter(event_id=told.event_id)
    if not before.exists():
        CallbackEvent.objects.bulk_create([event], ignore_conflicts=True)
        return True
    others = before.exclude(fingerprint=told.fingerprint)
    return bool(others.update(verdict=CallbackVerdict.CONTRADICTED))


def _check_signature(body: bytes, timestamp: str, signature: str, at: datetime) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise NotFromGateway
    signed = f"{timestamp}.".encode() + body
    expected = (
        "sha256=" + hmac.new(settings.SIMPONI_KEY.encode(), signed, hashlib.sha256).hexdigest()
    )
    fresh = abs(at.timestamp() - int(timestamp)) <= OLDEST.total_seconds()
    if not fresh or not hmac.compare_digest(expected.encode(), signature.encode()):
        raise NotFromGateway


def _read(body: bytes) -> Told:
    try:
        event = json.loads(body, object_pairs_hook=_each_name_once)
        event_id, billing_code = event["event_id"], event["billing_code"]
    except (ValueError, TypeError, KeyError, RecursionError) as odd:
        raise CallbackUnreadable from odd
    if not (_is_plain(event_id) and _is_code(billing_code)):
        raise CallbackUnreadable
    return Told(event_id, billing_code, _fingerprint(event))


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers must never see two different events in one body."""
    event = dict(pairs)
    if len(event) < len(pairs):
        raise ValueError("a name stands twice")
    return event


def _is_plain(text: Any) -> bool:
    return isinstance(text, str) and 1 <= len(text) <= 64 and text.isascii() and text.isprintable()


def _is_code(code: Any) -> bool:
    return isinstance(code, str) and len(code) == 15 and code.isascii() and code.isdigit()


def _fingerprint(event: dict[str, Any]) -> str:
    """Of what was told; `sent_at` alone is new with each try."""
    facts = {name: value for name, value in event.items() if name != "sent_at"}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
