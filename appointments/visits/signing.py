"""What a letter's QR says under our signature: a JWS (RFC 7515) by Ed25519 (RFC 8037).

Whoever has the public keys can read it without us. Nothing in it tells who the person is.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

ALGORITHM = "EdDSA"
# More than the longest that we make.
LONGEST = 400


class Forged(Exception):
    """Not signed by us, by a key that is no longer in use, or altered."""


@dataclass(frozen=True)
class Claims:
    code: str
    serial: int
    starts_at: datetime
    # Of the application.
    kind: str
    # Its code; letters of before did not say it.
    office: str = ""


def signed(claims: Claims) -> str:
    """By the key in use."""
    key_id = settings.LETTER_WITH
    said = {
        "code": claims.code,
        "serial": claims.serial,
        "starts": int(claims.starts_at.timestamp()),
        "kind": claims.kind,
        "office": claims.office,
    }
    words = f"{_text({'alg': ALGORITHM, 'kid': str(key_id)})}.{_text(said)}"
    key = Ed25519PrivateKey.from_private_bytes(settings.LETTER_KEYS[key_id])
    return f"{words}.{_encoded(key.sign(words.encode()))}"


def read(token: str) -> Claims:
    """What it says, once the signature holds; asks no database. Raises Forged."""
    try:
        if len(token) > LONGEST:
            raise Forged
        head, body, signature = token.split(".")
        _public(json.loads(_decoded(head))).verify(_decoded(signature), f"{head}.{body}".encode())
        said = json.loads(_decoded(body))
        starts_at = datetime.fromtimestamp(said["starts"], UTC)
        facts = (said["code"], said["serial"], starts_at, said["kind"], said.get("office", ""))
        return Claims(*facts)
    except (InvalidSignature, LookupError, TypeError, ValueError, AttributeError) as wrong:
        raise Forged from wrong


def is_signed(text: str) -> bool:
    """Whether it wants to be a signed letter. So begins each of them, also in capitals."""
    return "." in text and text[:2].lower() == "ey"


def public_keys() -> dict[str, Any]:
    """A JWK set (RFC 7517), to read letters with."""
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": ALGORITHM,
                "use": "sig",
                "kid": str(key_id),
                "x": _encoded(_half(seed).public_bytes_raw()),
            }
            for key_id, seed in settings.LETTER_KEYS.items()
        ]
    }


def _public(head: Any) -> Ed25519PublicKey:
    if head["alg"] != ALGORITHM:
        raise Forged
    return _half(settings.LETTER_KEYS[int(head["kid"])])


def _half(seed: bytes) -> Ed25519PublicKey:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key()


def _text(said: dict[str, Any]) -> str:
    return _encoded(json.dumps(said, separators=(",", ":")).encode())


def _encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
