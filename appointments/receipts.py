"""The receipt of a paid bill (bukti pembayaran), for whoever has to show what was paid."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from fpdf import FPDF

from applicants.papers import latin
from appointments.models import Appointment
from appointments.printing import WIDTH, line, row, sheet, square, text
from appointments.queries import Share, shares_of
from mpaspor.core.errors import Refusal
from mpaspor.core.money import rupiah
from mpaspor.core.templatetags.words import moment
from payments.models import Bill, Payment
from payments.queries import refund_of
from payments.reconciliation.asking import BANKS

AMOUNT_WIDTH = 40


class NotPaid(Refusal):
    code = "not-paid"
    message = gettext_lazy("There is no receipt: this bill is not paid.")
    remedy = gettext_lazy("Look at the bill: it says what is going on.")


def receipt(bill: Bill) -> bytes:
    """The PDF, in the language in force. Raises NotPaid."""
    payment = bill.paid_by
    if payment is None:
        raise NotPaid
    shares = shares_of(bill)
    page = sheet(f"M-Paspor {payment.ntpn}")
    _head(page, payment)
    if shares:
        square(page, bill_url(shares[0].appointment))
    for label, value in _facts(bill, payment, shares):
        row(page, label, value)
    _lines(page, bill, shares)
    _foot(page)
    return bytes(page.output())


def bill_url(appointment: Appointment) -> str:
    """What the QR holds: the bill's page, which only its owner opens."""
    return f"{settings.BASE_URL}/applications/{appointment.application.code}/bill/"


def _head(page: FPDF, payment: Payment) -> None:
    page.set_font("helvetica", "B", 20)
    line(page, _("Receipt"), 10)
    page.set_font("helvetica", "", 12)
    line(page, _("State fee (PNBP) for a passport, paid at a bank or post office. NTPN:"), 6)
    page.ln(3)
    page.set_font("courier", "B", 26)
    line(page, payment.ntpn, 12)


def _facts(bill: Bill, payment: Payment, shares: list[Share]) -> list[tuple[str, str]]:
    offices = {share.appointment.slot.office for share in shares}
    refund = refund_of(payment)
    facts = [
        (_("Paid"), rupiah(payment.amount)),
        (_("Paid at"), _("%(moment)s, by the bank's clock") % {"moment": _paid_at(payment)}),
        (_("Billing code"), payment.billing_code or bill.billing_code or ""),
        (_("NTB / NTP"), payment.ntb),
        (_("Channel"), payment.paid_through),
        (_("Office"), ", ".join(sorted(f"{office.name}, {office.city}" for office in offices))),
        (_("Given back"), refund.reference if refund else ""),
    ]
    return [(label, value) for label, value in facts if value]


def _paid_at(payment: Payment) -> str:
    return moment(payment.paid_at, str(BANKS))


def _lines(page: FPDF, bill: Bill, shares: list[Share]) -> None:
    """For whom and what; the sum below."""
    page.ln(3)
    page.set_font("helvetica", "B", 11)
    text(page, _("What was paid for"), 7)
    for share in shares:
        person = share.appointment.application.person.name
        page.set_font("helvetica", "B", 10)
        text(page, f"{person}, {share.appointment.code}", 6)
        page.set_font("helvetica", "", 10)
        for fee in share.lines:
            _fee(page, _(fee.description), fee.amount)
    page.line(page.get_x(), page.get_y() + 1, page.get_x() + WIDTH, page.get_y() + 1)
    page.ln(2)
    page.set_font("helvetica", "B", 11)
    _fee(page, _("Total"), bill.amount)


def _fee(page: FPDF, words: str, amount: int) -> None:
    page.cell(WIDTH - AMOUNT_WIDTH, 6, latin(words))
    page.cell(AMOUNT_WIDTH, 6, rupiah(amount), align="R", new_x="LMARGIN", new_y="NEXT")


def _foot(page: FPDF) -> None:
    page.ln(5)
    page.set_font("helvetica", "", 10)
    for words in (
        _("Made from our books. The NTPN is the state's own proof; banks know it too."),
        _("The square leads to the page of the bill, for whoever is signed in as its owner."),
    ):
        text(page, words, 5)
