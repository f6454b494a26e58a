"""Whom the registry knows: everybody, as asked, but for the serials (last four digits) below."""

from collections.abc import Mapping

# What it has instead of what is asked; the rest is as asked.
OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "9001": {"name": "SITI AMINAH"},
    "9002": {"birth_place": "SURABAYA"},
    "9003": {"birth_date": "1990-07-02"},
    "9004": {"sex": "F"},
    "9005": {"name": "SITI AMINAH", "birth_place": "SURABAYA"},
}
VERDICTS: Mapping[str, str] = {
    "9011": "NOT_FOUND",
    "9012": "NOT_ONLINE",
    "9013": "BLOCKED",
}
# About this one the registry always fails.
FAILING = "9014"


def verdict(asked: Mapping[str, str]) -> tuple[str, list[str]]:
    """MATCH, MISMATCH with the names of what differs, or one of VERDICTS."""
    serial = asked["nik"][-4:]
    if serial in VERDICTS:
        return VERDICTS[serial], []
    known = OTHERWISE.get(serial, {})
    differing = [name for name, value in known.items() if plain(value) != plain(asked[name])]
    return ("MISMATCH", differing) if differing else ("MATCH", [])


def plain(text: str) -> str:
    """Capitals and blanks do not matter."""
    return " ".join(text.upper().split())
