"""Outages: opened by the timetable or by an officer, they stop the clocks of holds and bills."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.core.nudge import nudge
from payments.enums import IncidentKind
from payments.gateway import breaker
from payments.models import Bill, Incident

RENEW = "payments.renew_codes"
SHOWN = timedelta(days=30)


class IncidentOver(Refusal):
    code = "incident-over"
    message = _("This outage has ended already.")
    remedy = _("If it goes on, open a new one.")


def open_incident(
    *,
    what: IncidentKind,
    began_at: datetime | None = None,
    reason: str = "",
    by: trail.By,
    at: datetime,
) -> Incident:
    """Stops the clocks of every held seat and issued bill; repeatable: what is open stays as it is.

    `by` a word instead of an account: the timetable saw it, and ends it by itself.
    """
    try:
        return _open(what, began_at or at, reason, by=by, at=at)
    except IntegrityError:  # another was quicker
        return Incident.objects.get(what=what, ended_at=None)


@transaction.atomic
def _open(
    what: IncidentKind, began_at: datetime, reason: str, *, by: trail.By, at: datetime
) -> Incident:
    known = Incident.objects.filter(what=what, ended_at=None).first()
    if known is not None:
        return known
    officer = by.pk if isinstance(by, AbstractBaseUser) else None
    incident = Incident.objects.create(
        what=what,
        began_at=began_at,
        reason=reason.strip(),
        opened_by_id=officer,
        remind_at=at + _interval() if officer else None,
    )
    subject = f"incident:{incident.code}"
    trail.record("incident.open", subject=subject, by=by, at=at, what=str(what))
    return incident


@transaction.atomic
def end_incident(*, code: str, by: trail.By, at: datetime) -> None:
    """The time that stood still is given back by workers, row by row. Raises IncidentOver."""
    incident = Incident.objects.select_for_update().get(code=code)
    if incident.ended_at is not None:
        raise IncidentOver
    incident.ended_at = max(at, incident.began_at)
    incident.save(update_fields=["ended_at"])
    trail.record("incident.end", subject=f"incident:{code}", by=by, at=at)
    nudge(RENEW)


def forgotten_incidents(*, at: datetime) -> list[Incident]:
    """Those of an officer that go on and are to be reminded of, locked; what is in other hands is
    left out."""
    due = Incident.objects.filter(ended_at=None, remind_at__lte=at).order_by("pk")
    return list(due.select_for_update(skip_locked=True))


def plan_next_reminder(incident: Incident, *, at: datetime) -> None:
    incident.remind_at = at + _interval()
    incident.save(update_fields=["remind_at"])


def _interval() -> timedelta:
    return timedelta(minutes=settings.INCIDENT_REMIND_MINUTES)


def watch_gateway(*, at: datetime) -> None:
    """Opens an outage when the gateway has been silent for minutes, ends it when it answers."""
    silent, patience = breaker.silent_since(), timedelta(minutes=settings.INCIDENT_MINUTES)
    if silent and silent <= at - patience:
        open_incident(what=IncidentKind.GATEWAY, began_at=silent, by="timetable", at=at)
        _find_out(at)
    elif silent is None:
        _end_automatic(at)


def _end_automatic(at: datetime) -> None:
    own = Incident.objects.filter(what=IncidentKind.GATEWAY, ended_at=None, opened_by=None)
    for code in own.values_list("code", flat=True):
        try:
            end_incident(code=code, by="timetable", at=at)
        except IncidentOver:  # another was quicker
            continue


def _find_out(at: datetime) -> None:
    """With nothing to ask nobody would notice that the gateway answers again."""
    coded = Bill.objects.filter(billing_code__isnull=False)
    if not Bill.objects.filter(next_at__isnull=False).exists():
        coded.filter(pk__in=coded.order_by("-pk").values("pk")[:1]).update(next_at=at)


def open_incidents() -> "QuerySet[Incident]":
    return Incident.objects.filter(ended_at=None).select_related("opened_by").order_by("began_at")


def recent_incidents(*, at: datetime) -> "QuerySet[Incident]":
    """Open ones and those of the last days, the latest first."""
    shown = Q(ended_at=None) | Q(ended_at__gt=at - SHOWN)
    return Incident.objects.filter(shown).order_by("-began_at", "-pk")
