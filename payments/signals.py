from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.dispatch import Signal

bill_paid = Signal()
"""Sent after the commit, with `bill_code` and `at`, when a bill became paid. Listeners are
repeatable: it may be sent twice, and a sweep repeats what a crash lost."""

bill_expired = Signal()
"""Sent after the commit, with `bill_code` and `at`, when a bill ended unpaid. As `bill_paid`."""

case_opened = Signal()
"""Sent after the commit, with `case_code` and `at`, when money became a case. As `bill_paid`."""

days_off_wanted = Signal()
"""Asked with the days `first` and `last`: receivers answer with the set of days in between on which
nobody works although it is no weekend."""

_left_to_the_sweep = ContextVar("_left_to_the_sweep", default=False)


def announce(signal: Signal, *, sender: type[Model], **facts: Any) -> None:
    """After the commit; a listener that fails harms nobody."""
    if not _left_to_the_sweep.get():
        transaction.on_commit(lambda: signal.send_robust(sender=sender, **facts), robust=True)


@contextmanager
def left_to_the_sweep() -> Iterator[None]:
    """Announces nothing: for who books thousands, and must not wait for what follows from each."""
    token = _left_to_the_sweep.set(True)
    try:
        yield
    finally:
        _left_to_the_sweep.reset(token)
