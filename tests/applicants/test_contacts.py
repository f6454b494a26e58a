import pytest
from hypothesis import given
from hypothesis import strategies as st

from applicants.contacts import (
    Contact,
    ContactNotUnderstood,
    EmailNotValid,
    PhoneNotIndonesian,
    PhoneNotMobile,
    read_contact,
)
from mpaspor.notifications.models import Channel


@pytest.mark.parametrize(
    "typed",
    [
        "081234567890",
        "0812-3456-7890",
        "0812 3456 7890",
        "0812.3456.7890",
        "(0812) 3456-7890",
        "+62 812 3456 7890",
        "+6281234567890",
        "+62 (0)812-3456-7890",
        "62812-3456-7890",
        "006281234567890",
        "81234567890",
        " 0812–3456—7890 ",
        "０８１２３４５６７８９０",
        "+６２ ８１２ ３４５６ ７８９０",
        "٠٨١٢٣٤٥٦٧٨٩٠",
        "0812\u200b3456\u00a07890",
        "\u202a+62 812-3456-7890\u202c",
    ],
)
def test_read_contact_phone_in_any_writing_is_e164(typed: str) -> None:
    assert read_contact(typed) == Contact(Channel.SMS, "+6281234567890")


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("0811-234-567", "+62811234567"),
        ("0812 3456 78901", "+62812345678901"),
        ("0895-1234-56789", "+62895123456789"),
        ("0857 1234 5678", "+6285712345678"),
    ],
)
def test_read_contact_mobile_of_any_length_is_accepted(typed: str, e164: str) -> None:
    assert read_contact(typed).to == e164


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("+65 9123 4567", PhoneNotIndonesian),
        ("+1 415 555 2671", PhoneNotIndonesian),
        ("0060 12 345 6789", PhoneNotIndonesian),
        ("+", ContactNotUnderstood),
        ("021-5551234", PhoneNotMobile),
        ("(021) 555 1234", PhoneNotMobile),
        ("0812-3456", PhoneNotMobile),
        ("0812-3456-7890-1234-5678", PhoneNotMobile),
        ("9" * 10_000, PhoneNotMobile),
        ("0", PhoneNotIndonesian),
        ("0812-3456-7890 (WA)", ContactNotUnderstood),
        ("budi", ContactNotUnderstood),
        ("", ContactNotUnderstood),
        ("budi@", EmailNotValid),
        ("@example.com", EmailNotValid),
        ("budi@example", EmailNotValid),
        ("budi@@example.com", EmailNotValid),
        ("bu\x00di@example.com", EmailNotValid),
        ("budi@example.com\r\nBcc: a@b.id", EmailNotValid),
        (f"{'a' * 250}@example.com", EmailNotValid),
    ],
)
def test_read_contact_of_no_use_is_refused(typed: str, refusal: type[ContactNotUnderstood]) -> None:
    with pytest.raises(ContactNotUnderstood) as no:
        read_contact(typed)
    assert type(no.value) is refusal


@pytest.mark.parametrize(
    "typed",
    ["budi@example.com", "Budi@Example.COM", " budi @ example.com ", "ｂｕｄｉ＠example.com"],
)
def test_read_contact_email_in_any_writing_is_lower_case(typed: str) -> None:
    assert read_contact(typed) == Contact(Channel.EMAIL, "budi@example.com")


@given(st.text(max_size=60))
def test_read_contact_any_text_is_read_or_refused(text: str) -> None:
    try:
        contact = read_contact(text)
    except ContactNotUnderstood:
        return
    assert read_contact(contact.to) == contact
    assert read_contact(str(contact)) == contact


@given(
    prefix=st.sampled_from(["0", "62", "+62", "0062", "+62 0", ""]),
    rest=st.text("0123456789", min_size=6, max_size=8),
    gaps=st.lists(st.sampled_from(["", " ", "-", ".", "(", ")", "\u200b"]), min_size=11),
)
def test_read_contact_any_grouping_is_the_same_number(
    prefix: str, rest: str, gaps: list[str]
) -> None:
    digits = f"812{rest}"
    grouped = "".join(gap + digit for gap, digit in zip(gaps, digits, strict=False))
    assert read_contact(prefix + grouped + digits[len(gaps) :]).to == f"+62{digits}"


def test_contact_is_shown_as_people_write_it() -> None:
    assert str(read_contact("081234567890")) == "+62 812-3456-7890"
    assert str(read_contact("Budi@example.com")) == "budi@example.com"


@pytest.mark.parametrize(
    ("typed", "masked"),
    [
        ("081234567890", "+62 812-****-7890"),
        ("0811-234-567", "+62 811-****-4567"),
        ("siti@gmail.com", "s***@gmail.com"),
        ("a@example.com", "a***@example.com"),
    ],
)
def test_contact_masked_keeps_enough_for_its_holder(typed: str, masked: str) -> None:
    assert read_contact(typed).masked == masked
