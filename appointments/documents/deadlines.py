"""Until when a document that is asked for again should be there."""

from datetime import date, datetime, timedelta

from django.conf import settings

from appointments.models import Appointment


def mend_by(appointment: Appointment, *, at: datetime) -> date | None:
    """The last day for it; None when that is over and the original is to be brought along."""
    slot = appointment.slot
    last: date = slot.date - timedelta(days=settings.DOCUMENTS_DAYS_BEFORE)
    return last if slot.office.local(at).date() <= last else None
