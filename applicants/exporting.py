"""Everything about an account as a file: for programs (JSON) and for reading (PDF)."""

import json
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from applicants.models import User
from applicants.papers import latin
from applicants.personal_data import Fact, Look, Part, looks_at, parts_of
from mpaspor.audit import trail
from mpaspor.core.templatetags.words import day, moment

MARGIN, WIDTH, LABELS = 18, 174, 58
NAMES = {
    "account": gettext_lazy("Account"),
    "added_at": gettext_lazy("Added"),
    "amount": gettext_lazy("Amount in Rupiah"),
    "answer": gettext_lazy("Answer"),
    "answer_due_at": gettext_lazy("Answer due"),
    "answered_at": gettext_lazy("Answered"),
    "application_code": gettext_lazy("Application"),
    "appointment_code": gettext_lazy("Appointment"),
    "asked_at": gettext_lazy("Asked"),
    "at": gettext_lazy("Moment"),
    "authority": gettext_lazy("Power of attorney"),
    "bill_code": gettext_lazy("Bill"),
    "billing_code": gettext_lazy("Billing code"),
    "birth_date": gettext_lazy("Date of birth"),
    "body": gettext_lazy("Text"),
    "birth_place": gettext_lazy("Place of birth"),
    "book": gettext_lazy("Passport book"),
    "case": gettext_lazy("Case for the treasurer"),
    "channel": gettext_lazy("By way of"),
    "checked_in_at": gettext_lazy("Checked in"),
    "claim_bill_code": gettext_lazy("Bill"),
    "claimed_at": gettext_lazy("Told at"),
    "closed_at": gettext_lazy("Closed"),
    "code": gettext_lazy("Code"),
    "collector": gettext_lazy("Who takes it"),
    "confirmed_at": gettext_lazy("Confirmed"),
    "contact_name": gettext_lazy("To be called in an emergency"),
    "contact_phone": gettext_lazy("Phone of the emergency contact"),
    "contact_relation": gettext_lazy("Emergency contact is"),
    "created_at": gettext_lazy("Added"),
    "date_joined": gettext_lazy("Opened"),
    "decided_at": gettext_lazy("Looked at"),
    "deed": gettext_lazy("What was done"),
    "description": gettext_lazy("Description"),
    "differs_from_nik": gettext_lazy("Differs from the NIK"),
    "due_at": gettext_lazy("Answer due"),
    "email": gettext_lazy("E-mail"),
    "email_verified": gettext_lazy("E-mail confirmed"),
    "ending": gettext_lazy("Ending"),
    "facts": gettext_lazy("Details"),
    "finding": gettext_lazy("What was found"),
    "first_day": gettext_lazy("From"),
    "for_code": gettext_lazy("Appointment"),
    "given_at": gettext_lazy("Given"),
    "guardian_code": gettext_lazy("Parent or guardian"),
    "heading": gettext_lazy("About"),
    "held_at": gettext_lazy("Seat held"),
    "hold_until": gettext_lazy("Seat held until"),
    "hours": gettext_lazy("Hours"),
    "identity_nik": gettext_lazy("NIK"),
    "issued_at": gettext_lazy("Billing code given"),
    "journey_departure": gettext_lazy("Day of departure"),
    "journey_purpose": gettext_lazy("What the passport is for"),
    "kind": gettext_lazy("Kind"),
    "known_at": gettext_lazy("Known to us"),
    "language": gettext_lazy("Language"),
    "lapsed": gettext_lazy("Offers not answered"),
    "last_day": gettext_lazy("Until"),
    "last_login": gettext_lazy("Last signed in"),
    "length": gettext_lazy("Size in bytes"),
    "look_by": gettext_lazy("Looked at until"),
    "media": gettext_lazy("Kind of file"),
    "mismatches": gettext_lazy("What differs"),
    "moved": gettext_lazy("Times moved"),
    "moved_at": gettext_lazy("Moved"),
    "name": gettext_lazy("Name"),
    "need": gettext_lazy("Help needed"),
    "new_slot_starts_at": gettext_lazy("New time"),
    "note": gettext_lazy("The officer's words"),
    "notices_by": gettext_lazy("Messages come by"),
    "ntb": gettext_lazy("Bank's reference (NTB)"),
    "ntpn": gettext_lazy("Receipt number (NTPN)"),
    "number": gettext_lazy("Number"),
    "office_name": gettext_lazy("Office"),
    "place": gettext_lazy("What became of it"),
    "reseating_reason": gettext_lazy("Reason"),
    "old_slot_starts_at": gettext_lazy("Old time"),
    "opened_at": gettext_lazy("Opened"),
    "outcome": gettext_lazy("Outcome"),
    "pages": gettext_lazy("Pages"),
    "paid_at": gettext_lazy("Paid"),
    "party": gettext_lazy("Booked together"),
    "pay_until": gettext_lazy("To be paid until"),
    "payer": gettext_lazy("Appointment"),
    "payer_name": gettext_lazy("Name on the bill"),
    "payment_ntpn": gettext_lazy("Receipt number (NTPN)"),
    "person_code": gettext_lazy("Person"),
    "person_limit": gettext_lazy("Persons allowed"),
    "phone": gettext_lazy("Mobile phone"),
    "phone_verified": gettext_lazy("Mobile phone confirmed"),
    "placed_at": gettext_lazy("On the list since"),
    "read_at": gettext_lazy("Read"),
    "reason": gettext_lazy("Reason"),
    "reference": gettext_lazy("Reference of the transfer"),
    "relation": gettext_lazy("Relation to the child"),
    "remedy": gettext_lazy("Proposal"),
    "remind": gettext_lazy("Reminder before the opening"),
    "requested_at": gettext_lazy("Bill asked for"),
    "sent_at": gettext_lazy("Sent"),
    "service": gettext_lazy("Service"),
    "sex": gettext_lazy("Sex"),
    "sha256": gettext_lazy("Fingerprint (SHA-256)"),
    "since": gettext_lazy("To be asked since"),
    "size": gettext_lazy("People"),
    "slot_ends_at": gettext_lazy("Session ends"),
    "slot_office_name": gettext_lazy("Office"),
    "slot_starts_at": gettext_lazy("Session starts"),
    "status": gettext_lazy("Status"),
    "subject": gettext_lazy("To what"),
    "tariff": gettext_lazy("Tariff"),
    "to": gettext_lazy("Contact"),
    "told_at": gettext_lazy("You were told"),
    "uploaded_at": gettext_lazy("Sent"),
    "used_at": gettext_lazy("Last used"),
    "verdict": gettext_lazy("Verdict"),
    "version": gettext_lazy("Version of the text"),
    "wanted_at": gettext_lazy("Wanted since"),
    "why": gettext_lazy("Reason"),
    "is_earlier": gettext_lazy("Only to come earlier"),
    "cause": gettext_lazy("Reason"),
    "withdrawn_at": pgettext_lazy("consent", "Withdrawn"),
    "words": gettext_lazy("Your words"),
}


