"""Is this letter good? For anybody who has it in hand, and nothing personal in the answer."""

import re
from dataclasses import dataclass

from appointments.enums import EXPECTED
from appointments.models import Appointment
from appointments.visits.enums import LetterState, VoidReason
from appointments.visits.models import VoidLetter
from appointments.visits.signing import Claims, Forged, is_signed, read
from mpaspor.core.codes import typed_code


@dataclass(frozen=True)
class Checked:
    """There is an appointment to show only when the letter is good."""

    state: LetterState
    appointment: Appointment | None = None
    reason: str = ""

    @property
    def why(self) -> str:
        return str(VoidReason(self.reason).label) if self.reason else ""


def check_letter(text: str) -> Checked:
    """`text`: a code, what a QR holds, or the address in it. The signature is looked at first."""
    text = in_address(text)
    claims = None
    if is_signed(text):
        try:
            claims = read(text)
        except Forged:
            return Checked(LetterState.FORGED)
    rows = Appointment.objects.select_related("slot__office")
    code = claims.code if claims else typed_code(text)
    found = rows.filter(code=code, confirmed_at__isnull=False).first()
    if found is None:
        return Checked(LetterState.UNKNOWN)
    if found.status not in EXPECTED:
        return Checked(LetterState.CANCELLED)
    if claims and (reason := _void(claims, found)):
        return Checked(LetterState.MOVED, reason=reason)
    return Checked(LetterState.VALID, found)


def in_address(text: str) -> str:
    """The code or signed letter in what was typed, or in the address that a scanner reads."""
    address = re.search(r"/verify/([^/?#\s]+)", text, re.IGNORECASE)
    return address[1] if address else text.strip()


def _void(claims: Claims, appointment: Appointment) -> str:
    """Why a letter with this serial, moment or office is not the appointment's good one."""
    rows = VoidLetter.objects.filter(appointment=appointment)
    void = {row.serial: row.reason for row in rows}
    if claims.serial in void:
        return str(void[claims.serial])
    slot = appointment.slot
    moved = claims.starts_at != slot.starts_at.replace(microsecond=0)
    moved |= claims.office not in ("", slot.office.code)
    return VoidReason.MOVED.value if moved else ""
