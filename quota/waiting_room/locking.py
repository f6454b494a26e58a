"""The list of a draw, open to all who join and closed to them while it is drawn.

A lock of the server's queue and not of the row: who draws is not starved by those who join.
"""

from django.db import connection

from quota.models import Release

LIST = 7_210_002


def join_list(release: Release) -> None:
    """Shared by all who join, until their commit."""
    _lock("pg_advisory_xact_lock_shared", release)


def close_list(release: Release) -> None:
    """Returns when everybody who was joining has joined; others wait for the commit."""
    _lock("pg_advisory_xact_lock", release)


def _lock(kind: str, release: Release) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {kind}(%s, %s)", [LIST, release.pk % 2**31])
