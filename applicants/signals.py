from django.dispatch import Signal

person_leaving = Signal()
"""Sent inside the transaction, with `person`, `by` and `at`, before a person is taken out
of an account. A listener ends what may end with them; what may not keeps the person by its foreign
key."""

last_factor_going = Signal()
"""Sent inside the transaction, with `account`, when an account's last second factor is taken out. A
listener that has something against it raises a Refusal."""

account_closing = Signal()
"""A question, with `account` and `at`: a listener that knows why the account cannot be closed now
raises a Refusal that says so."""

account_leaving = Signal()
"""Sent inside the transaction, with `account`, `by` and `at`, before an account's data are erased.
As `person_leaving`, for everything that hangs on the account."""

personal_data_wanted = Signal()
"""A question, with `account`: a listener returns a list of personal_data.Part, what is kept about
the account there."""

looks_wanted = Signal()
"""A question, with `account`: a listener returns a list of personal_data.Look, who saw it."""
