"""Until when a passport that is ready is kept at the office, and when its person is reminded."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from appointments.models import Application
from appointments.visits.models import Pickup
from quota.models import Office
from quota.queries import terms_for

# Of the office's clock: never at night.
HOUR = time(9)


def plan_pickup(application: Application, office: Office, *, at: datetime) -> Pickup:
    """In the transaction in which the passport becomes ready. Raises TermsMissing."""
    today = office.local(at).date()
    days = terms_for(office, today).collect_days
    after = today + timedelta(days=days + 1)
    until = datetime.combine(after, time(), ZoneInfo(office.zone))
    pickup = Pickup(application=application, until=until)
    pickup.next_at = next_moment(pickup, office, at=at)
    pickup.save()
    return pickup


def next_moment(pickup: Pickup, office: Office, *, at: datetime) -> datetime:
    """When there is a reminder next, or when the time is over."""
    last = office.local(pickup.until - timedelta(seconds=1)).date()
    days = [last - timedelta(days=before) for before in settings.COLLECT_REMINDERS]
    moments = [datetime.combine(day, HOUR, ZoneInfo(office.zone)) for day in days]
    return min(moment for moment in [*moments, pickup.until] if moment > at)
