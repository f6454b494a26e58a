"""Which counters and numbers an officer may use."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from appointments.access import Account, receives_people
from appointments.calls.models import Counter, QueueNumber
from quota.access import offices_of


def counters_of(user: Account) -> "QuerySet[Counter]":
    if not receives_people(user):
        return Counter.objects.none()
    rows = Counter.objects.filter(office__in=offices_of(user))
    return rows.select_related("office").order_by("office__name", "number")


def counter_at(user: Account, pk: int) -> Counter:
    return get_object_or_404(counters_of(user), pk=pk)


def number_at(user: Account, pk: int) -> QueueNumber:
    """Of an office where the user receives people. Raises Http404."""
    rows = QueueNumber.objects.filter(office__in=offices_of(user))
    if not receives_people(user):
        rows = rows.none()
    return get_object_or_404(rows.select_related("office", "appointment__application"), pk=pk)
