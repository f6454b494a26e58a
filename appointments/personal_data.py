"""What is kept about an account's applications, appointments, bills and payments."""

from django.utils.translation import gettext_lazy as _

from applicants.models import User
from applicants.personal_data import Part, Table
from appointments.corrections.models import CorrectionRequest
from appointments.documents.access import pictures
from appointments.documents.models import Document, ReceiptPicture
from appointments.models import Application, Appointment, Move
from appointments.reseating.models import Reseated
from appointments.visits.models import HandOver, Step
from payments.models import Bill, BillLine, Case, Claim, Payment, Settlement
from quota.followers.models import Following
from quota.waiting_list.models import Wish


def _bills(account: User) -> list[int]:
    rows = Appointment.objects.filter(application__account=account, bill__isnull=False)
    return list(rows.values_list("bill_id", flat=True))


TABLES = (
    Table(
        Application,
        "applications",
        _("Applications"),
        lambda account: Application.objects.filter(account=account).select_related("person"),
        (
            "code",
            "person.code",
            "kind",
            "book",
            "service",
            "need",
            "journey.purpose",
            "journey.departure",
            "contact.name",
            "contact.relation",
            "contact.phone",
            "status",
            "created_at",
        ),
        ("id", "account", "identity", "need_sealed", "journey_sealed", "contact_sealed"),
    ),
    Table(
        Appointment,
        "appointments",
        _("Appointments"),
        lambda account: Appointment.objects.filter(application__account=account).select_related(
            "application", "slot__office", "bill"
        ),
        (
            "code",
            "application.code",
            "status",
            "slot.office.name",
            "slot.starts_at",
            "slot.ends_at",
            "bill.code",
            "held_at",
            "hold_until",
            "confirmed_at",
            "checked_in_at",
            "party",
            "moved",
        ),
        ("id", "identity", "thawed_at", "given_minutes"),
    ),
    Table(
        Move,
        "moves",
        _("Appointments that were moved"),
        lambda account: Move.objects.filter(
            appointment__application__account=account
        ).select_related("appointment", "old_slot", "new_slot"),
        (
            "appointment.code",
            "number",
            "why",
            "old_slot.starts_at",
            "new_slot.starts_at",
            "moved_at",
        ),
    ),
    Table(
        Reseated,
        "sessions_closed",
        _("Sessions that the office closed"),
        lambda account: Reseated.objects.filter(
            appointment__application__account=account
        ).select_related("appointment", "reseating", "old_slot", "new_slot"),
        (
            "appointment.code",
            "reseating.reason",
            "old_slot.starts_at",
            "new_slot.starts_at",
            "place",
            "answer",
            "answered_at",
        ),
        ("id", "next_at"),
    ),
    Table(
        CorrectionRequest,
        "corrections",
        _("Corrections you asked the office for"),
        lambda account: CorrectionRequest.objects.filter(
            appointment__application__account=account
        ).select_related("appointment"),
        (
            "code",
            "appointment.code",
            "kind",
            "book",
            "cause",
            "status",
            "asked_at",
            "answer",
            "answered_at",
        ),
        ("id", "answered_by"),
    ),
    Table(
        Step,
        "steps",
        _("On the way to the passport"),
        lambda account: Step.objects.filter(application__account=account).select_related(
            "application"
        ),
        ("application.code", "status", "at", "reason", "note"),
    ),
    Table(
        HandOver,
        "hand_overs",
        _("Passports handed over"),
        lambda account: HandOver.objects.filter(application__account=account).select_related(
            "application"
        ),
        ("application.code", "collector", "name", "authority", "at"),
        ("id", "erased"),
    ),
    Table(
        Document,
        "documents",
        _("Photos and PDFs of documents"),
        lambda account: Document.objects.filter(application__account=account).select_related(
            "application"
        ),
        (
            "code",
            "application.code",
            "kind",
            "status",
            "reason",
            "note",
            "media",
            "pages",
            "length",
            "sha256",
            "uploaded_at",
            "decided_at",
        ),
        ("id", "replaced_by", "remarks", "file"),
    ),
    Table(
        Wish,
        "waiting_list",
        _("Waiting list"),
        lambda account: Wish.objects.filter(account=account),
        (
            "code",
            "status",
            "first_day",
            "last_day",
            "hours",
            "service",
            "size",
            "is_earlier",
            "lapsed",
            "placed_at",
        ),
        ("id", "account", "offices"),
    ),
    Table(
        Following,
        "followed_offices",
        _("News of offices"),
        lambda account: Following.objects.filter(account=account).select_related("office"),
        ("office.name", "remind", "since"),
        ("id", "account"),
    ),
    Table(
        Bill,
        "bills",
        _("Bills"),
        lambda account: Bill.objects.filter(pk__in=_bills(account)),
        (
            "code",
            "billing_code",
            "payer",
            "payer_name",
            "amount",
            "status",
            "requested_at",
            "issued_at",
            "pay_until",
            "closed_at",
        ),
        (
            "id",
            "pay_minutes",
            "grace_minutes",
            "next_at",
            "attempts",
            "order_number",
            "asked_at",
            "trouble",
            "paid_by",
            "undecided_at",
            "patience_until",
            "latest",
            "thawed_at",
            "given_minutes",
            "renew_at",
        ),
    ),
    Table(
        BillLine,
        "fees",
        _("Fees"),
        lambda account: BillLine.objects.filter(bill__in=_bills(account)).select_related("bill"),
        ("bill.code", "for_code", "tariff", "description", "amount"),
    ),
    Table(
        Payment,
        "payments",
        _("Payments"),
        lambda account: Payment.objects.filter(bill__in=_bills(account)).select_related("bill"),
        (
            "bill.code",
            "billing_code",
            "ntpn",
            "ntb",
            "amount",
            "paid_at",
            "channel",
            "known_at",
        ),
    ),
    Table(
        Settlement,
        "settlements",
        _("What became of the payments"),
        lambda account: Settlement.objects.filter(payment__bill__in=_bills(account)).select_related(
            "payment"
        ),
        ("payment.ntpn", "outcome", "case", "at"),
    ),
    Table(
        Claim,
        "claims",
        _("Payments you told us of"),
        lambda account: Claim.objects.filter(bill__in=_bills(account)).select_related("bill"),
        (
            "bill.code",
            "ntpn",
            "ntb",
            "claimed_at",
            "answer_due_at",
            "answered_at",
            "look_by",
            "finding",
            "closed_at",
        ),
        without=("id", "payment", "has_picture", "closed_by"),
    ),
    Table(
        ReceiptPicture,
        "receipts",
        _("Pictures of receipts you sent"),
        lambda account: pictures().filter(claim__bill__in=_bills(account)),
        ("code", "claim.bill.code", "media", "pages", "length", "uploaded_at"),
        ("id", "sha256", "file"),
    ),
    Table(
        Case,
        "cases",
        _("Payments with the treasurer"),
        lambda account: Case.objects.filter(payment__bill__in=_bills(account)).select_related(
            "payment"
        ),
        (
            "code",
            "payment.ntpn",
            "kind",
            "status",
            "opened_at",
            "due_at",
            "remedy",
            "reference",
            "sent_at",
            "ending",
            "reason",
            "closed_at",
            "told_at",
        ),
        (
            "id",
            "match_bill",
            "proposed_by",
            "proposed_at",
            "approved_by",
            "approved_at",
        ),
    ),
)


def parts_of(account: User) -> list[Part]:
    return [table.part(account) for table in TABLES]
