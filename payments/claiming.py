"""“I have paid”: the person's own word, which makes us ask the bank at once.

The claim books nothing. Its answer is the gateway's answer to our question; where that is "no" and
the person sent a picture of the receipt, a treasurer looks at it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from mpaspor.audit import trail
from mpaspor.core.errors import Refusal
from mpaspor.core.nudge import nudge
from payments.callbacks import ASK
from payments.casebook import due
from payments.enums import BillStatus
from payments.models import Bill, Claim, Payment
from payments.ntpn import look_alike, looks_like, read_ntpn

FINDING = 200


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


class LookedAtAlready(Refusal):
    code = "looked-at-already"
    message = _("This receipt does not wait for a treasurer any more.")
    remedy = _("Open the list again: somebody else was quicker, or the bill is paid.")


class FindingMissing(Refusal):
    code = "finding-missing"
    message = _("The person must learn what you found.")
    remedy = _("Write in a few words what the receipt shows and what the person is to do.")
    field = "finding"
    status = 422


@transaction.atomic
def claim_paid(
    *,
    bill_code: str,
    ntpn: str,
    ntb: str = "",
    has_picture: bool = False,
    by: trail.By,
    at: datetime,
) -> Claim:
    """Makes the bill due for a question now, and says until when the answer is there.

    A second claim takes the place of one that still waits. Letters that look alike are forgiven;
    with a picture the number may be missing.
    Raises NtpnUnreadable, NtbTooLong, NothingToClaim, AlreadyPaid.
    """
    typed = "" if has_picture and not ntpn.strip() else read_ntpn(ntpn)
    reference = _read_ntb(ntb)
    bill = Bill.objects.select_for_update().get(code=bill_code)
    if bill.status == BillStatus.PAID:
        raise AlreadyPaid
    if bill.billing_code is None:
        raise NothingToClaim
    due_at = at + timedelta(minutes=settings.CLAIM_MINUTES)
    facts: dict[str, Any] = {"ntpn": typed, "ntb": reference, "claimed_at": at}
    facts |= {"answer_due_at": due_at} | ({"has_picture": True} if has_picture else {})
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
    if claim is None:
        return
    claim.payment, claim.answered_at = _payment_claimed(claim), at
    if claim.payment is None and claim.has_picture:
        claim.look_by = due(at)
        facts = {"until": claim.look_by.isoformat()}
        trail.record("claim.refer", subject=f"bill:{bill.code}", by="simponi", at=at, **facts)
    claim.save(update_fields=["payment", "answered_at", "look_by"])


def _payment_claimed(claim: Claim) -> Payment | None:
    """The payment with that number: for this bill, or for a code that no bill has.

    Without a number, whatever came for this bill.
    """
    if not claim.ntpn:
        return claim.bill.payments.order_by("-pk").first()
    alike = Payment.objects.annotate(alike=looks_like("ntpn")).filter(alike=look_alike(claim.ntpn))
    return alike.filter(bill=claim.bill).first() or alike.filter(bill=None).first()


def claims_to_look_at() -> "QuerySet[Claim]":
    """Whose bill is not paid yet, the most urgent first."""
    rows = Claim.objects.filter(look_by__isnull=False, closed_at=None)
    return rows.exclude(bill__status=BillStatus.PAID).order_by("look_by", "pk")


@transaction.atomic
def close_claim(*, claim: Claim, finding: str, by: AbstractBaseUser, at: datetime) -> Claim:
    """A treasurer has looked at the picture. Raises LookedAtAlready, FindingMissing."""
    if not finding.strip():
        raise FindingMissing
    bill = Bill.objects.select_for_update().get(pk=claim.bill_id)
    row = claims_to_look_at().select_related("bill").filter(pk=claim.pk).first()
    if row is None:
        raise LookedAtAlready
    row.finding, row.closed_at, row.closed_by_id = finding.strip()[:FINDING], at, by.pk
    row.save(update_fields=["finding", "closed_at", "closed_by"])
    trail.record("claim.close", subject=f"bill:{bill.code}", by=by, at=at)
    return row
