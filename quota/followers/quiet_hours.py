"""Nobody's phone rings at night."""

from datetime import datetime, time, timedelta

from quota.models import Office

QUIET_FROM, QUIET_UNTIL = time(21), time(7)


def after_quiet_hours(moment: datetime, *, office: Office, before: datetime) -> datetime:
    """`moment`, or the morning that ends the night it falls into, in the office's zone.

    A morning that is not `before` would be too late: then `moment` all the same.
    """
    local = office.local(moment)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return moment
    day = local.date() + timedelta(days=local.time() >= QUIET_FROM)
    morning = datetime.combine(day, QUIET_UNTIL, tzinfo=local.tzinfo)
    return morning if morning < before else moment
