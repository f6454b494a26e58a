"""The Indonesian catalogue: complete, faithful to the English, and what people really see."""

import re

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client
from django.utils.translation import override

from quota.enums import ReleaseStatus, Role
from tests.architecture.translating import (
    ROOT,
    Message,
    catalogue,
    english_in,
    indonesian,
    said_by_the_libraries,
    said_by_us,
    said_in_python,
    said_in_template,
    seen,
)
from tests.factories.quota import make_office, make_officer, make_open_slot, make_plan, make_release

BORROWED = ROOT / "mpaspor/borrowed_words.py"
KEPT = re.compile(r"%\(\w+\)[a-z]|%[A-Za-z]|\{[^}]*\}|<[^>]*>|\n")

# GSM 03.38: one SMS holds 160 of these, and 70 signs when there is another one among them.
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
SMS_LENGTH = 160
# News of an office carry a second link, which stops them.
TWO_PARTS = 306
SMS = sorted(
    str(path.relative_to(ROOT / "templates")) for path in ROOT.glob("templates/**/*.sms.txt")
)
LONG_FACTS = {
    "contact_code": "123456",
    "minutes": 30,
    "until": "10:45",
    "code": "MXX7RX7WPM",
    "application": "MXX7RX7WPN",
    "day": "2026-12-31",
    "starts": "08:00:00",
    "ends": "09:00:00",
    "zone": "Asia/Jayapura",
    "office": "Kantor Imigrasi Kelas I Khusus Non TPI Jakarta Selatan",
    "base_url": "https://paspor.example.org",
    "opens": "2026-12-30T10:45:00+09:00",
    "release": "MXX7RX7WPR",
    "token": "MXX7RX7WPTMXX7RX7WPT",
}


def test_catalogue_has_no_message_untranslated_or_guessed() -> None:
    unsure = [
        message.id
        for message, parts in catalogue().items()
        if "fuzzy" in parts or not all(text.strip() for text in indonesian(parts))
    ]
    assert unsure == []


def test_translation_keeps_what_is_put_in_and_how_it_is_laid_out() -> None:
    changed = [
        message.id
        for message, parts in catalogue().items()
        for text in indonesian(parts)
        if sorted(KEPT.findall(message.id)) != sorted(KEPT.findall(text))
    ]
    assert changed == []


def test_catalogue_lacks_nothing_that_is_said() -> None:
    assert sorted(said_by_us() - set(catalogue())) == []


def test_borrowed_words_are_still_those_of_the_libraries() -> None:
    borrowed = set(said_in_python(BORROWED.read_text(encoding="utf-8")))
    assert sorted(borrowed - said_by_the_libraries()) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('_("Pay " "now")', [Message("", "Pay now", "")]),
        ('ngettext("%(n)s seat", "%(n)s seats", n)', [Message("", "%(n)s seat", "%(n)s seats")]),
        ('words.pgettext("month", "May")', [Message("month", "May", "")]),
        ("_(name)", []),
        ('print("Pay now")', []),
    ],
)
def test_said_in_python_finds_texts_of_gettext(source: str, found: list[Message]) -> None:
    assert list(said_in_python(source)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{% translate "Pay now" %}', [Message("", "Pay now", "")]),
        ("<p title=\"{% translate 'Pay now' %}\">", [Message("", "Pay now", "")]),
        (
            "{% blocktranslate trimmed count n=n %}\n{{ n }} seat\n{% plural %}\n"
            "{{ n }} seats\n{% endblocktranslate %}",
            [Message("", "%(n)s seat", "%(n)s seats")],
        ),
        ("<p>Pay now</p>{% translate name %}", []),
    ],
)
def test_said_in_template_finds_texts_of_gettext(source: str, found: list[Message]) -> None:
    assert list(said_in_template(source)) == found


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("template", SMS)
def test_sms_with_long_facts_is_one_sms(template: str, language: str) -> None:
    with override(language):
        text = render_to_string(template, LONG_FACTS).strip()
    assert sorted(set(text) - GSM) == []
    assert 0 < len(text) <= (TWO_PARTS if "/release_" in template else SMS_LENGTH)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Skip to the content", ["Skip to the content"]),
        ("7 sesi\n7 sessions", ["sessions"]),
        ("NIK", []),
    ],
)
def test_english_in_knows_both_languages(text: str, found: list[str]) -> None:
    assert english_in(text) == found


@pytest.fixture
def _something_to_see() -> None:
    cache.clear()
    office = make_office(code="bandung", name="Kantor Imigrasi Bandung")
    make_open_slot(office=office)
    make_release(plan=make_plan(office), status=ReleaseStatus.SCHEDULED)


@pytest.mark.django_db
@pytest.mark.usefixtures("_something_to_see")
@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/", "Pesan jadwal kedatangan untuk paspor Indonesia"),
        ("/offices/", "Nama kantor, kota, atau provinsi"),
        ("/offices/bandung/", "Jadwal pembukaan kuota"),
        ("/availability/", "Tanggal tersedia"),
        ("/availability/?office=bandung&service=regular", "masih ada tempat"),
        ("/account/signup/", "Sudah punya akun?"),
        ("/account/login/", "Lupa kata sandi?"),
        ("/account/recover/", "Kirim kode"),
    ],
)
def test_page_without_a_choice_of_language_is_indonesian(
    client: Client, address: str, says: str
) -> None:
    text = seen(client.get(address).content.decode())
    assert says in text.splitlines()
    assert english_in(text) == []


@pytest.mark.django_db
def test_sign_up_left_empty_says_so_in_indonesian(client: Client) -> None:
    text = seen(client.post("/account/signup/", {"name": ""}).content.decode())
    assert "Bagian ini harus diisi." in text
    assert english_in(text) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("_something_to_see")
@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/admin/", "Tempat tersedia, sesi berikutnya"),
        ("/admin/roster/", "Daftar kedatangan harian"),
        ("/admin/quota/release/", "Saringan"),
        ("/admin/quota/closure/add/", "Kosong: semua kantor."),
    ],
)
def test_officers_page_is_indonesian(client: Client, address: str, says: str) -> None:
    client.force_login(
        make_officer(Role.CENTRE), "allauth.account.auth_backends.AuthenticationBackend"
    )
    text = seen(client.get(address).content.decode())
    assert says in text.splitlines()
    assert english_in(text) == []
