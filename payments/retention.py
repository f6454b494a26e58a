"""What payments keep: bills and payments stay, ten years at least (records of state revenue)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from payments.enums import BillStatus
from payments.models import Bill, CallbackEvent


def forget_payer(*, bill_codes: Iterable[str]) -> int:
    """Takes the name off bills that ended unpaid; returns how many had one."""
    unpaid = Bill.objects.filter(
        code__in=list(bill_codes), status=BillStatus.EXPIRED, payments__isnull=True
    )
    return unpaid.exclude(payer_name="").update(payer_name="")


def forget_callbacks(*, at: datetime) -> int:
    """Deletes what the gateway told long ago; what came of it stays. Returns how many."""
    old = at - timedelta(days=settings.CALLBACK_DAYS)
    return CallbackEvent.objects.filter(received_at__lt=old).delete()[0]
