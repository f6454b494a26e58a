"""A phone or security key that makes passkeys and shows them, as a browser would pass it on."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
)

PRESENT, VERIFIED = AuthenticatorData.FLAG.UP, AuthenticatorData.FLAG.UV


@dataclass
class Device:
    """`asks_owner`: whether it wants a finger, a face or a PIN before it answers."""

    host: str = "testserver"
    origin: str = "https://testserver"
    asks_owner: bool = True
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    name: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        kind: Any = ES256
        public = kind.from_cryptography_key(self.key.public_key())
        data = AttestedCredentialData.create(Aaguid.NONE, self.name, public)
        told = self._told("webauthn.create", options)
        seen = self._seen(data)
        attested = AttestationObject.create("none", seen, {})
        return self._answer(clientDataJSON=told, attestationObject=bytes(attested))

    def show(self, options: dict[str, Any]) -> dict[str, Any]:
        told, seen = self._told("webauthn.get", options), self._seen()
        signed = bytes(seen) + hashlib.sha256(told).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=told, authenticatorData=bytes(seen), signature=signature)

    def _told(self, kind: str, options: dict[str, Any]) -> bytes:
        challenge = options["publicKey"]["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _seen(self, data: AttestedCredentialData | None = None) -> AuthenticatorData:
        flags = PRESENT | (VERIFIED if self.asks_owner else 0)
        flags |= AuthenticatorData.FLAG.AT if data else 0
        place = hashlib.sha256(self.host.encode()).digest()
        seen: AuthenticatorData = AuthenticatorData.create(place, flags, 0, bytes(data or b""))
        return seen

    def _answer(self, **parts: bytes) -> dict[str, Any]:
        name = websafe_encode(self.name)
        response = {part: websafe_encode(value) for part, value in parts.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": response}
