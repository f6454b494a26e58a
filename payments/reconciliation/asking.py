"""Asking for a reconciliation: a row, from which a worker reads the gateway's file of that day."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.core.nudge import nudge
from payments.reconciliation.enums import RunStatus
from payments.reconciliation.models import Reconciliation

READ = "payments.reconcile"
BANKS = ZoneInfo("Asia/Jakarta")
# A file is looked at again on each of so many nights: banks report late.
NIGHTS = 7
# When the file of the day before is sure to be there, in the banks' time.
NIGHT = time(2, 0)


class DayNotOver(Refusal):
    code = "day-not-over"
    message = _("The banking day %(day)s is not over: its file is not complete yet.")
    remedy = _("Choose yesterday or an earlier day.")
    field = "day"


class AlreadyReading(Refusal):
    code = "already-reading"
    message = _("The file of %(day)s is being read at this moment.")
    remedy = _("Wait for its end: the page shows how far it is.")
    field = "day"


@transaction.atomic
def ask_reconciliation(*, day: date, by: trail.By, at: datetime) -> Reconciliation:
    """The file of that banking day is read soon; repeatable, also for a day that was read before.

    Raises DayNotOver, AlreadyReading.
    """
    if day >= banking_day(at):
        raise DayNotOver(day=day)
    run = _locked(day, at)
    if run.status == RunStatus.READING:
        raise AlreadyReading(day=day)
    run.status, run.asked_at, run.next_at, run.trouble = RunStatus.WAITING, at, at, ""
    run.save(update_fields=["status", "asked_at", "next_at", "trouble"])
    trail.record("reconciliation.ask", subject=f"reconciliation:{day}", by=by, at=at)
    nudge(READ)
    return run


def _locked(day: date, at: datetime) -> Reconciliation:
    Reconciliation.objects.bulk_create(
        [Reconciliation(day=day, asked_at=at)], ignore_conflicts=True
    )
    return Reconciliation.objects.select_for_update().get(day=day)


def ask_nightly(*, at: datetime) -> int:
    """Once a night, for each of the last days; returns how many. Repeatable."""
    now = at.astimezone(BANKS)
    tonight = datetime.combine(now.date(), NIGHT, BANKS)
    if now < tonight:
        return 0
    days = [now.date() - timedelta(days=back) for back in range(1, NIGHTS + 1)]
    fresh = Reconciliation.objects.filter(day__in=days, asked_at__gte=tonight)
    reading = Reconciliation.objects.filter(day__in=days, status=RunStatus.READING)
    done = {*fresh.values_list("day", flat=True), *reading.values_list("day", flat=True)}
    wanted = [day for day in days if day not in done]
    for day in wanted:
        ask_reconciliation(day=day, by="timetable", at=at)
    return len(wanted)


def banking_day(at: datetime) -> date:
    return at.astimezone(BANKS).date()
