"""Telling people: that a payment is with the treasurer; that an outage was not ended."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from applicants.models import User
from appointments.models import Appointment
from appointments.notices import tell_case, tell_incident_goes_on
from payments.casebook import mark_told, untold_cases
from payments.incidents import forgotten_incidents, plan_next_reminder
from payments.models import Case
from quota.enums import Role


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


@transaction.atomic
def remind_of_incidents(*, at: datetime) -> int:
    """Who can end them, each once at each moment that was planned; returns how many outages."""
    incidents = forgotten_incidents(at=at)
    for incident in incidents:
        for officer in _who_end_incidents():
            tell_incident_goes_on(incident, officer, at=at)
        plan_next_reminder(incident, at=at)
    return len(incidents)


def _who_end_incidents() -> "QuerySet[User]":
    may = Q(officer__role=Role.CENTRE) | Q(is_superuser=True)
    return User.objects.filter(may, is_active=True).order_by("pk")
