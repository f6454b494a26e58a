"""Where an application stands for the person who made it."""

from datetime import datetime

from appointments.enums import ApplicationStatus, AppointmentStatus
from appointments.models import Application, Appointment
from appointments.thawing import hold_ends


def current_step(application: Application, appointment: Appointment | None, *, at: datetime) -> str:
    """The name of the page to go on with."""
    if application.status == ApplicationStatus.DRAFT:
        held = appointment is not None and appointment.status == AppointmentStatus.HELD
        return "review" if held and appointment and hold_ends(appointment) > at else "choose_office"
    if application.status == ApplicationStatus.PAID:
        return "choose_office"
    if application.status in {ApplicationStatus.SCHEDULED, ApplicationStatus.ARRIVED}:
        return "visit"
    return "bill"
