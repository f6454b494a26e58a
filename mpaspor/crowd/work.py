"""The small sum that a browser does, or the short wait instead, and the pass it gets for that.

A ticket is signed, says when it was given, and counts once. A pass is bound to nothing personal.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.cache import cache

from mpaspor.core.cache import count

TICKET, PASS = "crowd.ticket", "crowd.pass"
# Seconds in which a ticket can be turned in, and a pass used.
TICKET_AGE, PASS_AGE = 900, 3600
# Requests that a pass is good for. The wait costs a machine nothing, so it buys less.
WORKED, WAITED = 300, 40


@dataclass(frozen=True)
class Ticket:
    text: str
    # What the sum is about; short, so that it and the answer are one block of SHA-256.
    task: str
    given: float

    @property
    def seconds_left(self) -> int:
        """Until it is good without an answer."""
        return max(0, round(self.given + settings.POW_WAIT - time.time()))


def new_ticket() -> Ticket:
    task, given = secrets.token_urlsafe(12), time.time()
    return Ticket(signing.dumps([task, given], salt=TICKET), task, given)


def read_ticket(text: str) -> Ticket | None:
    try:
        task, given = signing.loads(text, salt=TICKET, max_age=TICKET_AGE)
    except signing.BadSignature:
        return None
    return Ticket(text, task, given)


def solves(task: str, answer: str, *, bits: int) -> bool:
    """SHA-256 of `task:answer` begins with so many zeros."""
    digest = hashlib.sha256(f"{task}:{answer}".encode()).digest()
    return int.from_bytes(digest) >> (256 - bits) == 0


def pass_for(ticket: Ticket, answer: str) -> str | None:
    """A new pass, once for each ticket; nothing when it is neither answered nor old enough."""
    if solves(ticket.task, answer, bits=settings.POW_BITS):
        requests = WORKED
    elif ticket.seconds_left == 0:
        requests = WAITED
    else:
        return None
    if not cache.add(f"crowd:ticket:{ticket.task}", 1, TICKET_AGE):
        return None
    return signing.dumps([secrets.token_urlsafe(9), requests], salt=PASS)


def passes(text: str) -> bool:
    """Counts this request to the pass."""
    try:
        name, requests = signing.loads(text, salt=PASS, max_age=PASS_AGE)
    except signing.BadSignature:
        return False
    return bool(count(f"crowd:pass:{name}", seconds=PASS_AGE) <= requests)
