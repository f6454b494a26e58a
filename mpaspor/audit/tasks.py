from celery import shared_task

from mpaspor.audit import roots, trail
from mpaspor.core import clock


@shared_task(name="audit.link")
def link() -> None:
    trail.link()


@shared_task(name="audit.seal_day")
def seal_day() -> None:
    roots.seal_day(at=clock.now())
