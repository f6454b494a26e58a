"""Telling the holder of an account: by the channel they chose, and in their messages."""

from datetime import datetime
from typing import Any

from applicants.models import User
from applicants.notice_channels import reach
from mpaspor.audit import trail
from mpaspor.core.codes import new_code
from mpaspor.notifications import inbox, outbox


def announce(deed: str, account: User, *, by: trail.By, at: datetime, **facts: Any) -> None:
    """An audit line, and a notice to the account's contact if one is confirmed.

    Somebody else may have done it. Runs inside the deed's transaction.
    """
    trail.record(deed, subject=f"account:{account.code}", by=by, at=at, **facts)
    template = "notices/applicants/second_factor"
    send(account, template, f"{deed}:{new_code()}", at=at, deed=deed, **facts)


def send(account: User, template: str, reference: str, *, at: datetime, **facts: Any) -> None:
    """One notice and one message for each `reference`, however often it is asked for."""
    inbox.keep(template, holder=account.code, reference=reference, at=at, **facts)
    contact = reach(account)
    if contact is None:
        return
    outbox.enqueue(
        template,
        reference=reference,
        channel=contact.channel,
        to=contact.to,
        language=account.language,
        at=at,
        **facts,
    )
