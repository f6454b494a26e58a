"""A repeated request gives the same answer and does nothing twice."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.core.errors import Refusal

KEPT = timedelta(hours=24)


class KeyReused(Refusal):
    code = "idempotency-key-reused"
    message = _("This Idempotency-Key was used before with a different request.")
    remedy = _("Send the first request again unchanged, or use a new key.")
    status = 422


class StillRunning(Refusal):
    code = "request-in-progress"
    message = _("The same request is still being worked on.")
    remedy = _("Wait a second and send it again with the same key.")


class IdempotencyKey(models.Model):
    """The answer given to one client's key. Stored in the transaction of the deed itself."""

    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField()
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["scope", "key"], name="one_answer_per_key"),)

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    replayed: bool = False


@transaction.atomic
def once(*, scope: str, key: str, request: Sequence[bytes], deed: Callable[[], Answer]) -> Answer:
    """Runs `deed` and keeps its answer, or gives the answer kept for this key.

    The answer commits together with the deed, so a crash leaves both or neither. A refusal rolls
    back and is not kept. `request` are bytes that identify what was asked: the first is kept, any
    of them is recognised. Raises KeyReused when what was asked differs from the first time,
    StillRunning while another worker is at it.
    """
    fingerprints = [hashlib.sha256(writing).digest() for writing in request]
    _lock_or_refuse(f"{scope}:{key}")
    kept = IdempotencyKey.objects.filter(scope=scope, key=key).first()
    if kept is None:
        answer = deed()
        IdempotencyKey.objects.create(
            scope=scope,
            key=key,
            fingerprint=fingerprints[0],
            status=answer.status,
            body=answer.body,
        )
        return answer
    if bytes(kept.fingerprint) not in fingerprints:
        raise KeyReused
    return Answer(kept.status, kept.body, replayed=True)


def forget(*, at: datetime) -> int:
    """Deletes answers older than a day: a key may then be used anew. Returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=at - KEPT).delete()[0]


def _lock_or_refuse(name: str) -> None:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise StillRunning
