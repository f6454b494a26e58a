"""When a visit is still safe for somebody who travels, and whether there is a seat by then."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

from appointments.enums import LIVE_APPOINTMENT, ServiceClass
from appointments.models import Application, Appointment
from quota.models import Office
from quota.searching import earliest_seats, working_days_after, working_days_before


@dataclass(frozen=True)
class Advice:
    """`day` is that of the own visit (`is_own`), else of the earliest free seat, if any."""

    departure: date
    visit_by: date
    is_accelerated: bool
    day: date | None = None
    ready: date | None = None
    office: Office | None = None
    is_own: bool = False

    @property
    def state(self) -> str:
        """safe, tight (ready in time if nothing goes wrong), late, or nothing is free."""
        if self.day is None or self.ready is None:
            return "nothing"
        if self.day <= self.visit_by:
            return "safe"
        return "tight" if self.ready < self.departure else "late"


def advice_for(
    application: Application, appointment: Appointment | None, *, at: datetime
) -> Advice | None:
    """None while no journey to come is known."""
    journey = application.journey
    if journey is None or journey.departure is None:
        return None
    if journey.departure <= timezone.localdate(at):
        return None
    is_accelerated = application.service == ServiceClass.ACCELERATED
    making = 0 if is_accelerated else settings.MAKING_WORKING_DAYS
    spare = settings.SAFE_WORKING_DAYS - settings.MAKING_WORKING_DAYS
    visit_by = working_days_before(journey.departure, making + spare)
    seat = _own(appointment) or _earliest(application, at=at)
    if seat is None:
        return Advice(journey.departure, visit_by, is_accelerated)
    day, office, is_own = seat
    ready = working_days_after(day, making)
    return Advice(journey.departure, visit_by, is_accelerated, day, ready, office, is_own)


Seat = tuple[date, Office, bool]


def _own(appointment: Appointment | None) -> Seat | None:
    if appointment is None or appointment.status not in LIVE_APPOINTMENT:
        return None
    return appointment.slot.date, appointment.slot.office, True


def _earliest(application: Application, *, at: datetime) -> Seat | None:
    found = earliest_seats(service=application.service, at=at)
    return (found[0].day, found[0].office, False) if found else None
