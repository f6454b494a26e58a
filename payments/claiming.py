"""“I have paid”: the person's own word, which makes us ask the bank at once.

The claim books nothing. Its answer is the gateway's answer to our question.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.core.nudge import nudge
from payments.callbacks import ASK
from payments.enums import BillStatus
from payments.models import Bill, Claim, Payment
from payments.ntpn import look_alike, looks_like, read_ntpn


class NothingToClaim(Refusal):
    code = "nothing-to-claim"
    message = _("This bill has no billing code yet, so nobody can have paid it.")
    remedy = _("Wait for the code: it comes by itself, and your time to pay starts then.")


class AlreadyPaid(Refusal):
    code = "already-paid"
    message = _("We know already that this bill is paid.")
    remedy = _("You need not do anything: look at your appointment.")


class NtbTooLong(Refusal):
    code = "ntb-too-long"
    message = _("The NTB or NTP has at most 20 letters and digits.")
    remedy = _("It stands on the receipt. You may also leave it empty.")
    field = "ntb"
    status = 422


@transaction.atomic
def claim_paid(*, bill_code: str, ntpn: str, ntb: str = "", by: trail.By, at: datetime) -> Claim:
    """Makes the bill due for a question now, and says until when the answer is there.

    A second claim takes the place of one that still waits. Letters that look alike are forgiven.
    Raises NtpnUnreadable, NtbTooLong, NothingToClaim, AlreadyPaid.
    """
    typed, reference = read_ntpn(ntpn), _read_ntb(ntb)
    bill = Bill.objects.select_for_update().get(code=bill_code)
    if bill.status == BillStatus.PAID:
        raise AlreadyPaid
    if bill.billing_code is None:
        raise NothingToClaim
    due = at + timedelta(minutes=settings.CLAIM_MINUTES)
    facts = {"ntpn": typed, "ntb": reference, "claimed_at": at, "answer_due_at": due}
    claim, _new = Claim.objects.update_or_create(bill=bill, answered_at=None, defaults=facts)
    bill.next_at = at
    bill.save(update_fields=["next_at"])
    trail.record("bill.claim", subject=f"bill:{bill.code}", by=by, at=at, ntpn=typed)
    nudge(ASK)
    return claim


def _read_ntb(text: str) -> str:
    reference = "".join(text.split()).upper()
    if len(reference) > 20 or not all(sign.isprintable() for sign in reference):
        raise NtbTooLong
    return reference


def answer_claim(bill: Bill, *, at: datetime) -> None:
    """The gateway has answered a question that was asked at `at`; the bill is locked.

    Who claimed only after that moment waits for the next answer.
    """
    claim = Claim.objects.filter(bill=bill, answered_at=None, claimed_at__lte=at).first()
    if claim is not None:
        claim.payment, claim.answered_at = _payment_claimed(claim), at
        claim.save(update_fields=["payment", "answered_at"])


def _payment_claimed(claim: Claim) -> Payment | None:
    """The payment with that number: for this bill, or for a code that no bill has."""
    alike = Payment.objects.annotate(alike=looks_like("ntpn")).filter(alike=look_alike(claim.ntpn))
    return alike.filter(bill=claim.bill).first() or alike.filter(bill=None).first()
