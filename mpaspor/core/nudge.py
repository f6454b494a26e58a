"""Ask a worker to look at its rows now. The timetable looks anyway: a lost nudge costs seconds."""

import logging
import time
from functools import cache, partial

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu import Connection
from kombu.pools import producers

log = logging.getLogger(__name__)

# Seconds without a further try after the broker failed: a silent broker must not slow each page.
PAUSE = 10.0
_silent_until = 0.0

# Seconds in which a task is sent at most twice: at once, and once more at their end for all that
# came in between. A run does whatever is due, and each message costs as much as ten queries.
GATHER = 0.2
_gathering: dict[str, float] = {}


def nudge(task: str) -> None:
    """After the commit, sends the named task; never fails and is never needed."""
    transaction.on_commit(partial(_send, task), robust=True)


def _send(task: str) -> None:
    global _silent_until
    now, gathered_until = time.monotonic(), _gathering.get(task, 0.0)
    if now < _silent_until or gathered_until - now > GATHER:
        return
    wait = max(gathered_until - now, 0.0)
    _gathering[task] = now + wait + GATHER
    try:
        with producers[_impatient_line()].acquire(block=True) as producer:
            current_app.send_task(
                task,
                producer=producer,
                retry=False,
                ignore_result=True,
                expires=60,
                countdown=wait or None,
            )
    except Exception as gone:  # the broker's client raises many kinds
        _silent_until = time.monotonic() + PAUSE
        log.warning("broker away (%s): the timetable will run %s", type(gone).__name__, task)


@cache
def _impatient_line() -> Connection:
    """Gives up where a worker, which has nothing better to do, waits and tries again."""
    return current_app.connection_for_write(transport_options=settings.NUDGE_TRANSPORT_OPTIONS)
