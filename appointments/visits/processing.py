"""From the arrival to the passport in hand: interview, biometrics, decision, printing, hand-over.

One press of an officer leads from each step to the next; before the printing the way may stop, for
now or for good, for a reason that the person reads with what to do.
"""

from datetime import datetime
from itertools import pairwise

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.access import visit_made
from appointments.enums import STEPS, STOPPABLE, ApplicationStatus
from appointments.models import Application
from appointments.notices import tell_step
from appointments.visits.enums import FOR_GOOD, FOR_NOW, Collector, StopReason
from appointments.visits.models import HandOver, Step
from appointments.visits.pickups import plan_pickup
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal

NEXT = dict(pairwise(STEPS))
# What the person is told of, beside the stops.
TOLD = (
    ApplicationStatus.READY,
    ApplicationStatus.DEFERRED,
    ApplicationStatus.REFUSED,
    ApplicationStatus.UNCOLLECTED,
)
NOTE_LENGTH = 300


class OutOfTurn(Refusal):
    code = "out-of-turn"
    message = _("This application stands at another step: %(status)s.")
    remedy = _("Look at it again: somebody else may have gone on with it.")


class StillKept(Refusal):
    code = "still-kept"
    message = _("This passport can still be collected.")
    remedy = _("It is kept until the day that stands on its page.")


class StopReasonMissing(Refusal):
    code = "stop-reason-missing"
    message = _("The person must learn why it does not go on.")
    remedy = _("Choose a reason.")
    field = "reason"
    status = 422


class StopNoteMissing(Refusal):
    code = "stop-note-missing"
    message = _("“Another reason” says nothing by itself.")
    remedy = _("Write in a few words what the person is to do.")
    field = "note"
    status = 422


class CollectorMissing(Refusal):
    code = "collector-missing"
    message = _("Whoever takes a passport for somebody else is named.")
    remedy = _("Write the name as it stands on the identity card.")
    field = "name"
    status = 422


class PowerMissing(Refusal):
    code = "power-missing"
    message = _("A power of attorney (surat kuasa) is needed.")
    remedy = _("Write its number, or its date and who signed it.")
    field = "authority"
    status = 422


@transaction.atomic
def go_on(*, application: Application, to: str, by: trail.By, at: datetime) -> Application:
    """One step on, to the step that the officer saw as the next; pressed twice it is one.

    The person is told when the passport is ready. Raises OutOfTurn.
    """
    locked = _locked(application)
    if locked.status == to:
        return locked
    if to not in STEPS or NEXT.get(ApplicationStatus(locked.status)) != to:
        raise OutOfTurn(status=locked.get_status_display())
    _move(locked, ApplicationStatus(to), by=by, at=at)
    return locked


@transaction.atomic
def print_again(*, application: Application, by: trail.By, at: datetime) -> Application:
    """The quality check found a fault. Raises OutOfTurn."""
    locked = _locked(application)
    if locked.status != ApplicationStatus.PRINTED:
        raise OutOfTurn(status=locked.get_status_display())
    _move(locked, ApplicationStatus.ADJUDICATED, by=by, at=at)
    return locked


@transaction.atomic
def defer(
    *, application: Application, reason: str, note: str = "", by: trail.By, at: datetime
) -> Application:
    """Stops until the person has done what the reason asks for; they are told.

    Raises OutOfTurn, StopReasonMissing, StopNoteMissing.
    """
    return _stop(
        application, ApplicationStatus.DEFERRED, FOR_NOW, reason=reason, note=note, by=by, at=at
    )


@transaction.atomic
def refuse(
    *, application: Application, reason: str, note: str = "", by: trail.By, at: datetime
) -> Application:
    """For good; the person is told. Raises OutOfTurn, StopReasonMissing, StopNoteMissing."""
    return _stop(
        application, ApplicationStatus.REFUSED, FOR_GOOD, reason=reason, note=note, by=by, at=at
    )


