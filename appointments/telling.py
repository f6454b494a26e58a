"""Telling applicants that a payment of theirs is with the treasurer, and what happens now."""

from datetime import datetime

from django.db import transaction

from appointments.models import Appointment
from appointments.notices import tell_case
from payments.casebook import mark_told, untold_cases
from payments.models import Case


@transaction.atomic
def tell_cases(*, at: datetime, batch: int = 100) -> int:
    """Each case once; returns how many. Money without a bill has nobody to be told."""
    cases = untold_cases(batch)
    for case in cases:
        _tell(case, at=at)
        mark_told(case, at=at)
    return len(cases)


def _tell(case: Case, *, at: datetime) -> None:
    of_bill = Appointment.objects.filter(bill=case.payment.bill_id).order_by("pk")
    appointment = of_bill.select_related("application__account", "slot__office").first()
    if appointment is not None:
        tell_case(case, appointment, at=at)
