"""Asking the gateway about one bill sooner, because a person wants to know."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.core.nudge import nudge
from payments.enums import BillStatus
from payments.models import Bill
from payments.polling import EARLY_EVERY, EVERY

ASK = "payments.ask"


class NothingToAsk(Refusal):
    code = "nothing-to-ask"
    message = _("There is no billing code to ask the gateway about.")
    remedy = _("A bill gets its code from the gateway first; look again in some minutes.")


@transaction.atomic
def inquire_now(*, bill_code: str, by: trail.By, at: datetime) -> None:
    """Makes the bill due, whatever its status: a worker asks soon. Raises NothingToAsk."""
    bills = Bill.objects.select_for_update().filter(code=bill_code, billing_code__isnull=False)
    bill = bills.first()
    if bill is None:
        raise NothingToAsk
    bill.next_at = at
    bill.save(update_fields=["next_at"])
    trail.record("bill.inquire", subject=f"bill:{bill.code}", by=by, at=at)
    nudge(ASK)


def ask_oftener(*, bill: Bill) -> None:
    """Somebody has its page open: the gateway is asked as often as in the first minutes.

    Then a callback that was lost costs no more than half a minute. What is in a worker's hands, or
    planned in another rhythm, stays.
    """
    if bill.status != BillStatus.ISSUED or bill.asked_at is None:
        return
    if bill.next_at == bill.asked_at + EVERY:
        as_planned = Bill.objects.filter(pk=bill.pk, next_at=bill.next_at)
        as_planned.update(next_at=bill.asked_at + EARLY_EVERY)
