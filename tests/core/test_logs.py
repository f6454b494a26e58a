import io
import logging
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings

from mpaspor.core.logs import Scrub, scrubbed

NIK, PHONE, EMAIL = "3273010107900001", "+6281234567890", "siti.rahayu+x@mail.example.test"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the service's own kind of handler writes for the logger `scrubbing`."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(Scrub())
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(handler)
    yield stream
    log.removeHandler(handler)


log = logging.getLogger("scrubbing")
log.propagate = False


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"person {NIK}.", "person 3273********0001."),
        ("NIK 3273.0101.0790 0001", "NIK 3273********0001"),
        (f"({NIK},{NIK})", "(3273********0001,3273********0001)"),
        (PHONE, "+628********"),
        ("call 081234567890 now", "call 08******** now"),
        ("call 0812-3456-7890 or +62 812 3456 7890", "call 08******** or +628********"),
        ("on 2026-11-25 08:30 for 650000", "on 2026-11-25 08:30 for 650000"),
        ("6281234567890", "628********"),
        (f"to {EMAIL}", "to ***@mail.example.test"),
        ("billing code 820261103000417", "billing code 820261103000417"),
        ("17 digits 12345678901234567", "17 digits 12345678901234567"),
        ("appointment ACD3EFG4HJ at 08:00", "appointment ACD3EFG4HJ at 08:00"),
        ("", ""),
    ],
)
def test_scrubbed_masks_what_is_personal_and_nothing_else(text: str, clean: str) -> None:
    assert scrubbed(text) == clean


def test_log_masks_what_comes_in_arguments(written: io.StringIO) -> None:
    log.error("of %s by %s", NIK, {"to": EMAIL})
    assert written.getvalue() == "of 3273********0001 by {'to': '***@mail.example.test'}\n"


def test_log_masks_what_stands_in_a_traceback(written: io.StringIO) -> None:
    try:
        raise ValueError(f"{NIK} {PHONE}")
    except ValueError:
        log.exception("failed")

    lines = written.getvalue().splitlines()
    assert (lines[0], lines[-1]) == ("failed", "ValueError: 3273********0001 +628********")


def test_log_masks_what_stands_in_the_cause_of_a_traceback(written: io.StringIO) -> None:
    try:
        try:
            raise KeyError(NIK)
        except KeyError as cause:
            raise ValueError("outer") from cause
    except ValueError:
        log.warning("failed", exc_info=sys.exc_info())
    assert NIK not in written.getvalue()
    assert "KeyError: '3273********0001'" in written.getvalue()


def test_log_with_a_wrong_format_is_written_and_masked(written: io.StringIO) -> None:
    log.error("%d people", NIK)
    assert written.getvalue() == "%d people ('3273********0001',)\n"


def test_the_handler_of_the_service_scrubs() -> None:
    assert settings.LOGGING["root"] == {"handlers": ["console"], "level": "INFO"}
    assert settings.LOGGING["handlers"] == {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["scrub"],
        }
    }
