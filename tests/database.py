"""PostgreSQL asked directly, past the deeds: what it refuses, and what a sly hand could do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """In a savepoint of its own, so that a refusal leaves the test's transaction whole."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def triggers_off() -> Iterator[None]:
    """As somebody with all rights of the database would; for this transaction only."""
    sql("SET LOCAL session_replication_role = replica")
    yield
    sql("SET LOCAL session_replication_role = origin")


def check_deferred() -> None:
    """What PostgreSQL would say at the commit, said now."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET CONSTRAINTS ALL DEFERRED")


def every_row() -> list[str]:
    """Every row of every table as text, all columns."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        rows: list[str] = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [row for (row,) in cursor.fetchall()]
    return rows


def hits(text: str) -> int:
    """In clear or as the hexadecimal digits in which PostgreSQL writes bytes."""
    return sum(text in row or text.encode().hex() in row for row in every_row())
