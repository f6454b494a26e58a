"""What happens to the keys of an account is written down and told to its holder."""

from datetime import datetime
from typing import Any

from applicants.contacts import reach
from applicants.models import User
from mpaspor.audit import trail
from mpaspor.core.codes import new_code
from mpaspor.notifications import outbox


def announce(deed: str, account: User, *, by: trail.By, at: datetime, **facts: Any) -> None:
    """An audit line, and a notice to the account's contact if one is confirmed.

    Somebody else may have done it. Runs inside the deed's transaction.
    """
    trail.record(deed, subject=f"account:{account.code}", by=by, at=at, **facts)
    contact = reach(account)
    if contact is None:
        return
    outbox.enqueue(
        "notices/applicants/second_factor",
        reference=f"{deed}:{new_code()}",
        channel=contact.channel,
        to=contact.to,
        language=account.language,
        at=at,
        deed=deed,
        **facts,
    )
