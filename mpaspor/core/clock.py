"""The one clock of the service: PostgreSQL's. Deadlines never depend on a web server's own time."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """The database's time in UTC, read afresh: the doors call it and hand it down as `at`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment
