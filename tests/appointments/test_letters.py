"""The letter as a printer and a scanner see it."""

from io import BytesIO

import pytest
from django.conf import settings
from django.utils import translation
from pypdf import PdfReader

from appointments.letters import letter, letter_url, qr_svg, verify_url
from appointments.models import Appointment
from quota.enums import Zone
from tests.factories.applicants import make_person, valid_nik
from tests.factories.appointments import make_confirmed
from tests.factories.quota import make_office, make_open_slot

pytestmark = pytest.mark.django_db


def confirmed(name: str = "", office: str = "", nik: str = "") -> Appointment:
    """Names as they may stand in the database, whatever the forms let in today."""
    person = make_person(nik=nik or valid_nik())
    place = make_office(zone=Zone.WITA, name=office or "Kantor Imigrasi Denpasar")
    appointment = make_confirmed(person=person, slot=make_open_slot(office=place))
    if name:
        appointment.application.person.name = name
        appointment.application.person.save()
    return appointment


def read(appointment: Appointment, language: str = "en") -> tuple[str, PdfReader]:
    with translation.override(language):
        pdf = PdfReader(BytesIO(letter(appointment)), strict=True)
    return "\n".join(page.extract_text() for page in pdf.pages), pdf


def test_letter_has_what_the_office_wants_to_see() -> None:
    appointment = confirmed("Siti Nurhaliza")
    bill = appointment.bill
    assert bill is not None

    text, pdf = read(appointment)

    wanted = [
        appointment.code,
        "Siti Nurhaliza",
        appointment.application.person.identity.masked_nik,
        "Kantor Imigrasi Denpasar",
        "10:00-11:00 WITA",
        str(bill.billing_code),
        "Rp650.000",
        str(appointment.slot.date.year),
    ]
    assert [fact for fact in wanted if fact not in text] == []
    assert len(pdf.pages) == 1
    assert pdf.metadata is not None
    assert pdf.metadata.title == f"M-Paspor {appointment.code}"


@pytest.mark.parametrize("language", ["id", "en"])
def test_letter_never_has_the_nik(language: str) -> None:
    nik = valid_nik()
    appointment = confirmed(nik=nik)
    with translation.override(language):
        pdf = letter(appointment)
    text, reader = read(appointment, language)
    everything = pdf + "".join(
        page.get_contents().get_data().decode("latin-1")  # type: ignore[union-attr]
        for page in reader.pages
    ).encode("latin-1")
    assert nik not in text
    assert nik.encode() not in everything
    assert f"{nik[:4]}********{nik[-4:]}" in text


def test_letter_says_the_day_in_the_language_of_the_reader() -> None:
    appointment = confirmed()
    with translation.override("id"):
        indonesian = f"{appointment.slot.date:%d}"
        assert indonesian.lstrip("0") in read(appointment, "id")[0]
    day = appointment.slot.date
    english = day.strftime("%A, ") + str(day.day) + day.strftime(" %B %Y")
    assert english in read(appointment, "en")[0]
    assert english not in read(appointment, "id")[0]


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("D'Arcy Ma'ruf", "D'Arcy Ma'ruf"),
        ("Zoë Ñandú", "Zoë Ñandú"),
        ("Ma’ruf", "Ma'ruf"),
        ("Nguyễn Thị Hương", "Nguyen Thi Huong"),
        ("Siti 🌺", "Siti"),
        ("<b>Siti</b> & %(name)s", "<b>Siti</b> & %(name)s"),
    ],
)
def test_letter_prints_odd_names_as_well_as_it_can(name: str, printed: str) -> None:
    assert printed in read(confirmed(name))[0]


@pytest.mark.parametrize("name", ["王小明", "🌺", "W" * 100, "Siti Nurhaliza " * 6])
def test_letter_with_a_name_that_fits_nowhere_is_still_one_page(name: str) -> None:
    appointment = confirmed(name, office="Kantor Imigrasi Kelas I Khusus Non-TPI " * 2)
    text, pdf = read(appointment)
    assert (len(pdf.pages), appointment.code in text) == (1, True)


def test_qr_leads_to_the_page_where_anybody_can_check_the_letter() -> None:
    appointment = confirmed()
    assert verify_url(appointment) == f"{settings.BASE_URL}/verify/{appointment.code}/"
    assert letter_url(appointment).startswith(f"{settings.BASE_URL}/verify/eyJ")
    assert qr_svg(appointment).startswith("data:image/svg+xml")
