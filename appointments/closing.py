"""What keeps a session open: the people who have an appointment in it."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from appointments.enums import LIVE_APPOINTMENT
from appointments.models import Appointment
from mpaspor.core.errors import Refusal
from quota.models import Slot


class PeopleBooked(Refusal):
    code = "people-booked"
    message = _("%(people)s people have a seat in what you want to close.")
    remedy = _(
        "The head of the office can give all of them another seat: open “Move everybody and "
        "close” below. Or lower the seats to the number taken: then nobody else comes."
    )


def refuse_while_booked(slots: Iterable[Slot]) -> None:
    """Raises PeopleBooked."""
    people = Appointment.objects.filter(slot__in=slots, status__in=LIVE_APPOINTMENT).count()
    if people:
        raise PeopleBooked(people=people)
