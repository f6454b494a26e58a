from datetime import date

import pytest

from applicants.enums import Sex
from applicants.nik import Nik, differences, masked

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("born", "sex", "fields"),
    [
        (date(1990, 7, 1), Sex.MAN, []),
        (date(1990, 7, 1), Sex.WOMAN, ["sex"]),
        (date(1990, 7, 2), Sex.MAN, ["birth_date"]),
        (date(1991, 7, 1), Sex.WOMAN, ["birth_date", "sex"]),
        (date(1890, 7, 1), Sex.MAN, []),
        (None, Sex.WOMAN, ["sex"]),
        (date(1990, 7, 2), None, ["birth_date"]),
        (None, None, []),
    ],
)
def test_differences_names_the_fields(
    born: date | None, sex: Sex | None, fields: list[str]
) -> None:
    found = differences(Nik("1173010107900001"), birth_date=born, sex=sex)
    assert [difference.field for difference in found] == fields


@pytest.mark.parametrize(
    ("digits", "born"),
    [
        ("1173010107110001", (date(1911, 7, 1), date(2011, 7, 1))),
        ("1173012902000001", (date(2000, 2, 29),)),
        ("1173017112260001", (date(1926, 12, 31),)),
        ("1173012311260001", (date(1926, 11, 23), date(2026, 11, 23))),
        ("1173012411260001", (date(1926, 11, 24),)),
        ("1173012311060001", (date(1906, 11, 23), date(2006, 11, 23))),
        ("1173012211060001", (date(2006, 11, 22),)),
    ],
)
def test_birth_dates_are_those_that_came_within_120_years(
    digits: str, born: tuple[date, ...]
) -> None:
    assert Nik(digits).birth_dates(today=TODAY) == born


def test_nik_in_any_text_is_masked() -> None:
    nik = Nik("1173010107900001")
    assert masked(nik.digits) == "1173********0001"
    assert str(nik) == f"{nik}" == "1173********0001"
    assert repr(nik) == "Nik()"
