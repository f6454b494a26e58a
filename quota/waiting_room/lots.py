"""The arithmetic of the draw, without a database: what anybody can do again with pen and paper.

A ticket is drawn by its digest. The list is all digests of the draw, as hexadecimal lines in
order. The seed is made of a secret, to which we were bound a day before by its published digest,
and of the list, which nobody knew before it was closed: neither we nor a guest can choose it.
"""

import hmac
import secrets
from collections.abc import Iterable
from hashlib import sha256

_BLOCK = 64


def new_secret() -> bytes:
    return secrets.token_bytes(32)


def commitment_to(secret: bytes) -> bytes:
    return sha256(secret).digest()


def digest_of(ticket: str) -> bytes:
    """What the published list has in place of the ticket's code."""
    return sha256(ticket.encode()).digest()


def list_digest(digests: Iterable[bytes]) -> bytes:
    return sha256("\n".join(sorted(digest.hex() for digest in digests)).encode()).digest()


def seed_of(secret: bytes, listed: bytes) -> bytes:
    return hmac.digest(secret, listed, sha256)


def lot(seed: bytes, digest: bytes) -> bytes:
    """The smallest lot is first in line."""
    return hmac.digest(seed, digest, sha256)


def order(seed: bytes, digests: Iterable[bytes]) -> list[bytes]:
    return sorted(digests, key=lambda digest: lot(seed, digest))


def pads(seed: bytes) -> tuple[bytes, bytes]:
    """Outer and inner key of RFC 2104, for who has SHA-256 but no HMAC, as PostgreSQL.

    lot(seed, digest) == sha256(outer + sha256(inner + digest))
    """
    key = seed.ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x5C for byte in key), bytes(byte ^ 0x36 for byte in key)
