"""Six-digit codes of an authenticator app (RFC 6238: SHA-1, a new code every 30 seconds)."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

ISSUER = "M-Paspor"
SECONDS = 30
# A code counts a step before and after its own: phones' clocks are wrong, and people type slowly.
TOLERANCE = 1
# Steps for which a code that does not count any more is still known for what it is.
REMEMBERED = 20


def new_secret() -> str:
    """160 random bits in base 32, as apps take them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_at(at: datetime) -> int:
    return int(at.timestamp()) // SECONDS


def code_of(secret: str, step: int) -> str:
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def step_of(typed: str, *, secret: str, at: datetime) -> int | None:
    """The newest step of which `typed` is the code, as far back as codes are remembered."""
    now = step_at(at)
    for step in range(now + TOLERANCE, now - REMEMBERED, -1):
        if hmac.compare_digest(code_of(secret, step).encode(), typed.encode()):
            return step
    return None


def is_old(step: int, *, at: datetime) -> bool:
    return step < step_at(at) - TOLERANCE


def address(secret: str, *, holder: str) -> str:
    """What the QR code says to the app (the key URI format that all of them read)."""
    label = quote(f"{ISSUER}:{holder}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"
