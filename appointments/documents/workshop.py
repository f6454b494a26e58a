"""Where files of strangers are opened: a process of its own with little memory and time.

    python -m appointments.documents.workshop SOURCE TARGET MOST_PAGES

It prints one line of JSON: what was written to TARGET, or why nothing was. Whatever a file does to
a decoder, it does it here.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from appointments.documents import images, pdfs
from appointments.documents.sniffing import HEAD, format_of
from appointments.documents.unfit import Unfit

MEGABYTES = 600
SECONDS = 20


def main(source: Path, target: Path, most_pages: int) -> None:
    for limit, most in (
        (resource.RLIMIT_AS, MEGABYTES << 20),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 100 << 20),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    try:
        print(json.dumps(made(source, target, most_pages)))
    except Unfit as no:
        print(json.dumps({"unfit": no.why}))


def made(source: Path, target: Path, most_pages: int) -> dict[str, Any]:
    """Raises Unfit."""
    with source.open("rb") as file:
        format_ = format_of(file.read(HEAD))
    if format_ == "PDF":
        return pdfs.rewrite(source, target, most_pages=most_pages)
    return images.paint(source, target, format_=format_)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
