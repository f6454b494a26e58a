from datetime import date

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from payments.reconciliation.models import Difference, Reconciliation


def runs() -> "QuerySet[Reconciliation]":
    """The latest day first, each with its `difference` in Rupiah and its `open` differences."""
    of_day = open_differences().order_by().filter(day=OuterRef("day")).values("day")
    count = Subquery(of_day.annotate(count=Count("pk")).values("count"), IntegerField())
    rows = Reconciliation.objects.annotate(open=Coalesce(count, 0))
    return rows.annotate(difference=F("theirs") - F("ours")).order_by("-day")


def open_differences() -> "QuerySet[Difference]":
    return Difference.objects.filter(cleared_at=None).order_by("-day", "line", "pk")


def all_differences() -> "QuerySet[Difference]":
    """With whoever cleared them."""
    return Difference.objects.select_related("cleared_by")


def differences_of(day: date) -> "QuerySet[Difference]":
    """Those that are open first."""
    return (
        all_differences()
        .filter(day=day)
        .order_by(F("cleared_at").asc(nulls_first=True), "line", "pk")
    )
