"""Refusals as RFC 9457 problem JSON, and the checks of what callers send."""

import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from aiohttp import web

from simulators.clock import WIB, now

# Control characters but tabs and line breaks, and half characters: cannot be stored or shown.
UNSOUND = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Problem(Exception):
    def __init__(
        self, status: int, code: str, detail: str, errors: Sequence[Mapping[str, str]] = ()
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.errors = status, code, detail, errors

    def response(self) -> web.Response:
        body: dict[str, object] = {"type": "about:blank", "status": self.status, "code": self.code}
        body["detail"] = self.detail
        if self.errors:
            body["errors"] = self.errors
        return web.json_response(body, status=self.status, content_type="application/problem+json")


def require_bearer(request: web.Request, key: str) -> None:
    sent = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(sent, f"Bearer {key}".encode()):
        raise Problem(
            401, "unauthorised", "Send the header Authorization: Bearer <key> with the right key."
        )


async def json_object(request: web.Request) -> dict[str, object]:
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise Problem(400, "not-json", "The body must be one JSON object in UTF-8.") from None
    if not isinstance(body, dict):
        raise Problem(400, "not-json", "The body must be one JSON object in UTF-8.")
    return body


class Fields:
    """Reads the fields of one JSON object and gathers every fault: one answer names them all.

    A reader returns an empty value for a faulty field; `settle` raises before anybody can use it.
    """

    def __init__(self, body: Mapping[str, object], pointer: str = "") -> None:
        self.body, self.pointer = body, pointer
        self.errors: list[Mapping[str, str]] = []

    def refuse(self, name: str, detail: str) -> None:
        self.errors.append({"pointer": f"{self.pointer}/{name}", "detail": detail})

    def text(self, name: str, *, pattern: str, hint: str) -> str:
        value = self.body.get(name)
        if isinstance(value, str) and re.fullmatch(pattern, value) and not UNSOUND.search(value):
            return value
        self.refuse(name, f"Must be {hint}.")
        return ""

    def whole(self, name: str, *, least: int, most: int) -> int:
        value = self.body.get(name)
        if type(value) is int and least <= value <= most:
            return value
        self.refuse(name, f"Must be a whole number from {least} to {most}.")
        return least

    def share(self, name: str) -> float:
        value = self.body.get(name)
        if type(value) in (int, float) and isinstance(value, int | float) and 0 <= value <= 1:
            return value
        self.refuse(name, "Must be a number from 0 to 1.")
        return 0

    def yes(self, name: str) -> bool:
        """May be left out."""
        value = self.body.get(name, False)
        if isinstance(value, bool):
            return value
        self.refuse(name, "Must be true or false.")
        return False

    def choice(self, name: str, allowed: Iterable[str]) -> str:
        value = self.body.get(name)
        if isinstance(value, str) and value in allowed:
            return value
        self.refuse(name, f"Must be one of: {', '.join(allowed)}.")
        return ""

    def moment(self, name: str) -> datetime:
        value = self.body.get(name)
        try:
            at = datetime.fromisoformat(value if isinstance(value, str) else "")
            if at.tzinfo is not None:
                return at.astimezone(WIB)
        except (ValueError, OverflowError):
            pass
        self.refuse(
            name, "Must be a time in ISO 8601 with offset, such as 2026-11-03T14:05:00+07:00."
        )
        return now()

    def day(self, name: str) -> date:
        value = self.body.get(name)
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            self.refuse(name, "Must be a day such as 2026-11-03.")
            return now().date()

    def settle(self) -> None:
        if self.errors:
            raise Problem(
                422, "invalid", "Correct the fields named in errors and send again.", self.errors
            )
