"""Seal everything anew with the present key, while the service goes on reading and writing."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.lookups import Exact
from psycopg2 import sql

from mpaspor.core.sealed import SealBroken
from mpaspor.core.sealed_columns import SealedField, sealed_fields

# Rows that are locked at a time, for some 50 ms: whoever books with one of them waits that long.
BATCH = 500


@dataclass
class Progress:
    """One sealed column. `broken` rows open under no key we have; they stay as they are."""

    column: SealedField
    waiting: int
    done: int = 0
    broken: int = 0

    def __str__(self) -> str:
        return f"{self.column.model._meta.label}.{self.column.attname}"


def rotate(*, batch: int = BATCH) -> Iterator[Progress]:
    """Reports after each batch. Stopped at any moment and started again, it goes on.

    Rows in somebody else's hands are passed over and come up again in the next round, as long as
    a round gets on; the last report of a column says how many still wait.
    """
    for column in sealed_fields():
        progress = Progress(column, waiting=behind(column).count())
        done_before = -1
        while progress.waiting and progress.done > done_before:
            done_before = progress.done
            yield from _round(progress, batch)
            progress.waiting = behind(column).count() - progress.broken
        yield progress


def behind(column: SealedField) -> "models.QuerySet[models.Model]":
    """The rows that are not sealed with the present key, or not indexed under just our keys."""
    late = ~_under(column.attname, settings.SEAL_WITH)
    for name, key_id in column.index.key_ids().items() if column.index else ():
        late |= ~_under(name, key_id)
    filled = column.model._default_manager.filter(**{f"{column.attname}__isnull": False})
    return filled.filter(late)


def _under(name: str, key_id: int | None) -> models.Q:
    """The value begins with the id of this key; without a key there is no value."""
    if key_id is None:
        return models.Q(**{f"{name}__isnull": True})
    first = models.Func(models.F(name), 0, function="get_byte", output_field=models.IntegerField())
    return models.Q(Exact(first, key_id), **{f"{name}__isnull": False})


def _round(progress: Progress, batch: int) -> Iterator[Progress]:
    """Once through the table in the order of its key."""
    progress.broken = 0
    last = _turn_batch(progress, after=0, batch=batch)
    while last:
        yield progress
        last = _turn_batch(progress, after=last, batch=batch)


@transaction.atomic
def _turn_batch(progress: Progress, *, after: int, batch: int) -> int:
    """Returns the key of the last row looked at; 0 at the end of the table."""
    late = behind(progress.column).filter(pk__gt=after).order_by("pk")
    rows = list(late.select_for_update(skip_locked=True, of=("self",))[:batch])
    turned = [row for row in rows if _turned(progress.column, row)]
    _write(progress.column, turned)
    progress.done += len(turned)
    progress.broken += len(rows) - len(turned)
    progress.waiting = max(progress.waiting - len(rows), 0)
    return rows[-1].pk if rows else 0


def _turned(column: SealedField, row: models.Model) -> bool:
    try:
        column.fill(row, column.opened(row))
    except SealBroken:
        return False
    return True


def _write(column: SealedField, rows: "list[models.Model]") -> None:
    """One statement for all rows: one by one they take many times as long."""
    meta = column.model._meta
    names = [sql.Identifier(name) for name in column.columns]
    arrays = [sql.SQL("%s::bigint[]"), *[sql.SQL("%s::bytea[]")] * len(names)]
    update = sql.SQL(
        "UPDATE {table} SET {sets} FROM unnest({arrays}) AS turned(key_, {names})"
        " WHERE {table}.{key} = turned.key_"
    ).format(
        table=sql.Identifier(meta.db_table),
        key=sql.Identifier(meta.pk.column),
        names=sql.SQL(", ").join(names),
        sets=sql.SQL(", ").join(sql.SQL("{0} = turned.{0}").format(name) for name in names),
        arrays=sql.SQL(", ").join(arrays),
    )
    values = [[getattr(row, name) for row in rows] for name in ("pk", *column.columns)]
    with connection.cursor() as cursor:
        cursor.execute(update, values)
