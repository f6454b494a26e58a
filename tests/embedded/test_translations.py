import gettext
from pathlib import Path

from mpaspor.embedded.translations import compile_catalogue, outdated

CATALOGUE = r"""
# A header as makemessages leaves it.
#, fuzzy
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

#: somewhere.html
msgid "Pay \"now\""
msgstr "Bayar “sekarang”"

msgid ""
"first line\n"
"second line"
msgstr ""
"baris satu\n"
"baris dua"

msgctxt "month"
msgid "May"
msgstr "Mei"

#, python-format
msgid "%(n)s seat"
msgid_plural "%(n)s seats"
msgstr[0] "%(n)s kursi"
msgstr[1] "%(n)s kursi-kursi"

#, fuzzy
msgid "Guess"
msgstr "Terka"

msgid "Untranslated"
msgstr ""

#~ msgid "Gone"
#~ msgstr "Hilang"
"""


def test_compile_every_kind_of_message_is_read_back(tmp_path: Path) -> None:
    source = tmp_path / "django.po"
    source.write_text(CATALOGUE, encoding="utf-8")
    assert compile_catalogue(source) == 4

    with (tmp_path / "django.mo").open("rb") as made:
        words = gettext.GNUTranslations(made)
    assert words.gettext('Pay "now"') == "Bayar “sekarang”"
    assert words.gettext("first line\nsecond line") == "baris satu\nbaris dua"
    assert words.pgettext("month", "May") == "Mei"
    assert words.ngettext("%(n)s seat", "%(n)s seats", 1) == "%(n)s kursi"
    assert words.ngettext("%(n)s seat", "%(n)s seats", 2) == "%(n)s kursi-kursi"
    for left_out in ("Guess", "Untranslated", "Gone"):
        assert words.gettext(left_out) == left_out


def test_outdated_after_compiling_is_empty(tmp_path: Path) -> None:
    source = tmp_path / "id" / "django.po"
    source.parent.mkdir()
    source.write_text(CATALOGUE, encoding="utf-8")
    assert outdated(tmp_path) == [source]
    compile_catalogue(source)
    assert outdated(tmp_path) == []
