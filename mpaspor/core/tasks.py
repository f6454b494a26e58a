from celery import shared_task
from django.core.management import call_command

from mpaspor.core import clock, idempotency


@shared_task(name="core.forget")
def forget() -> None:
    """What has run out: repeated answers, tokens."""
    idempotency.forget(at=clock.now())
    call_command("cleartokens")
