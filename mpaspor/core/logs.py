"""No personal data in logs: what looks like a NIK, a phone or an e-mail address is masked."""

import logging
import re

# With the blanks, dots and dashes that people group their digits by.
NIK = re.compile(r"(?<!\d)(\d{4})(?:[ .-]?\d){8}[ .-]?(\d{4})(?!\d)")
PHONE = re.compile(r"(?<![\w.])(\+?62|0)[ .-]?8(?:[ .-]?\d){7,11}(?!\d)")
EMAIL = re.compile(r"[\w.+-]+@([\w-]+\.[\w.-]+)")


def scrubbed(text: str) -> str:
    text = NIK.sub(r"\1********\2", text)
    text = PHONE.sub(r"\g<1>8********", text)
    return EMAIL.sub(r"***@\1", text)


class Scrub(logging.Filter):
    """Replaces the finished message, so that no handler sees the arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = scrubbed(_message(record)), None
        if record.exc_info:
            # Another handler may have left the traceback here as it was.
            trace = record.exc_text or logging.Formatter().formatException(record.exc_info)
            record.exc_text = scrubbed(trace)
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # a wrong format must not become an error page
        return f"{record.msg} {record.args}"
