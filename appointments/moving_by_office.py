"""Another day given by the office, for one of its reasons: the person's own right is not spent."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from appointments.applying import AlreadyActive
from appointments.enums import (
    ACTIVE_APPLICATION,
    BY_OFFICE,
    LIVE_APPOINTMENT,
    ApplicationStatus,
    AppointmentStatus,
    MoveReason,
)
from appointments.models import Application, Appointment
from appointments.moving import SameOfficeOnly, move
from appointments.party import in_the_way, locked_party
from appointments.priority import refuse_unfit
from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from quota.models import Slot
from quota.queries import slot_for_booking

# Confirmed, or did not come: also after the day itself.
MOVABLE = (AppointmentStatus.CONFIRMED, AppointmentStatus.NO_SHOW)


class NotToBeMoved(Refusal):
    code = "not-to-be-moved"
    message = _("The office cannot give another day in this state: %(status)s.")
    remedy = _("Only who has paid and has not been received yet is given another day.")


class ReasonNotListed(Refusal):
    code = "reason-not-listed"
    message = _("Another day is given for one of the listed reasons only.")
    remedy = _("Choose the reason.")
    field = "why"
    status = 422


class SameSession(Refusal):
    code = "same-session"
    message = _("That is the session the person has.")
    remedy = _("Choose another one.")
    field = "slot"


def move_by_office(
    *,
    appointment: Appointment,
    slot_code: str,
    why: MoveReason,
    alone: bool = False,
    by: trail.By,
    at: datetime,
) -> list[Appointment]:
    """To another session of the office, with those of the party who are in the same one and state,
    or `alone`; all of them or none. Seats that the office keeps back may be used.

    Returns who was moved. Raises ReasonNotListed, NotToBeMoved, SlotGone, SameOfficeOnly,
    SameSession, OtherService, PriorityOnly, AlreadyActive, SlotFull, TooFewSeats.
    """
    if why not in BY_OFFICE:
        raise ReasonNotListed
    try:
        return _move(appointment, slot_code, why, alone, by=by, at=at)
    except IntegrityError as clash:
        if "one_active_application" in str(clash) or "one_live_appointment" in str(clash):
            raise AlreadyActive from clash
        raise


@transaction.atomic
def _move(
    appointment: Appointment,
    slot_code: str,
    why: MoveReason,
    alone: bool,
    *,
    by: trail.By,
    at: datetime,
) -> list[Appointment]:
    party = locked_party(appointment)
    mine = next(member for member in party if member.pk == appointment.pk)
    if mine.status not in MOVABLE:
        raise NotToBeMoved(status=mine.get_status_display())
    slot = slot_for_booking(code=slot_code, at=at)
    going = [mine] if alone else likewise(mine, party)
    _refuse(going, slot)
    for member in going:
        _confirm_again(member)
    move(going, slot, why=why, by=by, at=at, with_kept=True)
    return going


def likewise(mine: Appointment, party: list[Appointment]) -> list[Appointment]:
    """Of the party those in the same session and state, `mine` included."""
    place = (mine.slot_id, mine.status)
    return [member for member in party if (member.slot_id, member.status) == place]


def _refuse(going: list[Appointment], slot: Slot) -> None:
    old = going[0].slot
    if slot.office_id != old.office_id:
        raise SameOfficeOnly(office=old.office.name)
    if slot.pk == old.pk:
        raise SameSession
    applications = [member.application for member in going]
    for member in going:
        with in_the_way(member.application, of=len(going)):
            refuse_unfit(member.application, slot, applications)
            _refuse_elsewhere(member)


def _refuse_elsewhere(member: Appointment) -> None:
    """Who did not come may have begun anew meanwhile. Raises AlreadyActive."""
    if member.status != AppointmentStatus.NO_SHOW:
        return
    live = Appointment.objects.filter(identity=member.identity_id, status__in=LIVE_APPOINTMENT)
    active = Application.objects.filter(identity=member.identity_id, status__in=ACTIVE_APPLICATION)
    if live.exists() or active.exists():
        raise AlreadyActive


def _confirm_again(member: Appointment) -> None:
    if member.status == AppointmentStatus.NO_SHOW:
        member.status = AppointmentStatus.CONFIRMED
        member.save(update_fields=["status"])
        member.application.status = ApplicationStatus.SCHEDULED
        member.application.save(update_fields=["status"])
