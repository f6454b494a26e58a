"""The verdict on a NIK as its holder typed it: what is wrong, what is unusual, what it says."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applicants.enums import Sex
from applicants.nik import Nik
from applicants.nik_problems import LOOK_ALIKES, Problem, problems_in


@dataclass(frozen=True)
class Note(Problem):
    """Unusual, and accepted."""


@dataclass(frozen=True)
class Verdict:
    """`signs` is what was typed, without blanks, dots and dashes; `nik` is there without problems.

    `suggestion` is the NIK that was probably meant where letters stand for digits.
    """

    signs: str = field(repr=False)
    nik: Nik | None
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...] = ()
    suggestion: str = field(default="", repr=False)


def judge(text: str, *, today: date) -> Verdict:
    """Everything that the sixteen digits themselves can tell. No register is asked.

    Letters that look like digits are pointed out with a suggestion, never changed silently.
    """
    signs = "".join(_digit(sign) for sign in text if not _is_filler(sign))
    if problems := problems_in(signs, today=today):
        return Verdict(signs, None, problems, suggestion=_suggestion(signs, today))
    nik = Nik(signs)
    return Verdict(signs, nik, (), notes=notes_on(nik))


def notes_on(nik: Nik) -> tuple[Note, ...]:
    """A code that is in no table of any year may be older than the tables: it is accepted."""
    if nik.region.regency is None:
        return (UNKNOWN_REGENCY,)
    return () if nik.region.district else (UNKNOWN_DISTRICT,)


def in_words(nik: Nik, *, today: date) -> str:
    """Muara Dua, Kota Lhokseumawe, Aceh; man; born 1 July 1990. In the language in force."""
    return _("%(region)s; %(sex)s; born %(dates)s") % {
        "region": nik.region,
        "sex": _("woman") if nik.sex == Sex.WOMAN else _("man"),
        "dates": either(date_format(day, "j F Y") for day in nik.birth_dates(today=today)),
    }


def either(texts: Iterable[str]) -> str:
    return _(" or ").join(texts)


NO_HARM = gettext_lazy(
    "It may be an old code: a NIK keeps the codes of its first registration. Go on."
)
UNKNOWN_REGENCY = Note(
    "nik-regency",
    3,
    4,
    gettext_lazy("Digits 3 and 4, the regency or city, are in none of our lists."),
    NO_HARM,
)
UNKNOWN_DISTRICT = Note(
    "nik-district",
    5,
    6,
    gettext_lazy("Digits 5 and 6, the district, are in none of our lists."),
    NO_HARM,
)


def _is_filler(sign: str) -> bool:
    """Blanks, dots, dashes and signs that cannot be seen."""
    return sign in ".\u2212" or sign.isspace() or unicodedata.category(sign) in {"Pd", "Cf"}


def _digit(sign: str) -> str:
    """Digits of any script become ours."""
    return str(unicodedata.decimal(sign, sign))


def _suggestion(signs: str, today: date) -> str:
    meant = "".join(LOOK_ALIKES.get(sign, sign) for sign in signs)
    return meant if not problems_in(meant, today=today) else ""
