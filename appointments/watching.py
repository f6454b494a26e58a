"""A bill as its owner watches it: pages ask every second or two, so few questions must do."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from appointments.access import Account, appointments_of
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from mpaspor.core.codes import typed_code
from payments.enums import BillStatus
from payments.models import Bill, Claim, Incident
from payments.moments import stop_of
from payments.queries import number_of_cases
from payments.stopping import current_incident


@dataclass(frozen=True)
class Watched:
    appointment: Appointment
    bill: Bill
    cases: int
    # What became of “I have paid”: none, asking, answered, or closed by a treasurer.
    claim: str
    # Since when the clock stands still, and the outage that goes on.
    stopped: datetime | None
    outage: Incident | None
    # The time to pay is over, and the bank has not said its last word.
    over: bool

    @property
    def state(self) -> str:
        """Changes whenever the page is to change."""
        trouble = "trouble" if self.bill.trouble else "well"
        return (
            f"{self.appointment.status}.{self.bill.status}.{trouble}.{self.cases}.{self.claim}"
            f"{self._clock}{'.over' * self.over}{'.undecided' * bool(self.bill.undecided_at)}"
        )

    @property
    def _clock(self) -> str:
        """What an outage changes: that time stands still, and then the new code."""
        if self.stopped:
            return ".outage" if self.outage else ".stopped"
        return f".code{self.bill.order_number}" if self.bill.given_minutes else ""

    @property
    def is_waiting(self) -> bool:
        """For the money, or for the seat that comes of it."""
        if self.appointment.status == AppointmentStatus.EXPIRED:
            return self.bill.status == BillStatus.PAID and not self.cases
        return self.appointment.status == AppointmentStatus.AWAITING_PAYMENT

    @property
    def may_claim(self) -> bool:
        return self.bill.billing_code is not None and self.bill.status != BillStatus.PAID


def watched(user: Account, code: str) -> Watched | None:
    """Of the account's application with this code; None where nothing is billed."""
    claims = Claim.objects.filter(bill=OuterRef("bill"))
    rows = appointments_of(user).filter(application__code=typed_code(code))
    found = rows.select_related("bill__paid_by").annotate(
        cases=number_of_cases("bill"),
        claimed=Exists(claims),
        asking=Exists(claims.filter(answered_at=None)),
        looked=Exists(claims.filter(closed_at__isnull=False)),
        read_at=Now(),
    )
    newest = found.order_by("-held_at", "-pk").first()
    if newest is None or newest.bill is None:
        return None
    bill, stopped = newest.bill, stop_of(newest.bill)
    return Watched(
        appointment=newest,
        bill=bill,
        cases=newest.cases,
        claim=_claim(newest),
        stopped=stopped,
        outage=current_incident() if stopped else None,
        over=not stopped and _is_over(bill, newest.read_at),
    )


def _claim(row: Appointment) -> str:
    if row.asking:  # type: ignore[attr-defined]
        return "asking"
    if row.looked:  # type: ignore[attr-defined]
        return "closed"
    return "answered" if row.claimed else "none"  # type: ignore[attr-defined]


def _is_over(bill: Bill, at: datetime) -> bool:
    until = bill.pay_until if bill.status == BillStatus.ISSUED else None
    return until is not None and until <= at
