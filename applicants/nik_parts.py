"""The seven parts of a NIK and what each of them says, for a page that explains it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.utils.dates import MONTHS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applicants.nik import LENGTH, Nik, day_of
from applicants.regions import region_name
from applicants.verdicts import Verdict, either


@dataclass(frozen=True)
class Part:
    """`start` to `end` are its places, counted from 1. `says` is empty where nobody can tell."""

    start: int
    end: int
    digits: str = field(repr=False)
    name: str | Promise
    says: str
    wrong: bool
    noted: bool


def parts_of(verdict: Verdict, *, today: date) -> list[Part]:
    """Nothing when there are not sixteen signs: nobody knows then which belong together."""
    if len(verdict.signs) != LENGTH:
        return []
    return [_part(verdict, *described, today) for described in PARTS]


def _part(
    verdict: Verdict,
    start: int,
    end: int,
    name: str | Promise,
    meaning: Callable[[str, date], str],
    today: date,
) -> Part:
    wrong = any(problem.concerns(start, end) for problem in verdict.problems)
    return Part(
        start=start,
        end=end,
        digits=verdict.signs[start - 1 : end],
        name=name,
        says="" if wrong else meaning(verdict.signs, today),
        wrong=wrong,
        noted=any(note.concerns(start, end) for note in verdict.notes),
    )


def _region(end: int) -> Callable[[str, date], str]:
    def name(signs: str, today: date) -> str:
        code = signs[:end]
        return (region_name(code) or "") if code.isdecimal() else ""

    return name


def _day(signs: str, today: date) -> str:
    day = day_of(signs[6:8])
    if int(signs[6:8]) == day:
        return _("%(day)s, a man") % {"day": day}
    return _("%(day)s, a woman: 40 is added to her day of birth") % {"day": day}


def _month(signs: str, today: date) -> str:
    return str(MONTHS[int(signs[8:10])])


def _year(signs: str, today: date) -> str:
    if not signs[6:10].isdecimal():
        return ""
    return either(str(day.year) for day in Nik(signs).birth_dates(today=today))


def _serial(signs: str, today: date) -> str:
    return _("a running number, given by the civil registry")


# Places, name and meaning; the meaning is asked only when nothing is wrong with these places.
PARTS = (
    (1, 2, gettext_lazy("Province"), _region(2)),
    (3, 4, gettext_lazy("Regency or city"), _region(4)),
    (5, 6, gettext_lazy("District"), _region(6)),
    (7, 8, gettext_lazy("Day of birth"), _day),
    (9, 10, gettext_lazy("Month of birth"), _month),
    (11, 12, gettext_lazy("Year of birth"), _year),
    (13, 16, gettext_lazy("Serial number"), _serial),
)
