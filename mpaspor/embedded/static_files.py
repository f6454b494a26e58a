"""collectstatic, but only when a file changed."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

from mpaspor.embedded.log import Voice

# Large, and no page of ours asks for them.
UNUSED = ["redoc", "rest_framework"]


def collect(voice: Voice) -> None:
    """Hashing and compressing takes seconds, comparing sizes and times does not."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / "collected"
    now = fingerprint()
    if stamp.exists() and stamp.read_text() == now:
        return
    voice.write("Collecting static files …\n")
    call_command(
        "collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=UNUSED
    )
    stamp.write_text(now)


def fingerprint() -> str:
    seen = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            about = Path(storage.path(name)).stat()
            seen.update(f"{name}:{about.st_size}:{about.st_mtime_ns}\n".encode())
    return seen.hexdigest()
