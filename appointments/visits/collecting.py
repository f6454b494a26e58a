"""Passports that nobody collects: people are reminded, in the end the passport is cancelled."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from appointments.access import visit_made
from appointments.enums import ApplicationStatus
from appointments.models import Application
from appointments.notices import tell_collect
from appointments.visits.models import Pickup
from appointments.visits.pickups import next_moment
from appointments.visits.processing import cancel_uncollected
from mpaspor.core.claim import claim

log = logging.getLogger(__name__)

BATCH = 100
LEASE = timedelta(minutes=5)


def follow_pickups(*, at: datetime, batch: int = BATCH) -> int:
    """Does what is due; returns how many were. By many at once."""
    due = claim(Pickup.objects.filter(next_at__isnull=False), at=at, batch=batch, lease=LEASE)
    for pickup in due:
        _followed(pickup, at=at)
    return len(due)


def _followed(pickup: Pickup, *, at: datetime) -> None:
    try:
        _follow(pickup, at=at)
    except Exception:  # whatever is wrong with one, the others are told; it is due again then
        log.exception("the passport of application %s cannot be followed", pickup.application_id)


@transaction.atomic
def _follow(pickup: Pickup, *, at: datetime) -> None:
    """Who collects it in this moment has collected it."""
    application = Application.objects.select_for_update().get(pk=pickup.application_id)
    if application.status != ApplicationStatus.READY:
        pickup.next_at = None
    elif at >= pickup.until:
        cancel_uncollected(application=application, by="timetable", at=at)
        pickup.next_at = None
    else:
        visit = visit_made(application)
        assert visit is not None
        tell_collect(visit, pickup.until, at=at)
        pickup.next_at = next_moment(pickup, visit.slot.office, at=at)
    pickup.save(update_fields=["next_at"])
