"""Finds the browser for the tests; run as a command, it also installs one where none is found."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-liberation")
REMEDY = (
    "No Chromium for the browser tests, and none could be installed. Install the package "
    "`chromium` of your system (Debian: apt-get install chromium fonts-liberation) and try again."
)


def installed() -> str | None:
    """The system's browser; None means the one that Playwright keeps for itself."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def ensure() -> None:
    """Raises SystemExit with what to do when there is no browser and none can be had."""
    if installed() or (can_use_apt() and install_with_apt()) or install_with_playwright():
        return
    sys.exit(REMEDY)


def can_use_apt() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_with_apt() -> bool:
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES]
    return succeeds(["apt-get", "update"]) and succeeds(install) and installed() is not None


def install_with_playwright() -> bool:
    """Does nothing when Playwright has its browser already."""
    return succeeds([sys.executable, "-m", "playwright", "install", "chromium"])


def succeeds(command: Sequence[str]) -> bool:
    print("+", *command, flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=quiet).returncode == 0


if __name__ == "__main__":
    ensure()
