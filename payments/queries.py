from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from payments.enums import BillStatus, CaseStatus, Ending
from payments.models import Bill, BillLine, Case, Claim, Payment


def cases_of(bill: Bill) -> "list[Case]":
    """What became of money for this bill that needs a person, closed cases too."""
    rows = Case.objects.filter(payment__bill=bill)
    return list(rows.select_related("payment").order_by("pk"))


def number_of_cases(bill: str) -> Coalesce:
    """How many `cases_of` will find for the bill in this column of another table."""
    of_bill = Case.objects.filter(payment__bill=OuterRef(bill)).order_by().values("payment__bill")
    return Coalesce(Subquery(of_bill.annotate(number=Count("pk")).values("number")), 0)


def refund_of(payment: Payment) -> Case | None:
    """The case that gave the money back."""
    return Case.objects.filter(payment=payment, ending=Ending.REFUNDED).first()


def newest_claim(bill: Bill) -> Claim | None:
    return Claim.objects.filter(bill=bill).order_by("-claimed_at", "-pk").first()


def open_cases() -> "QuerySet[Case]":
    """What treasurers have to look after, the most urgent first."""
    rows = Case.objects.exclude(status=CaseStatus.CLOSED)
    return rows.select_related("payment__bill").order_by("due_at", "pk")


def paid_without_case() -> "QuerySet[Bill]":
    """Paid bills whose money no person has to look after."""
    cases = Case.objects.exclude(ending=Ending.MATCHED).values("payment")
    return Bill.objects.filter(status=BillStatus.PAID).exclude(paid_by__in=cases)


def share_of(bill: Bill, for_code: str) -> int:
    """What of the bill is for the one of this code, in Rupiah."""
    lines = BillLine.objects.filter(bill=bill, for_code__in=["", for_code])
    return sum(lines.values_list("amount", flat=True))
