"""Devices that somebody signed in with: a signed cookie that says which accounts did.

It opens nothing. It gives its holder a count of wrong passwords of their own, which strangers who
guess elsewhere cannot use up.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from applicants.models import User

COOKIE = "device"
AGE = timedelta(days=400)
# Of a family that shares one; who signed in longest ago goes first.
ACCOUNTS = 5


@dataclass(frozen=True)
class Device:
    name: str = ""
    accounts: Sequence[str] = ()


def device_of(request: HttpRequest) -> Device:
    """Without a name when nobody has signed in with it yet."""
    try:
        name, *accounts = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=AGE)
    except signing.BadSignature:
        return Device()
    return Device(name, accounts)


def known_device(request: HttpRequest, account: User) -> str:
    """The name of the device when this account has signed in with it before."""
    device = device_of(request)
    return device.name if account.code in device.accounts else ""


def remember_device(request: HttpRequest, response: HttpResponseBase, account: User) -> None:
    device = device_of(request)
    others = [code for code in device.accounts if code != account.code][: ACCOUNTS - 1]
    response.set_cookie(
        COOKIE,
        signing.dumps([device.name or secrets.token_hex(8), account.code, *others], salt=COOKIE),
        max_age=AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
