import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mpaspor.core import clock
from mpaspor.core.idempotency import KEPT
from mpaspor.core.rotation import Progress, rotate

# Seconds between two lines of progress.
TICK = 5.0


class Command(BaseCommand):
    help = (
        "Seals all personal data anew with the key SEAL_WITH and indexes them under the keys of "
        "INDEX_KEYS. May run while people work, be stopped and be repeated. Says which keys may "
        "go; exits non-zero if there is something that it could not turn."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        started = shown = time.monotonic()
        columns: dict[str, Progress] = {}
        for progress in rotate():
            columns[str(progress)] = progress
            if time.monotonic() - shown > TICK:
                shown = time.monotonic()
                self.stdout.write(f"{progress}: {progress.done} done, {progress.waiting} to go")
        for name, progress in columns.items():
            self.stdout.write(f"{name}: {progress.done} sealed anew")
        self._conclude(list(columns.values()), time.monotonic() - started)

    def _conclude(self, columns: list[Progress], seconds: float) -> None:
        waiting, broken = (
            sum(column.waiting for column in columns),
            sum(column.broken for column in columns),
        )
        if broken:
            raise CommandError(
                f"{broken} values open under no key in SEAL_KEYS. Bring back the key that is "
                "missing and run this again; drop none."
            )
        if waiting:
            raise CommandError(f"{waiting} values were in use all the time. Run this again.")
        done = sum(column.done for column in columns)
        self.stdout.write(
            f"All is sealed with key {settings.SEAL_WITH}: {done} anew, {seconds:.1f} s."
        )
        for line in _to_drop():
            self.stdout.write(line)


def _to_drop() -> list[str]:
    lines = []
    if old := sorted(set(settings.SEAL_KEYS) - {settings.SEAL_WITH}):
        lines.append(f"SEAL_KEYS: {_named(old)} may go now.")
    if old := sorted(set(settings.INDEX_KEYS) - {settings.INDEX_WITH}):
        # Until then answers to repeated API requests are found by them.
        until = clock.now() + KEPT
        lines.append(
            f"INDEX_KEYS: {_named(old)} may go from {until:%Y-%m-%d %H:%M} UTC on; "
            "run this once more then, and what they made is wiped."
        )
    return lines


def _named(key_ids: list[int]) -> str:
    return "key " + ", ".join(map(str, key_ids))
