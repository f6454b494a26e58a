from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from mpaspor.core.breaker import Line
from mpaspor.core.codes import new_code
from payments.enums import (
    BILL_MOVES,
    CASE_MOVES,
    OPEN_BILL,
    BillStatus,
    CallbackVerdict,
    CaseKind,
    CaseStatus,
    Ending,
    IncidentKind,
    Outcome,
    PaidThrough,
    Remedy,
)


class Tariff(models.Model):
    """A state fee in whole Rupiah, in force from a day on (PP 45/2024 on non-tax revenue)."""

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=100)
    amount = models.PositiveIntegerField(_("amount in Rupiah"))
    in_force_from = models.DateField(_("in force from"))
    in_force_until = models.DateField(_("in force until"), null=True, blank=True)

    class Meta:
        verbose_name = _("tariff")
        verbose_name_plural = _("tariffs")
        ordering = ("code", "-in_force_from")
        constraints = (
            models.UniqueConstraint(fields=["code", "in_force_from"], name="tariff_once_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.in_force_from}"


class Bill(models.Model):
    """What somebody owes the state. Its amount is frozen; its code comes from the gateway.

    `payer` is the opaque code of whatever is being paid for: this app knows no appointment. Each
    line may name by `for_code` for whom of several it is.
    `next_at` is when a worker is to ask the gateway again.
    """

    code = models.CharField(_("code"), max_length=10, unique=True, default=new_code, editable=False)
    payer = models.CharField(_("appointment or party code"), max_length=10, db_index=True)
    payer_name = models.CharField(_("payer"), max_length=60)
    amount = models.PositiveIntegerField(_("amount in Rupiah"))
    status = models.CharField(
        _("status"), max_length=10, choices=BillStatus, default=BillStatus.REQUESTED, editable=False
    )
    billing_code = models.CharField(_("billing code"), max_length=15, null=True, unique=True)
    pay_minutes = models.PositiveSmallIntegerField()
    # What banks get on top of the deadline that people are told.
    grace_minutes = models.PositiveSmallIntegerField()
    requested_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    pay_until = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Which order to the gateway this is: each has a request key of its own.
    order_number = models.PositiveSmallIntegerField(default=1)
    asked_at = models.DateTimeField(null=True)
    trouble = models.CharField(_("trouble with the gateway"), max_length=80, blank=True)
    # The gateway has said nothing for hours after the end: since when a person has to decide, and
    # until when a person let us go on (payments/deciding.py).
    undecided_at = models.DateTimeField(null=True)
    patience_until = models.DateTimeField(null=True)
    # No time to pay beyond this moment, however long clocks stood still.
    latest = models.DateTimeField(null=True)
    # Incidents before this moment are made good, with so many minutes (payments/renewing.py); when
    # a worker is to try to do so again.
    thawed_at = models.DateTimeField(null=True)
    given_minutes = models.PositiveIntegerField(default=0, db_default=0)
    renew_at = models.DateTimeField(null=True)
    # The one payment that paid it: a bill is paid once, and a payment pays one bill.
    paid_by = models.OneToOneField(
        "payments.Payment", null=True, on_delete=models.PROTECT, related_name="pays"
    )

    class Meta:
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        constraints = (
            models.UniqueConstraint(
                fields=["payer"],
                condition=models.Q(status__in=OPEN_BILL),
                name="one_open_bill",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[BillStatus.ISSUED, BillStatus.PAID],
                    billing_code__isnull=False,  # else the check would be NULL, which passes
                    billing_code__regex=r"^[0-9]{15}$",
                )
                | ~models.Q(status__in=[BillStatus.ISSUED, BillStatus.PAID]),
                name="issued_bill_has_code",
            ),
            models.CheckConstraint(
                condition=models.Q(status=BillStatus.PAID, paid_by__isnull=False)
                | ~models.Q(status=BillStatus.PAID) & models.Q(paid_by__isnull=True),
                name="paid_by_a_payment",
            ),
        )
        indexes = (
            models.Index(
                fields=["next_at"],
                name="bill_due",
                condition=models.Q(next_at__isnull=False),
            ),
            models.Index(
                fields=["undecided_at"],
                name="bills_undecided",
                condition=models.Q(undecided_at__isnull=False),
            ),
            # Lists by day; rows come in the order of their moments.
            BrinIndex(fields=["requested_at"], name="bills_by_day", autosummarize=True),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="bill_moves", field="status", transitions=BILL_MOVES),
            pgtrigger.ReadOnly(name="bill_frozen", fields=["code", "payer", "amount"]),
            pgtrigger.Protect(name="bill_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.billing_code or self.code


class BillLine(models.Model):
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="lines")
    tariff = models.CharField(_("tariff"), max_length=20)
    description = models.CharField(_("description"), max_length=100)
    amount = models.PositiveIntegerField()
    for_code = models.CharField(_("appointment code"), max_length=10, blank=True, db_default="")

    class Meta:
        verbose_name = _("fee of a bill")
        verbose_name_plural = _("fees of a bill")
        triggers: ClassVar = [
            pgtrigger.Protect(name="line_frozen", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.tariff} {self.amount}"


class Payment(models.Model):
    """Money that reached the state, as the gateway told it. Never changed.

    An orphan has only the `billing_code` it was paid with; it gets its bill once, when we know it.
    """

    bill = models.ForeignKey(
        Bill, null=True, on_delete=models.PROTECT, related_name="payments", verbose_name=_("bill")
    )
    billing_code = models.CharField(_("billing code"), max_length=15, blank=True)
    ntpn = models.CharField(max_length=16, unique=True)
    ntb = models.CharField(max_length=20, blank=True)
    amount = models.PositiveBigIntegerField()
    paid_at = models.DateTimeField()
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    known_at = models.DateTimeField()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        indexes = (
            models.Index(
                fields=["billing_code"],
                name="orphan_payments",
                condition=models.Q(bill__isnull=True),
            ),
            BrinIndex(fields=["paid_at"], name="payments_by_day", autosummarize=True),
        )
        triggers: ClassVar = [
            pgtrigger.Protect(name="payment_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="payment_immutable",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__bill__isnull=False)
                | pgtrigger.Q(new__bill__isnull=True),
            ),
            pgtrigger.ReadOnly(
                name="payment_frozen",
                fields=["billing_code", "ntpn", "ntb", "amount", "paid_at", "channel", "known_at"],
            ),
            pgtrigger.Trigger(
                name="payment_settled",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func="""
                IF NOT EXISTS (SELECT 1 FROM payments_settlement WHERE payment_id = NEW.id)
                THEN RAISE EXCEPTION 'payment % is not settled', NEW.ntpn;
                END IF;
                RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.ntpn

    @property
    def paid_through(self) -> str:
        """In words; a channel of another name as the gateway calls it."""
        return str(PaidThrough(self.channel).label) if self.channel in PaidThrough else self.channel


class Settlement(models.Model):
    """What became of a payment when it was booked: exactly one for each."""

    payment = models.OneToOneField(
        Payment, on_delete=models.PROTECT, related_name="settlement", verbose_name=_("payment")
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    case = models.CharField(_("case"), max_length=20, choices=CaseKind, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(outcome=Outcome.CASE) & ~models.Q(case="")
                | models.Q(outcome=Outcome.BILL_PAID, case=""),
                name="case_has_a_kind",
            ),
        )
        triggers: ClassVar = [
            pgtrigger.Protect(name="settlement_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="settled_once", fields=["payment", "outcome", "case", "at"]),
        ]

    def __str__(self) -> str:
        return f"{self.payment}: {self.get_outcome_display()}"


class Case(models.Model):
    """Money that a person has to look after. At most one open case for each payment."""

    code = models.CharField(_("code"), max_length=10, unique=True, default=new_code, editable=False)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="cases", verbose_name=_("payment")
    )
    kind = models.CharField(_("case"), max_length=20, choices=CaseKind)
    status = models.CharField(
        _("status"), max_length=10, choices=CaseStatus, default=CaseStatus.OPEN, editable=False
    )
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    remedy = models.CharField(_("proposal"), max_length=10, choices=Remedy, blank=True)
    # The bill that the money is to pay, when a match is proposed.
    match_bill = models.ForeignKey(Bill, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    reference = models.CharField(_("reference of the transfer"), max_length=40, blank=True)
    sent_at = models.DateTimeField(null=True)
    ending = models.CharField(_("ending"), max_length=10, choices=Ending, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)
    # When the applicant was told; an orphan has none until its bill is found.
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = (
            models.UniqueConstraint(
                fields=["payment"],
                condition=~models.Q(status=CaseStatus.CLOSED),
                name="one_open_case",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | models.Q(proposed_by__isnull=False)
                & ~models.Q(approved_by=models.F("proposed_by")),
                name="case_approved_by_another",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=[CaseStatus.APPROVED, CaseStatus.SENT])
                | models.Q(approved_by__isnull=False, remedy=Remedy.REFUND),
                name="refund_is_approved",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=CaseStatus.SENT) & ~models.Q(ending=Ending.REFUNDED)
                | ~models.Q(reference="")
                & models.Q(sent_at__isnull=False, approved_by__isnull=False),
                name="refund_has_reference",
            ),
            models.CheckConstraint(
                condition=models.Q(status=CaseStatus.CLOSED, closed_at__isnull=False)
                & ~models.Q(ending="")
                | ~models.Q(status=CaseStatus.CLOSED) & models.Q(closed_at__isnull=True, ending=""),
                name="closed_case_has_ending",
            ),
        )
        indexes = (
            models.Index(
                fields=["due_at"],
                name="cases_due",
                condition=~models.Q(status=CaseStatus.CLOSED),
            ),
        )
        triggers: ClassVar = [
            pgtrigger.FSM(name="case_moves", field="status", transitions=CASE_MOVES),
            pgtrigger.ReadOnly(
                name="case_bound", fields=["code", "payment", "kind", "opened_at", "due_at"]
            ),
            pgtrigger.Protect(name="case_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.code


class Claim(models.Model):
    """Somebody's word that a bill is paid: the number on the receipt as typed, a picture, or both.

    Answered by the gateway: `payment` is the one with that number, None when there is none. If
    there is none but a picture, a treasurer looks at it until `look_by` and says what was found.
    """

    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="claims")
    ntpn = models.CharField(max_length=16, blank=True)
    ntb = models.CharField(max_length=20, blank=True)
    # The picture itself is kept where files are (appointments/documents).
    has_picture = models.BooleanField(default=False, db_default=False)
    claimed_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="+")
    look_by = models.DateTimeField(null=True)
    # In the treasurer's words; the person reads it.
    finding = models.CharField(max_length=200, blank=True, db_default="")
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("claim of a payment")
        verbose_name_plural = _("claims of payments")
        constraints = (
            models.UniqueConstraint(
                fields=["bill"],
                condition=models.Q(answered_at__isnull=True),
                name="one_waiting_claim",
            ),
            models.CheckConstraint(
                condition=models.Q(payment__isnull=True) | models.Q(answered_at__isnull=False),
                name="claim_found_is_answered",
            ),
            models.CheckConstraint(
                condition=~models.Q(ntpn="") | models.Q(has_picture=True),
                name="claim_says_something",
            ),
            models.CheckConstraint(
                condition=models.Q(look_by__isnull=True)
                | models.Q(has_picture=True, answered_at__isnull=False, payment__isnull=True),
                name="claim_looked_at_has_picture",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, finding="", closed_by__isnull=True)
                | models.Q(closed_at__isnull=False, look_by__isnull=False) & ~models.Q(finding=""),
                name="claim_closed_with_finding",
            ),
        )
        indexes = (
            models.Index(
                fields=["look_by"],
                name="claims_to_look_at",
                condition=models.Q(look_by__isnull=False, closed_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.ntpn or f"{self.bill}"


class CallbackEvent(models.Model):
    """What the gateway told us, as it came: kept as evidence, believed in nothing."""

    event_id = models.CharField(max_length=64, unique=True)
    billing_code = models.CharField(max_length=15)
    # Of what was told, without the moment of sending.
    fingerprint = models.CharField(max_length=64)
    body = models.BinaryField()
    received_at = models.DateTimeField(db_index=True)
    verdict = models.CharField(max_length=12, choices=CallbackVerdict)
    # When to ask about a code that no bill has.
    next_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("event of the gateway")
        verbose_name_plural = _("events of the gateway")
        indexes = (
            models.Index(
                fields=["next_at"],
                name="stray_due",
                condition=models.Q(next_at__isnull=False),
            ),
        )
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="event_frozen",
                fields=["event_id", "billing_code", "fingerprint", "body", "received_at"],
            ),
        ]

    def __str__(self) -> str:
        return self.event_id


class BillCode(models.Model):
    """A code that a bill had before an incident ended; money for it pays the bill."""

    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="old_codes")
    billing_code = models.CharField(_("billing code"), max_length=15, unique=True)
    replaced_at = models.DateTimeField()

    class Meta:
        verbose_name = _("old code of a bill")
        verbose_name_plural = _("old codes of a bill")
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="old_code_frozen", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return self.billing_code


class Incident(models.Model):
    """Something that people need does not work; their clocks stand still meanwhile.

    Of each kind one is open at a time. Once it ended it never changes.
    """

    code = models.CharField(_("code"), max_length=10, unique=True, default=new_code, editable=False)
    what = models.CharField(_("what does not work"), max_length=10, choices=IncidentKind)
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    # Empty: the timetable saw it by itself.
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # When to remind those who can end what an officer opened.
    remind_at = models.DateTimeField(null=True)
    reason = models.CharField(
        _("what people are told"),
        max_length=200,
        blank=True,
        help_text=_("In plain Indonesian; it stands on the pages of everybody who waits."),
    )

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        constraints = (
            models.UniqueConstraint(
                fields=["what"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_incident",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(ended_at__gte=models.F("began_at")),
                name="incident_ends_after_it_began",
            ),
        )
        triggers: ClassVar = [
            pgtrigger.Protect(name="incident_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="incident_ends_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ended_at__isnull=False),
            ),
            pgtrigger.ReadOnly(
                name="incident_frozen", fields=["code", "what", "began_at", "opened_by", "reason"]
            ),
        ]

    def __str__(self) -> str:
        return self.code


class GatewayLine(Line):
    """Whether the payment gateway answers."""

    # Since when it has not.
    silent_since = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(pk=1), name="one_gateway_line"),)
