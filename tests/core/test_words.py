from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import timezone, translation

from mpaspor.core.templatetags.words import (
    clock,
    day,
    duration,
    isoclock,
    isoday,
    left,
    moment,
    number,
    zone_name,
)

AT = datetime(2026, 12, 6, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "zone", "written"),
    [
        ("en", "Asia/Jakarta", "Monday, 7 December 2026, 00:30 WIB"),
        ("en", "Asia/Makassar", "Monday, 7 December 2026, 01:30 WITA"),
        ("en", "Asia/Jayapura", "Monday, 7 December 2026, 02:30 WIT"),
    ],
)
def test_moment_is_said_in_the_zone_of_the_office(language: str, zone: str, written: str) -> None:
    with translation.override(language):
        assert moment(AT, zone) == written


def test_day_is_said_in_the_language_of_the_reader() -> None:
    with translation.override("id"):
        assert day(date(2026, 12, 7)) == "Senin, 7 Desember 2026"
    with translation.override("en"):
        assert isoday("2026-12-07") == "Monday, 7 December 2026"


def test_clock_in_english_has_a_colon() -> None:
    with translation.override("en"):
        assert clock(time(8, 5)) == "08:05"


@pytest.mark.parametrize(("language", "written"), [("id", "08.05"), ("en", "08:05")])
def test_hour_that_travelled_as_text_is_written_as_any_other(language: str, written: str) -> None:
    with translation.override(language):
        assert (isoclock("08:05:00"), isoclock("08:05"), isoclock("")) == (written, written, "")


@pytest.mark.parametrize(("language", "written"), [("id", "1.178"), ("en", "1,178")])
def test_number_is_grouped_as_the_reader_does(language: str, written: str) -> None:
    with translation.override(language):
        assert number(1178) == written


@pytest.mark.parametrize(
    ("minutes", "said"), [(59, "59 minutes left"), (60, "1 h left"), (61, "1 h 1 min left")]
)
def test_left_says_no_minutes_where_there_are_none(minutes: int, said: str) -> None:
    # Half a minute less: it is rounded up.
    until = timezone.now() + timedelta(minutes=minutes, seconds=-30)
    with translation.override("en"):
        assert left(until) == said


def test_zone_name_of_an_unknown_zone_is_the_zone() -> None:
    assert (zone_name("Asia/Makassar"), zone_name("Asia/Tokyo")) == ("WITA", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (1, "1 second"),
        (90, "90 seconds"),
        (91, "2 minutes"),
        (90 * 60, "90 minutes"),
        (90 * 60 + 1, "2 hours"),
        (24 * 3600, "24 hours"),
    ],
)
def test_duration_is_never_said_shorter_than_it_is(seconds: int, said: str) -> None:
    with translation.override("en"):
        assert duration(seconds) == said
