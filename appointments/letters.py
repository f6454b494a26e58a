"""The letter to bring along (surat pengantar): one A4 page that prints in black."""

import segno
from django.conf import settings
from django.utils.translation import gettext as _
from fpdf import FPDF

from appointments.bringing import ToBring, to_bring
from appointments.models import Appointment
from appointments.printing import WIDTH, line, row, sheet, square, text
from appointments.visits.signing import Claims, signed
from appointments.visits.voiding import serial_of
from mpaspor.core.money import rupiah
from mpaspor.core.templatetags.words import clock, day, zone_name
from payments.queries import share_of


def verify_url(appointment: Appointment) -> str:
    """A page where anybody who has the code can check the letter."""
    return f"{settings.BASE_URL}/verify/{appointment.code}/"


def letter_url(appointment: Appointment) -> str:
    """What the QR holds: the same page, with what the letter says under our signature."""
    claims = Claims(
        code=appointment.code,
        serial=serial_of(appointment),
        starts_at=appointment.slot.starts_at,
        kind=appointment.application.kind,
        office=appointment.slot.office.code,
    )
    return f"{settings.BASE_URL}/verify/{signed(claims)}/"


def qr_svg(appointment: Appointment) -> str:
    """The QR as a `data:` address for an image."""
    return segno.make(letter_url(appointment), error="m").svg_data_uri(scale=6, border=2)


def letter(appointment: Appointment) -> bytes:
    """The PDF, in the language in force."""
    page = sheet(f"M-Paspor {appointment.code}")
    _head(page, appointment)
    square(page, letter_url(appointment))
    for label, value in _facts(appointment):
        row(page, label, value)
    _documents(page, to_bring(appointment.application, on=appointment.slot.date))
    _foot(page)
    return bytes(page.output())


def _facts(appointment: Appointment) -> list[tuple[str, str]]:
    application, slot = appointment.application, appointment.slot
    office = slot.office
    bill = appointment.bill
    return [
        (_("Name"), application.person.name),
        (_("NIK"), application.person.identity.masked_nik),
        (_("Application"), f"{application.get_kind_display()}, {application.get_book_display()}"),
        (_("Service"), application.get_service_display()),
        (_("Office"), f"{office.name}, {office.city}"),
        (_("Day"), day(slot.date)),
        (_("Session"), f"{clock(slot.starts)}-{clock(slot.ends)} {zone_name(office.zone)}"),
        (_("Billing code"), (bill.billing_code or "") if bill else ""),
        (_("Paid"), rupiah(share_of(bill, appointment.code)) if bill else ""),
    ]


def _head(page: FPDF, appointment: Appointment) -> None:
    page.set_font("helvetica", "B", 20)
    line(page, _("Passport appointment"), 10)
    page.set_font("helvetica", "", 12)
    line(page, _("Show this letter at the office, on paper or on your phone."), 8)
    page.ln(4)
    page.set_font("courier", "B", 26)
    line(page, appointment.code, 12)
    page.ln(2)


def _documents(page: FPDF, bring: ToBring) -> None:
    """With a box to tick before each. What circumstances add comes below, in small letters."""
    page.ln(3)
    page.set_font("helvetica", "B", 11)
    text(page, _("Bring these documents"), 6)
    page.set_font("helvetica", "", 10)
    for document in bring.documents:
        page.rect(page.get_x(), page.get_y() + 1, 3, 3)
        page.cell(6, 5)
        text(page, document.paper.words["name"], 5, WIDTH - 6)
    page.set_font("helvetica", "", 8)
    if bring.also:
        text(page, _("Is something special about your case? Then bring also") + ":", 5)
    for each in bring.also:
        names = "; ".join(document.paper.words["name"] for document in each.documents)
        text(page, f"{each.circumstance.label}: {names}", 3.6)


def _foot(page: FPDF) -> None:
    page.ln(3)
    page.set_font("helvetica", "", 10)
    for words in (
        _("Come at the time of your session. Bring your original documents."),
        _("The seat belongs to the person named here and cannot be passed on."),
    ):
        text(page, words, 5)
