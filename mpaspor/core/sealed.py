"""Personal data at rest: AES-256-GCM with a key id, bound to its row, and a keyed blind index.

A sealed value is `key id (1 byte) · nonce (12) · ciphertext and tag`. `context` is authenticated
with it, so that a value copied into another row or column does not open. A blind index is
`key id (1 byte) · HMAC-SHA256 (32)`. Of both kinds of key an old and a new one can be in use
(docs/operations.md says how to get from the one to the other).
"""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


class SealBroken(Exception):
    """The value was sealed for another place, under a key we do not have, or was altered."""


def seal(plain: str, *, context: str) -> bytes:
    key_id = settings.SEAL_WITH
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(settings.SEAL_KEYS[key_id]).encrypt(nonce, plain.encode(), context.encode())
    return bytes([key_id]) + nonce + sealed


def unseal(value: bytes, *, context: str) -> str:
    """The plain text; raises SealBroken."""
    blob = bytes(value)
    try:
        key = settings.SEAL_KEYS[blob[0]]
        return AESGCM(key).decrypt(blob[1:13], blob[13:], context.encode()).decode()
    except (KeyError, IndexError, InvalidTag, ValueError) as broken:
        raise SealBroken(context) from broken


def blind_index(plain: str, *, purpose: str) -> bytes:
    """Equal texts give equal 33 bytes; without the key nobody can try all NIKs against them."""
    return blind_indexes(plain, purpose=purpose)[settings.INDEX_WITH]


def blind_indexes(plain: str, *, purpose: str) -> dict[int, bytes]:
    """The blind index under each key we have, by the id of the key."""
    text = f"{purpose}:{plain}".encode()
    return {
        key_id: bytes([key_id]) + hmac.digest(key, text, hashlib.sha256)
        for key_id, key in settings.INDEX_KEYS.items()
    }
