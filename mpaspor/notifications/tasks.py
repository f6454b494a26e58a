from celery import shared_task

from mpaspor.core import clock
from mpaspor.notifications.delivery import deliver as deliver_due


@shared_task(name="notifications.deliver")
def deliver() -> None:
    while deliver_due(at=clock.now()):
        pass
