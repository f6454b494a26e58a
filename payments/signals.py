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
