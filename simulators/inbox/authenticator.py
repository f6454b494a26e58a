"""The authenticator app on the phones of the demonstration's officers, as a page.

DEMO_FILE names the JSON file in which the demonstration keeps its sign-ins; whoever there has a
"totp_secret" is shown. Codes are those of RFC 6238: SHA-1, six digits, a new one every 30 seconds.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from simulators.pages import fill, page

PAGES = "inbox/pages/"
SECONDS = 30


@dataclass(frozen=True)
class Account:
    login: str
    secret: bytes

    def code(self, step: int) -> str:
        digest = hmac.digest(self.secret, step.to_bytes(8, "big"), hashlib.sha1)
        offset = digest[-1] & 15
        number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
        return f"{number % 10**6:06}"


async def show(request: web.Request) -> web.Response:
    """Loads itself again when the codes change, without any script."""
    step, gone = divmod(int(time.time()), SECONDS)
    items = "".join(
        fill(
            PAGES + "authenticator_item.html",
            login=account.login,
            code=account.code(step),
            next_code=account.code(step + 1),
        )
        for account in accounts()
    )
    values = {
        "title": "Aplikasi autentikator",
        "items_html": items or fill(PAGES + "authenticator_empty.html"),
        "seconds": SECONDS - gone,
    }
    response = page(PAGES + "authenticator.html", values)
    response.headers["Refresh"] = str(SECONDS - gone)
    return response


def accounts() -> list[Account]:
    """Read at each look: the demonstration may have been seeded anew meanwhile."""
    try:
        facts = json.loads(Path(os.environ["DEMO_FILE"]).read_text(encoding="utf-8"))
        officers = facts["officers"].values()
        return [account(officer) for officer in officers if "totp_secret" in officer]
    except (KeyError, OSError, ValueError, AttributeError, TypeError):
        return []


def account(facts: dict[str, Any]) -> Account:
    return Account(login=facts["login"], secret=base64.b32decode(facts["totp_secret"]))
