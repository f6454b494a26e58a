"""The NIK (nomor induk kependudukan): `PPRRDD ddmmyy ssss`.

Region of the first registration, birth date (day + 40 for women), serial. It has no check digit
and is kept for life. Legal source: UU 24/2013 art. 13; Permendagri 73/2022.
"""

from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applicants.birth_dates import is_too_old
from applicants.enums import Sex
from applicants.regions import Region, region_of

LENGTH = 16
WOMAN = 40
CENTURIES = (1900, 2000)

Text = str | Promise


@dataclass(frozen=True)
class Nik:
    """Sixteen digits that may be a NIK. Its text is masked; only `digits` has it in the clear."""

    digits: str = field(repr=False)

    def __str__(self) -> str:
        return masked(self.digits)

    @property
    def sex(self) -> Sex:
        return Sex.WOMAN if int(self.digits[6:8]) > WOMAN else Sex.MAN

    @property
    def region(self) -> Region:
        return region_of(self.digits)

    @property
    def day_month_year(self) -> tuple[int, int, int]:
        """The year has two digits."""
        day = day_of(self.digits[6:8])
        return day, int(self.digits[8:10]), int(self.digits[10:12])

    def birth_dates(self, *, today: date) -> tuple[date, ...]:
        """The days it can mean: of 19YY and 20YY those that exist and that somebody alive saw."""
        day, month, year = self.day_month_year
        days = (_date(century + year, month, day) for century in CENTURIES)
        return tuple(
            found for found in days if found and found <= today and not is_too_old(found, today)
        )


@dataclass(frozen=True)
class Difference:
    """What the NIK says otherwise than the form: `field` is birth_date or sex."""

    field: str
    message: Text


def differences(nik: Nik, *, birth_date: date | None, sex: str | None) -> tuple[Difference, ...]:
    """Where the form differs from the NIK. To be asked about, never a reason to refuse.

    What is None is not compared.
    """
    found = []
    if birth_date and nik.day_month_year != (birth_date.day, birth_date.month, _short(birth_date)):
        found.append(Difference("birth_date", _("The NIK says another date of birth.")))
    if sex and nik.sex != sex:
        found.append(Difference("sex", SAYS_SEX[nik.sex]))
    return tuple(found)


def day_of(digits: str) -> int:
    """The day of birth in digits 7 and 8."""
    number = int(digits)
    return number - WOMAN if number > WOMAN else number


def masked(nik: str) -> str:
    """As it may be shown: 1173********0001."""
    return f"{nik[:4]}********{nik[-4:]}"


SAYS_SEX = {
    Sex.WOMAN: _("The NIK is that of a woman."),
    Sex.MAN: _("The NIK is that of a man."),
}


def _short(day: date) -> int:
    return day.year % 100


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
