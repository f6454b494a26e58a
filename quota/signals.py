from django.dispatch import Signal

day_closed = Signal()
"""Sessions were closed: `slots`, `by`, `at`. Sent inside the transaction, so that a listener that
raises a Refusal keeps them open."""

seats_offered = Signal()
"""Seats are kept for a wish of the waiting list: `offer`, `at`. Sent inside the transaction, so
that there is no offer of which its account is not told."""

wish_unanswered = Signal()
"""A wish was closed because its offers were not answered: `wish`, `at`. Sent inside the
transaction."""
