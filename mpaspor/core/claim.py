"""Work that lies in PostgreSQL: claiming a batch of due rows for one worker."""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db import models, transaction

Row = TypeVar("Row", bound=models.Model)


def claim(
    due: "models.QuerySet[Row]", *, at: datetime, batch: int, lease: timedelta
) -> "list[Row]":
    """Up to `batch` rows whose `next_at` has come, each handed to one worker only.

    The claim moves `next_at` ahead by `lease`: when the worker dies, the rows are due again then.
    """
    with transaction.atomic():
        rows = list(
            due.filter(next_at__lte=at)
            .order_by("next_at")
            .select_for_update(skip_locked=True, of=("self",))[:batch]
        )
        due.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(
            next_at=at + lease
        )
    return rows
