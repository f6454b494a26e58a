"""What must hold of bills and money; each broken rule is one line."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from payments.enums import BillStatus, Outcome
from payments.models import Bill, BillCode, Payment

TOO_LONG = timedelta(minutes=15)
UNMATCHED = timedelta(minutes=10)


def broken(*, at: datetime) -> Iterator[str]:
    yield from _money()
    yield from _bills(at)
    current = Bill.objects.filter(billing_code__isnull=False).values("billing_code")
    old = BillCode.objects.values("billing_code")
    found = Q(billing_code__in=current) | Q(billing_code__in=old)
    orphans = Payment.objects.filter(found, bill=None)
    for ntpn in orphans.filter(known_at__lt=at - UNMATCHED).values_list("ntpn", flat=True):
        yield f"payment {ntpn} is an orphan although its bill is known"


def _money() -> Iterator[str]:
    for ntpn in Payment.objects.filter(settlement__isnull=True).values_list("ntpn", flat=True):
        yield f"payment {ntpn} is not settled"
    nothing = Payment.objects.filter(pays__isnull=True, cases__isnull=True)
    for ntpn in nothing.filter(settlement__isnull=False).values_list("ntpn", flat=True):
        yield f"payment {ntpn} paid no bill and is no case"


def _bills(at: datetime) -> Iterator[str]:
    settled = Bill.objects.filter(payments__settlement__outcome=Outcome.BILL_PAID)
    for code, status in settled.exclude(status=BillStatus.PAID).values_list("code", "status"):
        yield f"bill {code} is settled yet {status}"
    old = Bill.objects.filter(status=BillStatus.REQUESTED, requested_at__lt=at - TOO_LONG)
    for code in old.values_list("code", flat=True):
        yield f"bill {code} has waited for its code for more than 15 minutes"
