"""A date of birth, in any usual writing: 31-12-1990, 31/12/1990, 31 Desember 1990, 1990-12-31."""

import re
import unicodedata
from datetime import date

from django.utils.translation import gettext_lazy as _

from mpaspor.core.errors import Refusal

OLDEST = 120
# By their first three letters: Indonesian, its older spellings, English.
MONTHS = {
    "jan": 1, "feb": 2, "peb": 2, "mar": 3, "apr": 4, "mei": 5, "may": 5, "jun": 6, "jul": 7,
    "agu": 8, "ags": 8, "agt": 8, "aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "nop": 11,
    "des": 12, "dec": 12,
}  # fmt: skip


class BirthDateNotValid(Refusal):
    code = "birth-date-not-valid"
    message = _("This is not a date.")
    remedy = _("Type day, month and year, for example 31/12/1990.")
    field = "birth_date"
    status = 422


class NoSuchDay(BirthDateNotValid):
    message = _("There is no such day in the calendar.")


class YearNeedsFourDigits(BirthDateNotValid):
    message = _("The year needs four digits.")


class BirthDateNotPast(BirthDateNotValid):
    message = _("The date of birth must be in the past.")


class BirthDateTooOld(BirthDateNotValid):
    message = _("The date of birth is more than 120 years ago.")


def read_date(text: str) -> date:
    """Day before month, or year first; raises BirthDateNotValid."""
    parts = re.findall(r"[0-9]+|[^\W\d_]+", unicodedata.normalize("NFKC", text))
    if len(parts) == 1 and re.fullmatch(r"[0-9]{8}", parts[0]):
        parts = [parts[0][:2], parts[0][2:4], parts[0][4:]]
    if len(parts) != 3:
        raise BirthDateNotValid
    if len(parts[0]) == 4:
        parts.reverse()
    return _date(*parts)


def refuse_impossible(birth_date: date, *, today: date) -> None:
    """Raises BirthDateNotPast, BirthDateTooOld (more than 120 years ago)."""
    if birth_date >= today:
        raise BirthDateNotPast
    if is_too_old(birth_date, today):
        raise BirthDateTooOld


def is_too_old(birth_date: date, today: date) -> bool:
    return birth_date < _years_before(today, OLDEST)


def _date(day: str, month: str, year: str) -> date:
    number = month if month.isdigit() else MONTHS.get(month[:3].lower())
    if number is None or not (day.isdigit() and year.isdigit()):
        raise BirthDateNotValid
    if len(year) == 2:
        raise YearNeedsFourDigits
    try:
        return date(int(year), int(number), int(day))
    except (ValueError, OverflowError) as no:
        raise NoSuchDay from no


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
