"""The codes that a bill can be paid with: its own, and those it had before an incident."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from payments.models import Bill, BillCode


def bills_with(billing_code: str) -> "QuerySet[Bill]":
    """At most one: the gateway gives a code once."""
    old = BillCode.objects.filter(billing_code=billing_code).values("bill")
    return Bill.objects.filter(Q(billing_code=billing_code) | Q(pk__in=old))


def codes_of(bills: Iterable[Bill]) -> dict[int, list[str]]:
    """By the bill's key."""
    codes = {bill.pk: [bill.billing_code] if bill.billing_code else [] for bill in bills}
    for old in BillCode.objects.filter(bill__in=list(codes)).order_by("pk"):
        codes[old.bill_id].append(old.billing_code)
    return codes
