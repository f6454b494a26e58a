"""Asking the gateway about one bill at once, because a person wants to know."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.core.nudge import nudge
from payments.models import Bill

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
