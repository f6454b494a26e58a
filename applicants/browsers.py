"""Which device a browser runs on, in the few words a person would use for it."""

import re
from enum import StrEnum
from typing import NamedTuple


class DeviceKind(StrEnum):
    PHONE = "phone"
    TABLET = "tablet"
    COMPUTER = "computer"
    UNKNOWN = ""


class Browser(NamedTuple):
    """`name` and `system` as their makers write them; "" where the browser does not say."""

    kind: DeviceKind
    name: str
    system: str


# The first that fits: most browsers also claim to be Chrome or Safari.
NAMES = {
    "Edge": r"Edg(e|A|iOS)?/",
    "Opera": r"OPR/|Opera|OPT/",
    "Samsung Internet": r"SamsungBrowser/",
    "UC Browser": r"UCBrowser/|UCWEB",
    "Firefox": r"Firefox/|FxiOS/",
    "Chrome": r"Chrome/|CriOS/|Chromium/",
    "Safari": r"Safari/",
}
SYSTEMS = {
    "Android": r"Android",
    "iPhone": r"iPhone",
    "iPad": r"iPad",
    "Windows": r"Windows",
    "Mac": r"Mac OS X|Macintosh",
    "ChromeOS": r"CrOS",
    "Linux": r"Linux",
}


def read_browser(user_agent: str) -> Browser:
    system = _first(SYSTEMS, user_agent)
    return Browser(_kind(system, user_agent), _first(NAMES, user_agent), system)


def _first(patterns: dict[str, str], text: str) -> str:
    found = (name for name, pattern in patterns.items() if re.search(pattern, text))
    return next(found, "")


def _kind(system: str, user_agent: str) -> DeviceKind:
    if system == "iPad" or (system == "Android" and "Mobile" not in user_agent):
        return DeviceKind.TABLET
    if system in {"iPhone", "Android"}:
        return DeviceKind.PHONE
    return DeviceKind.COMPUTER if system else DeviceKind.UNKNOWN