@transaction.atomic
def take_up(*, application: Application, by: trail.By, at: datetime) -> Application:
    """What was missing is there: back to the step at which it stopped. Raises OutOfTurn."""
    locked = _locked(application)
    if locked.status != ApplicationStatus.DEFERRED:
        raise OutOfTurn(status=locked.get_status_display())
    before = Step.objects.filter(application=locked, status__in=STOPPABLE).order_by("-pk").first()
    back = ApplicationStatus(before.status) if before else ApplicationStatus.ARRIVED
    _move(locked, back, by=by, at=at)
    return locked


@transaction.atomic
def hand_over(
    *,
    application: Application,
    collector: str,
    name: str = "",
    authority: str = "",
    by: trail.By,
    at: datetime,
) -> Application:
    """The passport is given to the person, or to somebody who is named.

    Raises OutOfTurn, CollectorMissing, PowerMissing.
    """
    who = Collector(collector)
    name = "" if who == Collector.SELF else name.strip()
    authority = authority.strip() if who == Collector.ATTORNEY else ""
    if who != Collector.SELF and not name:
        raise CollectorMissing
    if who == Collector.ATTORNEY and not authority:
        raise PowerMissing
    locked = _locked(application)
    if locked.status != ApplicationStatus.READY:
        raise OutOfTurn(status=locked.get_status_display())
    HandOver.objects.create(
        application=locked, collector=who, name=name, authority=authority, at=at
    )
    _move(locked, ApplicationStatus.HANDED_OVER, by=by, at=at)
    return locked


@transaction.atomic
def cancel_uncollected(*, application: Application, by: trail.By, at: datetime) -> Application:
    """Nobody took the passport in the days that the office's terms give; the person is told.

    Raises OutOfTurn, StillKept.
    """
    locked = _locked(application)
    if locked.status != ApplicationStatus.READY:
        raise OutOfTurn(status=locked.get_status_display())
    if at < locked.pickup.until:
        raise StillKept
    _move(locked, ApplicationStatus.UNCOLLECTED, by=by, at=at)
    return locked


def note_arrival(application: Application, *, at: datetime) -> None:
    """The first step, in the transaction of the check-in."""
    Step.objects.create(application=application, status=ApplicationStatus.ARRIVED, at=at)


def _stop(
    application: Application,
    status: ApplicationStatus,
    reasons: tuple[StopReason, ...],
    *,
    reason: str,
    note: str,
    by: trail.By,
    at: datetime,
) -> Application:
    note = note.strip()[:NOTE_LENGTH]
    if reason not in reasons:
        raise StopReasonMissing
    if reason == StopReason.OTHER and not note:
        raise StopNoteMissing
    locked = _locked(application)
    stoppable = (*STOPPABLE, ApplicationStatus.DEFERRED)
    if locked.status not in stoppable or locked.status == status:
        raise OutOfTurn(status=locked.get_status_display())
    _move(locked, status, reason=reason, note=note, by=by, at=at)
    return locked


def _locked(application: Application) -> Application:
    rows = Application.objects.select_for_update(of=("self",)).select_related("account", "person")
    return rows.get(pk=application.pk)


def _move(
    application: Application,
    status: ApplicationStatus,
    *,
    reason: str = "",
    note: str = "",
    by: trail.By,
    at: datetime,
) -> None:
    application.status = status
    application.save(update_fields=["status"])
    step = Step.objects.create(
        application=application, status=status, at=at, reason=reason, note=note
    )
    facts = {"reason": reason} if reason else {}
    subject = f"application:{application.code}"
    trail.record(f"application.{status}", subject=subject, by=by, at=at, **facts)
    if status == ApplicationStatus.READY and (visit := visit_made(application)):
        plan_pickup(application, visit.slot.office, at=at)
    if status in TOLD:
        tell_step(application, status, step.pk, reason=reason, note=note, at=at)
