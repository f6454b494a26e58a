"""What only the API reads. Rows of other accounts are not there (Http404)."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from appointments.access import Account, appointments_at, appointments_of
from appointments.arrival import NotConfirmed
from appointments.enums import EXPECTED
from appointments.models import Appointment
from mpaspor.core.codes import typed_code
from quota.access import offices_of
from quota.models import Office


def appointments(user: Account) -> "QuerySet[Appointment]":
    """The account's own, with their bills, lines and payments."""
    rows = appointments_of(user).select_related("queue_number")
    return rows.prefetch_related("bill__lines", "bill__payments__settlement")


def appointment(user: Account, code: str) -> Appointment:
    return get_object_or_404(appointments(user), code=typed_code(code))


def appointment_billed(user: Account, bill_code: str) -> Appointment:
    """One that the bill pays for; of a party, the first."""
    rows = appointments(user).filter(bill__code=typed_code(bill_code)).order_by("pk")
    return get_object_or_404(rows[:1])


def confirmed_appointment(user: Account, code: str) -> Appointment:
    """Raises NotConfirmed: before and after that there is no letter."""
    found = appointment(user, code)
    if found.status not in EXPECTED:
        raise NotConfirmed(status=found.get_status_display())
    return found


def office_of(user: Account, code: str) -> Office:
    """An office where the user serves."""
    return get_object_or_404(offices_of(user), code=code)


def expected_at_offices_of(user: Account, code: str) -> Appointment:
    """An appointment where the user receives people."""
    return get_object_or_404(appointments_at(user), code=typed_code(code))
