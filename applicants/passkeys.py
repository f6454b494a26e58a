"""The two ceremonies of a passkey: making one, and showing it (W3C Web Authentication, by fido2).

Each has two halves. The first gives what the browser needs and a challenge to be kept in the
session; the second judges the browser's answer to it. The device must have asked its owner for a
PIN, a finger or a face: so a passkey is possession and presence in one.
"""

import json
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

from django.utils.translation import gettext_lazy as _
from fido2.server import Fido2Server
from fido2.utils import websafe_decode
from fido2.webauthn import (
    AttestedCredentialData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from applicants.contacts import unconfirmed
from applicants.models import SecondFactor, User
from mpaspor.core.errors import Refusal

# A challenge, and how strictly the answer is judged; fido2's own, and JSON.
Challenge = dict[str, Any]


class NoPasskey(Refusal):
    code = "no-passkey"
    message = _("The browser sent no passkey.")
    remedy = _("Try once more, or use another way.")
    status = 422


class PasskeyNotUnderstood(Refusal):
    code = "passkey-not-understood"
    message = _("This passkey was not accepted.")
    remedy = _("Try once more on this page. If it is refused again, use another way below.")
    status = 422


def possible_at(host: str) -> bool:
    """Passkeys are bound to a name: an address of digits has none."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False


def read_answer(text: str) -> Any:
    """What a browser wrote; raises NoPasskey."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as no:
        raise NoPasskey from no


def begin_making(account: User, *, host: str) -> tuple[dict[str, Any], Challenge]:
    """Not on a device that has a passkey of this account already."""
    holder = PublicKeyCredentialUserEntity(
        id=account.code.encode(), name=str(unconfirmed(account)), display_name=account.name
    )
    options, challenge = _server(host).register_begin(
        holder,
        _public_halves(SecondFactor.objects.filter(account=account)),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options), challenge


def made(answer: Any, *, challenge: Challenge | None, host: str) -> AttestedCredentialData:
    """The public half of the new passkey; raises PasskeyNotUnderstood."""
    try:
        data = _server(host).register_complete(challenge, answer).credential_data
    except Exception as no:  # whatever fido2 stumbles over: anything may come
        raise PasskeyNotUnderstood from no
    if data is None:
        raise PasskeyNotUnderstood
    return data


def begin_showing(
    passkeys: Iterable[SecondFactor], *, host: str
) -> tuple[dict[str, Any], Challenge]:
    """One of these; without any the device offers those it has for us."""
    options, challenge = _server(host).authenticate_begin(
        _public_halves(passkeys), user_verification=UserVerificationRequirement.REQUIRED
    )
    return dict(options), challenge


def named(answer: Any) -> bytes:
    """The id of the passkey that the browser says it shows; raises PasskeyNotUnderstood."""
    try:
        return websafe_decode(answer["rawId"])
    except Exception as no:  # whatever fido2 stumbles over: anything may come
        raise PasskeyNotUnderstood from no


def refuse_unless_shown(
    passkey: SecondFactor, answer: Any, *, challenge: Challenge | None, host: str
) -> None:
    """Returns when the passkey signed this challenge here; raises PasskeyNotUnderstood."""
    try:
        _server(host).authenticate_complete(challenge, _public_halves([passkey]), answer)
    except Exception as no:  # whatever fido2 stumbles over: anything may come
        raise PasskeyNotUnderstood from no


def _server(host: str) -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(id=host, name="M-Paspor"))


def _public_halves(passkeys: Iterable[SecondFactor]) -> list[AttestedCredentialData]:
    return [
        AttestedCredentialData(bytes(passkey.credential))
        for passkey in passkeys
        if passkey.credential is not None
    ]
