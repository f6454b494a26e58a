"""Where an application stands for the person who made it."""

from datetime import datetime

from appointments.enums import ENDED_AT_OFFICE, IN_THE_WORKS, ApplicationStatus, AppointmentStatus
from appointments.models import Application, Appointment
from appointments.thawing import hold_ends

# There is something to bring, to wait for or to collect.
VISIT = (
    ApplicationStatus.SCHEDULED,
    *IN_THE_WORKS,
    *ENDED_AT_OFFICE,
)


def current_step(application: Application, appointment: Appointment | None, *, at: datetime) -> str:
    """The name of the page to go on with."""
    if application.status == ApplicationStatus.DRAFT:
        held = appointment is not None and appointment.status == AppointmentStatus.HELD
        return "review" if held and appointment and hold_ends(appointment) > at else "tasks"
    if application.status == ApplicationStatus.PAID:
        return "choose_office"
    if application.status in VISIT:
        return "visit"
    return "bill"
