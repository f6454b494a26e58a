from datetime import UTC, date, datetime, time

import pytest
from django.utils import translation

from mpaspor.core.templatetags.words import clock, day, duration, isoday, moment, zone_name

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
