"""What people read when money is a case, or when a seat is theirs after all."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from payments.enums import CaseKind

FACTS = {
    "code": "ABCDEFGH23",
    "application": "ABCDEFGH24",
    "ntpn": "A" * 16,
    "amount": 650_000,
    "base_url": "https://mpaspor.example",
    "name": "Siti",
    "office": "Kantor Imigrasi Jakarta Selatan",
    "zone": "Asia/Jakarta",
    "day": "2026-12-01",
    "starts": "08:00:00",
    "ends": "09:00:00",
    "answers": "Paspor baru",
    "old_day": "2026-11-30",
    "old_starts": "10:00:00",
    "finding": "Bukti ini untuk kode billing lain.",
}
OTHERS = [
    "restored:",
    "restored_elsewhere:",
    "cancelled:",
    "cancelled_unpaid:",
    "moved:",
    "no_show:",
    "receipt:",
]
NAMES = [f"case:{kind}" for kind in CaseKind.values] + OTHERS


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["id", "en"])
def test_notice_says_what_happens_and_fits(name: str, language: str) -> None:
    what, kind = name.split(":")
    path = f"notices/appointments/{what}"
    with translation.override(language):
        mail = render_to_string(f"{path}.email.txt", FACTS | {"kind": kind})
        sms = render_to_string(f"{path}.sms.txt", FACTS | {"kind": kind}).strip()
    assert ("https://mpaspor.example/" in mail, "\n\n" in mail.strip()) == (True, True)
    assert len(sms) <= 160
    is_treasurers = what in {"case", "receipt"} and kind != "choose_again"
    assert ("Bendahara" in mail) == (language == "id" and is_treasurers)


def test_every_kind_of_case_has_words_of_its_own() -> None:
    mails = {
        render_to_string("notices/appointments/case.email.txt", FACTS | {"kind": kind})
        for kind in CaseKind.values
    }
    assert len(mails) == len(CaseKind.values)
