from datetime import timedelta

import pytest

from mpaspor.core import clock
from mpaspor.core.idempotency import IdempotencyKey
from mpaspor.core.tasks import forget

pytestmark = pytest.mark.django_db


def test_forget_deletes_answers_older_than_a_day_and_no_others() -> None:
    for key, hours in (("old", 25), ("young", 23)):
        row = IdempotencyKey.objects.create(
            scope="client", key=key, fingerprint=b"", status=201, body={}
        )
        created_at = clock.now() - timedelta(hours=hours)
        IdempotencyKey.objects.filter(pk=row.pk).update(created_at=created_at)
    forget()
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["young"]
