import pytest

from applicants.contacts import read_contact
from applicants.mail_domains import likely_meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gamil.co", "gmail.com"),
        ("gmail.co.id", "gmail.com"),
        ("yaho.com", "yahoo.com"),
        ("yaho.co.id", "yahoo.co.id"),
        ("yahoo.co.di", "yahoo.co.id"),
        ("hotmial.com", "hotmail.com"),
        ("outlok.com", "outlook.com"),
        ("iclod.com", "icloud.com"),
    ],
)
def test_likely_meant_of_a_slip_is_the_well_known_provider(typed: str, meant: str) -> None:
    assert likely_meant(read_contact(f"siti@{typed}")) == read_contact(f"siti@{meant}")


@pytest.mark.parametrize(
    "domain",
    [
        *("gmail.com", "ymail.com", "mail.com", "yahoo.co.id"),
        *("example.com", "ui.ac.id", "ugm.ac.id", "pln.co.id", "kemenkeu.go.id", "telkom.net"),
        *("gmx.com", "zoho.com", "mail.ru", "hotmail.fr", "yahoo.com.sg", "live.co.uk", "aol.com"),
    ],
)
def test_likely_meant_of_an_own_name_is_nothing(domain: str) -> None:
    assert likely_meant(read_contact(f"siti@{domain}")) is None


def test_likely_meant_of_a_phone_is_nothing() -> None:
    assert likely_meant(read_contact("0812-3456-7890")) is None
