"""Reading the wire format with suspicion (docs/simponi.md): what does not fit is an error."""

import re
from datetime import datetime
from typing import Any

from payments.gateway.port import Money

NTPN = re.compile(r"[A-Z0-9]{16}", re.ASCII)
# The most that the wire format allows, in Rupiah.
MOST = 999_999_999_999


def money(payment: Any) -> Money:
    amount, ntpn = payment["amount"], payment["ntpn"]
    if type(amount) is not int or not 0 < amount <= MOST:
        raise ValueError("not whole Rupiah")
    if not NTPN.fullmatch(ntpn):
        raise ValueError("not an NTPN")
    return Money(
        ntpn=ntpn,
        ntb=_word(payment.get("ntb"), 20),
        amount=amount,
        paid_at=moment(payment["paid_at"]),
        channel=_word(payment.get("channel"), 40),
    )


def billing_code(code: Any) -> str:
    if not (isinstance(code, str) and len(code) == 15 and code.isascii() and code.isdigit()):
        raise ValueError("not a billing code")
    return code


def moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("time without offset")
    return moment


def _word(text: Any, length: int) -> str:
    """For the record only, so that nothing odd in it keeps us from booking the money."""
    return "".join(filter(str.isprintable, str(text or "")))[:length]
