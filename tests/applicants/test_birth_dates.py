from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applicants.birth_dates import (
    BirthDateNotPast,
    BirthDateNotValid,
    BirthDateTooOld,
    NoSuchDay,
    YearNeedsFourDigits,
    read_date,
    refuse_impossible,
)


@pytest.mark.parametrize(
    "typed",
    [
        "31-12-1990",
        "31/12/1990",
        "31.12.1990",
        "31 12 1990",
        "31121990",
        " 31 - 12 - 1990 ",
        "1990-12-31",
        "1990/12/31",
        "31 Desember 1990",
        "31 desember 1990",
        "31 Des 1990",
        "31 December 1990",
        "31-Dec-1990",
        "1990 Desember 31",
        "３１－１２－１９９０",
    ],
)
def test_read_date_in_any_usual_writing_is_the_same_day(typed: str) -> None:
    assert read_date(typed) == date(1990, 12, 31)


@pytest.mark.parametrize(
    ("typed", "month"),
    [
        ("1 Januari 1990", 1),
        ("1 Pebruari 1990", 2),
        ("1 Februari 1990", 2),
        ("1 Maret 1990", 3),
        ("1 April 1990", 4),
        ("1 Mei 1990", 5),
        ("1 Juni 1990", 6),
        ("1 Juli 1990", 7),
        ("1 Agustus 1990", 8),
        ("1 Agt 1990", 8),
        ("1 September 1990", 9),
        ("1 Oktober 1990", 10),
        ("1 Nopember 1990", 11),
        ("1 November 1990", 11),
        ("1 Desember 1990", 12),
        ("1-7-1990", 7),
    ],
)
def test_read_date_month_by_name_is_understood(typed: str, month: int) -> None:
    assert read_date(typed) == date(1990, month, 1)


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("", BirthDateNotValid),
        ("kemarin", BirthDateNotValid),
        ("31-12", BirthDateNotValid),
        ("31 12 1990 07", BirthDateNotValid),
        ("31 Foo 1990", BirthDateNotValid),
        ("Desember 31 1990", BirthDateNotValid),
        ("31-12-90", YearNeedsFourDigits),
        ("31-02-1990", NoSuchDay),
        ("29-02-1990", NoSuchDay),
        ("00-01-1990", NoSuchDay),
        ("01-13-1990", NoSuchDay),
        ("01-01-0000", NoSuchDay),
        ("1-1-99999999999999999999", NoSuchDay),
        ("1-" + "9" * 5000 + "-1990", NoSuchDay),
    ],
)
def test_read_date_that_is_none_is_refused(typed: str, refusal: type[BirthDateNotValid]) -> None:
    with pytest.raises(BirthDateNotValid) as no:
        read_date(typed)
    assert type(no.value) is refusal


@given(st.dates(date(1000, 1, 1)), st.sampled_from(["{:%d-%m-%Y}", "{:%Y-%m-%d}", "{:%d %b %Y}"]))
def test_read_date_any_day_is_read_back(day: date, writing: str) -> None:
    assert read_date(writing.format(day)) == day


@given(st.text(max_size=40))
def test_read_date_any_text_is_read_or_refused(text: str) -> None:
    try:
        day = read_date(text)
    except BirthDateNotValid:
        return
    assert read_date(day.isoformat()) == day


def test_refuse_impossible_is_exact_to_the_day() -> None:
    today = date(2024, 2, 29)
    refuse_impossible(date(2024, 2, 28), today=today)
    refuse_impossible(date(1904, 2, 29), today=today)
    with pytest.raises(BirthDateNotPast):
        refuse_impossible(today, today=today)
    with pytest.raises(BirthDateTooOld):
        refuse_impossible(date(1904, 2, 28), today=today)
