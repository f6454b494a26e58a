"""What cannot be right in sixteen signs that are to be a NIK: digits at fault, reason, remedy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from applicants.names import shown
from applicants.nik import LENGTH, Nik, Text, day_of
from applicants.regions import region_name

# What is read as a digit on a card or a screen and is none.
LOOK_ALIKES = {"O": "0", "o": "0", "l": "1", "I": "1", "i": "1", "|": "1"}
FEW = 3


@dataclass(frozen=True)
class Problem:
    """Why it is no NIK. `start` to `end` are the places at fault, counted from 1, both included.

    `meant` is the digit that a look-alike letter probably stands for.
    """

    code: str
    start: int
    end: int
    message: Text
    remedy: Text
    meant: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}"

    def concerns(self, start: int, end: int) -> bool:
        return self.start <= end and start <= self.end


DIGITS_ONLY = _("A NIK has digits only.")
COPY = _("Type the 16 digits on the identity card (KTP-el) or the family card (KK).")
COMPARE = _("Compare it with the identity card (KTP-el) or the family card (KK).")
ASK_OFFICE = _(
    "Compare it with the identity card (KTP-el) or the family card (KK). If the card says the "
    "same, ask the civil registry office (Dukcapil) to look at it."
)
MISSING = Problem(
    "nik-missing",
    1,
    LENGTH,
    _("The NIK is missing."),
    _("Type the 16 digits on the identity card."),
)


def problems_in(signs: str, *, today: date) -> tuple[Problem, ...]:
    """Everything that is wrong, in the order of the places. No register is asked.

    A part with a letter in it is not judged any further, nor are the parts of what is too short or
    too long: nobody knows which digits are missing.
    """
    if not signs:
        return (MISSING,)
    places = [place for place, sign in enumerate(signs, start=1) if sign not in "0123456789"]
    if len(places) > FEW:
        return (Problem("nik-not-a-digit", places[0], places[-1], DIGITS_ONLY, COPY),)
    strangers = [_stranger(place, signs[place - 1]) for place in places]
    if len(signs) != LENGTH:
        return (*strangers, _wrong_length(signs))
    found = [*strangers, *_wrong_parts(signs, today)]
    return tuple(sorted(found, key=lambda problem: problem.start))


def texts_of(problems: Sequence[Problem]) -> list[str]:
    """One text for each problem; a remedy that several share is said with the last of them."""
    texts = []
    for number, problem in enumerate(problems, start=1):
        later = [] if problem.meant else [other.remedy for other in problems[number:]]
        texts.append(str(problem.message) if problem.remedy in later else str(problem))
    return texts


def _stranger(place: int, sign: str) -> Problem:
    message = format_lazy(
        _("Place {place} is “{sign}”, and a NIK has digits only."), place=place, sign=shown(sign)
    )
    meant = LOOK_ALIKES.get(sign, "")
    remedy = format_lazy(_("Did you mean the digit {digit}?"), digit=meant) if meant else COPY
    return Problem("nik-not-a-digit", place, place, message, remedy, meant)


def _wrong_length(signs: str) -> Problem:
    message = format_lazy(_("A NIK has 16 digits; you typed {count}."), count=len(signs))
    return Problem("nik-length", 1, len(signs), message, COMPARE)


def _wrong_parts(signs: str, today: date) -> Iterator[Problem]:
    yield from _wrong_province(signs[:2])
    wrong_date = (*_wrong_day(signs[6:8]), *_wrong_month(signs[8:10]))
    yield from wrong_date or _wrong_date(signs, today)
    yield from _wrong_serial(signs[12:])


def _wrong_province(code: str) -> Iterator[Problem]:
    if code.isdecimal() and region_name(code) is None:
        message = format_lazy(
            _("Digits 1 and 2 are the province, and no province has the code {code}."), code=code
        )
        yield Problem("nik-province", 1, 2, message, ASK_OFFICE)


def _wrong_day(digits: str) -> Iterator[Problem]:
    if digits.isdecimal() and not 1 <= day_of(digits) <= 31:
        message = _("Digits 7 and 8 are the day of birth: 01 to 31, or 41 to 71 for women.")
        yield Problem("nik-day", 7, 8, message, COMPARE)


def _wrong_month(digits: str) -> Iterator[Problem]:
    if digits.isdecimal() and not 1 <= int(digits) <= 12:
        message = _("Digits 9 and 10 are the month of birth: 01 to 12.")
        yield Problem("nik-month", 9, 10, message, COMPARE)


def _wrong_date(signs: str, today: date) -> Iterator[Problem]:
    if signs[6:12].isdecimal() and not Nik(signs).birth_dates(today=today):
        message = _("Digits 7 to 12 are the date of birth, and there is no such day.")
        yield Problem("nik-date", 7, 12, message, COMPARE)


def _wrong_serial(digits: str) -> Iterator[Problem]:
    if digits == "0000":
        yield Problem("nik-serial", 13, 16, _("Digits 13 to 16 are never 0000."), COMPARE)
