from django.db import models
from django.utils.translation import gettext_lazy as _


class BillStatus(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    ISSUED = "issued", _("Waiting for payment")
    PAID = "paid", _("Paid")
    EXPIRED = "expired", _("Expired")
    VOID = "void", _("Void")


OPEN_BILL = (BillStatus.REQUESTED, BillStatus.ISSUED)

BILL_MOVES: list[tuple[str, str]] = [
    (BillStatus.REQUESTED, BillStatus.ISSUED),
    (BillStatus.REQUESTED, BillStatus.EXPIRED),
    (BillStatus.REQUESTED, BillStatus.VOID),
    (BillStatus.ISSUED, BillStatus.PAID),
    (BillStatus.ISSUED, BillStatus.EXPIRED),
    (BillStatus.ISSUED, BillStatus.VOID),
    # Paid in time by the bank's clock, and known to us after we gave it up.
    (BillStatus.EXPIRED, BillStatus.PAID),
]


class Outcome(models.TextChoices):
    BILL_PAID = "bill_paid", _("Paid the bill")
    CASE = "case", _("Case for the treasurer")


class CaseKind(models.TextChoices):
    LATE = "late", _("Paid after the end of the time to pay")
    DUPLICATE = "duplicate", _("Paid twice")
    AMOUNT = "amount_mismatch", _("Wrong amount")
    DEAD_BILL = "dead_bill", _("Paid for a bill that was withdrawn")
    ORPHAN = "orphan", _("Paid for a billing code that we do not know")
    CHOOSE_AGAIN = "choose_again", _("Paid in time, but no equal seat was left")
    SESSION_CLOSED = "session_closed", _("The office closed the session, and no other day suits")


class CaseStatus(models.TextChoices):
    OPEN = "open", _("Open")
    APPROVED = "approved", _("Refund approved")
    SENT = "sent", _("Refund sent")
    CLOSED = "closed", _("Closed")


CASE_MOVES: list[tuple[str, str]] = [
    (CaseStatus.OPEN, CaseStatus.APPROVED),
    (CaseStatus.APPROVED, CaseStatus.SENT),
    (CaseStatus.SENT, CaseStatus.CLOSED),
    (CaseStatus.OPEN, CaseStatus.CLOSED),
]


class CallbackVerdict(models.TextChoices):
    """What an event of the gateway made us do."""

    ASKED = "asked", _("We asked about its bill")
    STRAY = "stray", _("No bill has this code; we ask about the code")
    CONTRADICTED = "contradicted", _("Told again differently under the same number")


class Remedy(models.TextChoices):
    """What one treasurer proposes and another one approves."""

    REFUND = "refund", _("Give the money back")
    MATCH = "match", _("Let the money pay a bill")


class Ending(models.TextChoices):
    REFUNDED = "refunded", _("The money was given back")
    MATCHED = "matched", _("The money found its bill")
    SEATED = "seated", _("The applicant has a seat")
    SETTLED = "settled", _("Settled in another way")


class IncidentKind(models.TextChoices):
    """What does not work; either stops the same clocks."""

    GATEWAY = "gateway", _("Payment")
    SERVICE = "service", _("This service")


class PaidThrough(models.TextChoices):
    """Channels that the gateway names; there may be others."""

    MOBILE_BANKING = "mobile_banking", _("Mobile or internet banking")
    ATM = "atm", _("ATM")
    TELLER = "teller", _("Bank counter")
    POST = "post", _("Post office")
    MARKETPLACE = "marketplace", _("Wallet or marketplace")
