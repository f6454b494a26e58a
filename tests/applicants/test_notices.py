import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

# The seven-bit alphabet of SMS (GSM 03.38): one sign outside it halves the room.
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
FACTS = {"contact_code": "012345", "minutes": 30, "base_url": "https://m-paspor.example"}


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_code_by_sms_is_one_message_that_begins_with_the_code(language: str) -> None:
    with translation.override(language):
        text = render_to_string("notices/applicants/code.sms.txt", FACTS).strip()
    assert text.startswith("012345 ")
    assert (len(text) <= 160, set(text) - GSM) == (True, set())


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_code_by_email_has_the_code_in_subject_and_body(language: str) -> None:
    with translation.override(language):
        text = render_to_string("notices/applicants/code.email.txt", FACTS).strip()
    subject, _newline, body = text.partition("\n")
    assert "012345" in subject
    assert "012345" in body
    assert "&" not in body


CHANGES = {
    "changed": ("+62 813-****-1111", "+62 812-****-7890"),
    "added": ("", "siti.rahayu***@a-long-company-name.co.id"),
    "removed": ("+62 812-****-7890", ""),
}


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("change", CHANGES)
def test_changed_contacts_are_told_by_sms_in_the_alphabet_of_sms(
    language: str, change: str
) -> None:
    removed, added = CHANGES[change]
    facts = {"removed": removed, "added": added, "base_url": "https://m-paspor.example"}
    with translation.override(language):
        text = render_to_string("notices/applicants/contacts_changed.sms.txt", facts).strip()
    assert text.startswith("M-Paspor: ")
    assert text.endswith("https://m-paspor.example/account/recover/")
    assert (len(text) <= 160, set(text) - GSM) == (True, set())
    assert [part in text for part in (removed, added)] == [True, True]


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("change", CHANGES)
def test_changed_contacts_are_told_by_email_with_what_to_do(language: str, change: str) -> None:
    removed, added = CHANGES[change]
    facts = {"removed": removed, "added": added, "base_url": "https://m-paspor.example"}
    with translation.override(language):
        text = render_to_string("notices/applicants/contacts_changed.email.txt", facts).strip()
    subject, _newline, body = text.partition("\n")
    assert "M-Paspor" in subject
    assert [part in body for part in (removed, added)] == [True, True]
    assert ("https://m-paspor.example/account/recover/" in body, "&" in body) == (True, False)