def export_json(*, account: User, by: trail.By, at: datetime) -> bytes:
    """One object: a list of rows for each table, and who saw them. The NIK stands in full."""
    parts = {part.name: [_plain(row) for row in part.rows] for part in parts_of(account)}
    looks = [{"at": look.at, "who": look.who, "what": look.what} for look in looks_at(account)]
    _record(account, "json", by=by, at=at)
    whole = {"account": account.code, "made_at": at} | {"kept": parts, "looks": looks}
    return json.dumps(whole, ensure_ascii=False, indent=2, default=_written).encode()


def export_pdf(*, account: User, by: trail.By, at: datetime) -> bytes:
    """The same to read, in the language in force. Moments are in the capital's zone, named."""
    page = FPDF(format="A4")
    page.set_title(f"M-Paspor {account.code}")
    page.set_margin(MARGIN)
    page.add_page()
    _line(page, _("Your data"), size=20, bold=True)
    _line(page, moment(at, settings.TIME_ZONE))
    for part in parts_of(account):
        _part(page, part)
    _looks(page, looks_at(account))
    _record(account, "pdf", by=by, at=at)
    return bytes(page.output())


def _plain(row: dict[str, Fact]) -> dict[str, Any]:
    return {name: fact.value for name, fact in row.items()}


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def _part(page: FPDF, part: Part) -> None:
    page.ln(4)
    _line(page, str(part.title), size=14, bold=True)
    if not part.rows:
        _line(page, _("Nothing."))
    for row in part.rows:
        for name, fact in row.items():
            _row(page, str(NAMES.get(name, name)), _read(fact))
        page.ln(2)


def _looks(page: FPDF, looks: list[Look]) -> None:
    page.ln(4)
    _line(page, _("Who opened your data"), size=14, bold=True)
    if not looks:
        _line(page, _("Nobody."))
    for look in looks:
        _row(page, moment(look.at, settings.TIME_ZONE), f"{look.who}: {look.what}")


def _read(fact: Fact) -> str:
    value = fact.value
    if fact.words:
        return fact.words
    if isinstance(value, datetime):
        return moment(value, settings.TIME_ZONE)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "-" if value in (None, "", []) else str(value)


def _row(page: FPDF, label: str, value: str) -> None:
    page.set_font("helvetica", "", 10)
    top = page.get_y()
    page.multi_cell(LABELS, 5, latin(label), new_x=XPos.RIGHT, new_y=YPos.TOP)
    page.set_xy(MARGIN + LABELS, page.get_y() if page.get_y() < top else top)
    page.multi_cell(WIDTH - LABELS, 5, latin(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _line(page: FPDF, text: str, *, size: int = 10, bold: bool = False) -> None:
    page.set_font("helvetica", "B" if bold else "", size)
    page.multi_cell(WIDTH, size * 0.6, latin(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _record(account: User, form: str, *, by: trail.By, at: datetime) -> None:
    trail.record("export_data", subject=f"account:{account.code}", by=by, at=at, form=form)
